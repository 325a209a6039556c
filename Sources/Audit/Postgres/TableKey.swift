// SPDX-License-Identifier: Apache-2.0

/// Where a row comes in its table's order: up to three numbers, null after all others.
struct TableKey: Comparable {
    private var isNull: Bool
    private var first: Int64
    private var second: Int64
    private var third: Int64

    init(_ first: Int64?, _ second: Int64? = 0, _ third: Int64? = 0) {
        isNull = first == nil
        self.first = first ?? 0
        // Parts of a primary key: they are there.
        self.second = second ?? .max
        self.third = third ?? .max
    }

    static func < (left: TableKey, right: TableKey) -> Bool {
        if left.isNull != right.isNull { return right.isNull }
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        return left.third < right.third
    }
}
