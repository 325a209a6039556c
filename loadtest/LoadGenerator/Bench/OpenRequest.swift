// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// A request that was sent and has no final answer yet.
struct OpenRequest: BitwiseCopyable {
    /// Its number in the run, over all threads: its id and its SKU follow from that.
    var number: UInt64
    /// When it was to be sent, in monotonic nanoseconds: closed loop, when it was.
    var due: UInt64
    /// When it was sent first.
    var firstSent: UInt64
    var sku: UInt32
    /// How often it was sent.
    var attempts: UInt32
    /// Why the last attempt ended that did.
    var lastStatus = StatusCode.unknown
}

/// The requests that are open, each in a slot whose number travels with its calls.
struct OpenRequests: ~Copyable {
    let rows: FixedTable<OpenRequest>
    private var free: FixedList<UInt32>

    init(capacity: Int) {
        rows = FixedTable(
            capacity: capacity,
            repeating: OpenRequest(number: 0, due: 0, firstSent: 0, sku: 0, attempts: 0))
        free = FixedList(capacity: capacity)
        for slot in stride(from: capacity - 1, through: 0, by: -1) { free.append(UInt32(slot)) }
    }

    /// Requests that are open.
    var count: Int { rows.capacity - free.count }

    /// True when another one has room.
    var hasRoom: Bool { !free.isEmpty }

    /// Takes a slot; the caller has looked that there is one.
    @inline(__always)
    mutating func begin(_ request: OpenRequest) -> UInt32 {
        let slot = free[free.count - 1]
        free.truncate(to: free.count - 1)
        rows[Int(slot)] = request
        return slot
    }

    /// Gives a slot back: the request has its answer. Returns what it was.
    @inline(__always)
    mutating func end(_ slot: UInt32) -> OpenRequest {
        let request = rows[Int(slot)]
        rows[Int(slot)].attempts = 0
        free.append(slot)
        return request
    }
}
