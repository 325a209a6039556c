// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Where the elements of a repeated field lie within a list that the caller owns.
public struct ListRange: Hashable, Sendable, BitwiseCopyable {
    /// Index of the first element.
    public var start: UInt32
    /// Number of elements.
    public var count: UInt32

    /// No elements: what an absent field has.
    public static var empty: ListRange { ListRange(start: 0, count: 0) }

    /// Makes a range from its first element and its length.
    public init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// Makes a range from indices of a list.
    public init(_ indices: Range<Int>) {
        self.init(start: UInt32(indices.lowerBound), count: UInt32(indices.count))
    }

    /// The range as indices of a list.
    public var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }

    /// Adds `element` to the end of `list` and to this range; false when the list is full.
    mutating func append<Element>(_ element: Element, to list: inout FixedList<Element>) -> Bool {
        let index = UInt32(list.count)
        guard list.append(element) else { return false }
        if count == 0 { start = index }
        // A message is read to its end before the next, so nobody else's elements lie between.
        precondition(start + count == index)
        count += 1
        return true
    }
}
