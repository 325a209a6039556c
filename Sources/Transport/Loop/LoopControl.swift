// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Synchronization

/// What other threads may do to a loop. Made before the loop; may outlive it.
public final class LoopControl: Sendable {
    private enum Wish: UInt8 {
        case run, drain, stop
    }

    private let wakeSignal: WakeSignal
    private let wish = Atomic<UInt8>(Wish.run.rawValue)
    private let connections = Atomic<Int>(0)
    /// Sockets that the accepting loop gave to this one; at most `Limits.handedOverMax`.
    private let handedOver = Mutex<[Int32]>([])
    /// The sequence that the loop sleeps for; `.max`: it doesn't.
    private let waitedSequence = Atomic<UInt64>(.max)

    /// Makes the loop's wake descriptor.
    ///
    /// - Throws: `TransportError` with `.createWake`.
    public init() throws(TransportError) {
        wakeSignal = try WakeSignal()
    }

    deinit {
        handedOver.withLock { for descriptor in $0 { stockade_close(descriptor) } }
    }

    /// Connections that the loop has, or is about to have.
    public var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// Makes the loop begin a turn. One system call; any thread.
    public func wake() { wakeSignal.signal() }

    /// Asks the loop to take no more connections, to end those it has without losing a call, and to
    /// return from `run`.
    public func beginDrain() { ask(.drain) }

    /// Asks the loop to close everything and to return from `run`.
    public func stop() { ask(.stop) }

    private func ask(_ next: Wish) {
        wish.max(next.rawValue, ordering: .relaxed)
        wake()
    }

    // MARK: The loop's side

    var isDraining: Bool { wish.load(ordering: .relaxed) >= Wish.drain.rawValue }
    var isStopped: Bool { wish.load(ordering: .relaxed) == Wish.stop.rawValue }
    var wakeDescriptor: Int32 { wakeSignal.descriptor }
    func clearWake() { wakeSignal.clear() }

    /// A connection more (or, negative, less).
    func countConnections(_ change: Int) {
        connections.add(change, ordering: .relaxed)
    }

    /// Gives an accepted socket to this loop; false when too many wait already.
    func handOver(_ descriptor: Int32) -> Bool {
        let isTaken = handedOver.withLock { waiting in
            guard waiting.count < Limits.handedOverMax else { return false }
            waiting.append(descriptor)
            return true
        }
        if isTaken { wake() }
        return isTaken
    }

    /// The sockets that were given to this loop.
    func takeHandedOver() -> [Int32] {
        handedOver.withLock { waiting in
            let taken = waiting
            waiting.removeAll()
            return taken
        }
    }

    // The loop announces and then looks at the durable sequence again; the other side advances it and
    // then looks for an announcement. In one order of all four (sequentially consistent), one of them
    // sees the other, so no wake is lost.

    /// The loop is about to sleep with replies that wait for `sequence`.
    func announceWait(for sequence: UInt64) {
        waitedSequence.store(sequence, ordering: .sequentiallyConsistent)
    }

    /// The loop is awake.
    func withdrawWait() {
        waitedSequence.store(.max, ordering: .relaxed)
    }

    /// `sequence` is durable: wakes the loop if it sleeps for that or less.
    func wakeIfWaiting(for sequence: UInt64) {
        guard waitedSequence.load(ordering: .sequentiallyConsistent) <= sequence else { return }
        if waitedSequence.exchange(.max, ordering: .relaxed) != .max { wake() }
    }
}
