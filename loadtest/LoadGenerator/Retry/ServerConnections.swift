// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Transport

/// One thread's connections to its server: which are open, how many calls each has and takes, and
/// when a lost one is opened again.
///
/// closed ──time──▶ connecting ──settings──▶ open; both fall back to closed when the connection goes.
struct ServerConnections: ~Copyable {
    enum Stage: BitwiseCopyable {
        case closed, connecting, open
    }

    struct Entry: BitwiseCopyable {
        var id = ConnectionID(slot: .max, generation: 0)
        var stage = Stage.closed
        /// It was open before: the next time is a reconnection.
        var wasOpen = false
        /// Calls on it, and calls that it takes.
        var inFlight: Int32 = 0
        var room: Int32 = 0
        /// Attempts that failed since it was last open.
        var failures: UInt32 = 0
        /// When a closed one is opened.
        var due: UInt64 = 0
    }

    let count: Int
    private(set) var openCount = 0
    /// Further calls that all open connections take together.
    private(set) var room = 0
    /// Connections that came back after they were open.
    private(set) var reconnects = 0
    /// The earliest opening; `.max` when none is closed.
    private(set) var nextOpening: UInt64 = 0

    private let target: SocketAddress
    private let streams: Int32
    private let seed: UInt64
    /// Nanoseconds between the first openings of two connections.
    private let openingGap: UInt64
    private var hasBegun = false
    private var draws: UInt64 = 0
    private let entries: FixedTable<Entry>
    /// The entry of each of the loop's connections, by the connection's slot.
    private let entryOfSlot: FixedTable<UInt32>
    /// Where the search for room begins.
    private var turn = 0

    init(
        to target: SocketAddress, count: Int, streams: Int, seed: UInt64, openingGap: UInt64 = 0
    ) {
        self.target = target
        self.openingGap = openingGap
        self.count = count
        self.streams = Int32(streams)
        self.seed = seed
        entries = FixedTable(capacity: max(1, count), repeating: Entry())
        entryOfSlot = FixedTable(capacity: Limits.connectionsMax, repeating: .max)
    }

    /// Begins every connection whose time has come.
    mutating func openThoseDue(
        at now: UInt64, on port: inout LoopPort
    ) throws(TransportError) {
        guard nextOpening <= now else { return }
        if !hasBegun {
            hasBegun = true
            for index in 0..<count {
                var entry = entries[index]
                entry.due = now + UInt64(index) * openingGap
                entries[index] = entry
            }
        }
        var next = UInt64.max
        for index in 0..<count where entries[index].stage == .closed {
            guard entries[index].due <= now else {
                next = min(next, entries[index].due)
                continue
            }
            let id = try port.connect(target)
            var entry = entries[index]
            entry.id = id
            entry.stage = .connecting
            entries[index] = entry
            entryOfSlot[Int(id.slot)] = UInt32(index)
        }
        nextOpening = next
    }

    /// The entry of a connection that is ours and not lost yet.
    @inline(__always)
    func entry(of id: ConnectionID) -> Int? {
        guard id.slot < entryOfSlot.capacity else { return nil }
        let index = Int(entryOfSlot[Int(id.slot)])
        guard index < count, entries[index].id == id else { return nil }
        return index
    }

    /// A connection is open; its entry.
    mutating func opened(_ id: ConnectionID) -> Int? {
        guard let index = entry(of: id) else { return nil }
        // In one piece: field by field the 6.3.1 compiler crashes on it under Thread Sanitizer. So it is
        // with every change of a row here.
        var entry = entries[index]
        if entry.wasOpen { reconnects += 1 }
        entry.wasOpen = true
        entry.stage = .open
        entry.inFlight = 0
        entry.room = streams
        entry.failures = 0
        entries[index] = entry
        openCount += 1
        room += Int(streams)
        return index
    }

    /// A connection is gone, or couldn't be made: it is opened again after a pause.
    mutating func lost(_ id: ConnectionID, at now: UInt64) {
        guard let index = entry(of: id) else { return }
        var entry = entries[index]
        if entry.stage == .open {
            openCount -= 1
            room -= Int(entry.room - entry.inFlight)
        }
        draws += 1
        let pause = RetryPolicy.pause(
            afterFailures: entry.failures, draw: Mix.words(seed, draws))
        entry.id = ConnectionID(slot: .max, generation: 0)
        entry.stage = .closed
        entry.failures += 1
        entry.due = now + pause
        entries[index] = entry
        nextOpening = min(nextOpening, entry.due)
    }

    /// The id of an open connection that takes another call.
    @inline(__always)
    func idWithRoom(_ index: Int) -> ConnectionID? {
        let entry = entries[index]
        guard entry.stage == .open, entry.inFlight < entry.room else { return nil }
        return entry.id
    }

    /// An open connection that takes another call, the current one if it does; nil when none does.
    mutating func withRoom() -> Int? {
        guard room > 0 else { return nil }
        for _ in 0..<count {
            if idWithRoom(turn) != nil { return turn }
            rotate()
        }
        return nil
    }

    /// Goes on to the next connection. Once per turn of a loop, not per call: what is due together goes
    /// out in one write.
    mutating func rotate() { turn = turn + 1 < count ? turn + 1 : 0 }

    /// A call was sent.
    @inline(__always)
    mutating func began(_ index: Int) {
        var entry = entries[index]
        entry.inFlight += 1
        entries[index] = entry
        room -= 1
    }

    /// A call has ended in any way.
    @inline(__always)
    mutating func ended(_ index: Int) {
        var entry = entries[index]
        entry.inFlight -= 1
        entries[index] = entry
        room += 1
    }

    /// The connection refused a call that should have had room: the server allows fewer, or is going
    /// away. It takes no more than it has; without any it is closed, and opened anew.
    mutating func refused(_ index: Int, on port: inout LoopPort) {
        var entry = entries[index]
        room -= Int(entry.room - entry.inFlight)
        entry.room = entry.inFlight
        entries[index] = entry
        if entry.inFlight == 0 { port.close(entry.id) }
    }

    /// Closes so many open connections, whatever they have in flight: as a network does that is cut.
    func closeSome(_ number: Int, _ port: inout LoopPort) {
        var left = number
        for index in 0..<count where left > 0 {
            let entry = entries[index]
            guard entry.stage == .open else { continue }
            port.close(entry.id)
            left -= 1
        }
    }
}
