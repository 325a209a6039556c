// SPDX-License-Identifier: Apache-2.0

/// Where a row comes in its table's order: up to three numbers, null after all others, and a text,
/// byte by byte.
struct TableKey: Comparable {
    private var isNull: Bool
    private var first: Int64
    private var second: Int64
    private var third: Int64
    private var text: String

    init(_ first: Int64?, _ second: Int64? = 0, _ third: Int64? = 0, text: String = "") {
        isNull = first == nil
        self.first = first ?? 0
        // Parts of a primary key: they are there.
        self.second = second ?? .max
        self.third = third ?? .max
        self.text = text
    }

    // Swift's own `==` of texts takes some different letters for the same.
    static func == (left: TableKey, right: TableKey) -> Bool { !(left < right || right < left) }

    static func < (left: TableKey, right: TableKey) -> Bool {
        if left.isNull != right.isNull { return right.isNull }
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        if left.third != right.third { return left.third < right.third }
        return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
