// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Synchronization

/// Segments that were zeroed and flushed ahead, in order: the preparing thread adds, the committing
/// thread takes. Bounded by what is kept ready and what an earlier server left.
final class ReadySegments: Sendable {
    private let waiting: Mutex<[SegmentListing]>
    /// Wakes the preparing thread.
    let wanted = Doze()
    /// Wakes the committing thread, which waits for one.
    let arrived: @Sendable () -> Void

    init(_ listings: [SegmentListing], arrived: @escaping @Sendable () -> Void) {
        waiting = Mutex(listings)
        self.arrived = arrived
    }

    var count: Int { waiting.withLock { $0.count } }

    /// The segment after `number`, if it is ready.
    func take(after number: UInt64) -> SegmentListing? {
        let taken = waiting.withLock { waiting in
            waiting.first?.number == number + 1 ? waiting.removeFirst() : nil
        }
        if taken != nil { wanted.rouse() }
        return taken
    }

    func add(_ listing: SegmentListing) {
        waiting.withLock { $0.append(listing) }
        arrived()
    }
}
