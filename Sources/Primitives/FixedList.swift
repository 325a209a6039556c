// SPDX-License-Identifier: Apache-2.0

/// A list with a bound that it never grows beyond, allocated once.
///
/// For what one call may hold at most (its lines, its legs) so that a call allocates nothing.
/// Not thread-safe; each loop has its own.
@safe public struct FixedList<Element: BitwiseCopyable>: ~Copyable {
    private let storage: UnsafeMutablePointer<Element>
    /// Elements that fit.
    public let capacity: Int
    /// Elements in the list.
    public private(set) var count = 0

    /// Allocates room for `capacity` elements; the only allocation in the list's life.
    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe storage = .allocate(capacity: capacity)
    }

    deinit { unsafe storage.deallocate() }

    /// True when nothing is in the list.
    public var isEmpty: Bool { count == 0 }

    /// Reads or overwrites an element.
    public subscript(_ index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            // SAFETY: elements below count were written by append.
            return unsafe storage[index]
        }
        set {
            precondition(index >= 0 && index < count)
            // SAFETY: index < count <= capacity.
            unsafe storage[index] = newValue
        }
    }

    /// Adds `element` at the end; false, and nothing changed, when the list is full.
    @discardableResult
    public mutating func append(_ element: Element) -> Bool {
        guard count < capacity else { return false }
        // SAFETY: count < capacity; the type is trivial, so assignment initialises.
        unsafe storage.advanced(by: count).initialize(to: element)
        count += 1
        return true
    }

    /// Forgets the elements at and after `length`.
    public mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count)
        count = length
    }

    /// Empties the list.
    public mutating func removeAll() {
        count = 0
    }

    /// Sorts the elements in place, equal ones in any order; O(n log n), no allocation. Insertion for
    /// the short lists of most calls, a heap for others. Inlined, so that the order is no call.
    @inline(__always)
    public mutating func sort(by areInIncreasingOrder: (Element, Element) -> Bool) {
        if count <= 16 {
            for next in Swift.stride(from: 1, to: count, by: 1) {
                let element = self[next]
                var slot = next
                while slot > 0, areInIncreasingOrder(element, self[slot - 1]) {
                    self[slot] = self[slot - 1]
                    slot -= 1
                }
                self[slot] = element
            }
            return
        }
        for root in Swift.stride(from: count / 2 - 1, through: 0, by: -1) {
            siftDown(root, below: count, areInIncreasingOrder)
        }
        for end in Swift.stride(from: count - 1, to: 0, by: -1) {
            let largest = self[0]
            self[0] = self[end]
            self[end] = largest
            siftDown(0, below: end, areInIncreasingOrder)
        }
    }

    /// Moves the element at `root` down to where the heap of the elements below `end` wants it.
    @inline(__always)
    private mutating func siftDown(
        _ root: Int, below end: Int, _ areInIncreasingOrder: (Element, Element) -> Bool
    ) {
        let element = self[root]
        var slot = root
        while true {
            var child = 2 * slot + 1
            guard child < end else { break }
            if child + 1 < end, areInIncreasingOrder(self[child], self[child + 1]) { child += 1 }
            guard areInIncreasingOrder(element, self[child]) else { break }
            self[slot] = self[child]
            slot = child
        }
        self[slot] = element
    }
}
