// SPDX-License-Identifier: Apache-2.0

/// First in, first out: what has ended waits here for the end of its retention.
struct WaitingQueue<Element> {
    private var elements: [Element] = []
    private var head = 0

    /// The one that waits longest.
    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() {
        head += 1
        // The front is given back when it is half of the list: each element moves once on average.
        if head > 1_024, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
    }
}
