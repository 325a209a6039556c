// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Waits for sockets to be readable or writable: an epoll instance, level-triggered.
@safe struct Poller: ~Copyable {
    /// What a descriptor is watched for.
    enum Interest: Equatable {
        case reading, writing, both, nothing

        init(reading: Bool, writing: Bool) {
            self =
                reading ? (writing ? .both : .reading) : (writing ? .writing : .nothing)
        }

        fileprivate var mask: UInt32 {
            let reading = UInt32(STOCKADE_READABLE)
            let writing = UInt32(STOCKADE_WRITABLE)
            return switch self {
            case .reading: reading
            case .writing: writing
            case .both: reading | writing
            case .nothing: 0
            }
        }
    }

    /// Something happened to a descriptor.
    struct Event {
        /// The number it was added with.
        let key: UInt64
        let isReadable: Bool
        let isWritable: Bool
        /// Ended or failed; reading says how.
        let isBroken: Bool
    }

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(TransportError) {
        descriptor = stockade_epoll_create()
        guard descriptor >= 0 else { throw .fromSystem(.createPoller) }
        unsafe events = .allocate(capacity: Limits.eventsPerTurn)
        unsafe events.initialize(repeating: epoll_event(), count: Limits.eventsPerTurn)
    }

    deinit {
        unsafe events.deallocate()
        stockade_close(descriptor)
    }

    /// Watches a descriptor; false when the kernel has no memory for it.
    func add(_ watched: Int32, _ interest: Interest, key: UInt64) -> Bool {
        stockade_epoll_add(descriptor, watched, interest.mask, key) == 0
    }

    /// Changes what a descriptor is watched for.
    func change(_ watched: Int32, _ interest: Interest, key: UInt64) {
        _ = stockade_epoll_change(descriptor, watched, interest.mask, key)
    }

    /// Watches a descriptor no more. Closing it does the same.
    func remove(_ watched: Int32) {
        _ = stockade_epoll_remove(descriptor, watched)
    }

    /// Waits until something happens, or `nanoseconds` have passed; -1: for ever.
    ///
    /// - Returns: how many events `event(at:)` has.
    func wait(nanoseconds: Int64) -> Int {
        // SAFETY: the kernel writes at most so many events.
        let count = unsafe stockade_epoll_wait(
            descriptor, events, Int32(Limits.eventsPerTurn), nanoseconds)
        // Interrupted by a signal: as if nothing had happened.
        return max(0, Int(count))
    }

    /// An event of the latest wait.
    func event(at index: Int) -> Event {
        precondition(index >= 0 && index < Limits.eventsPerTurn)
        let event = unsafe events[index]
        return unsafe Event(
            key: event.data.u64,
            isReadable: event.events & UInt32(STOCKADE_READABLE) != 0,
            isWritable: event.events & UInt32(STOCKADE_WRITABLE) != 0,
            isBroken: event.events & UInt32(STOCKADE_BROKEN) != 0)
    }
}
