// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives
internal import Wire

/// What happens because time has passed.
extension LoopPort {
    /// Lets the timers of calls and connections fire.
    mutating func expire() {
        let shared = shared
        shared.value.calls.dueTimes.takeDue(at: now.monotonicNanoseconds, into: &due)
        for index in 0..<due.count {
            if let call = shared.value.calls.find(slot: due[index]) { expire(call) }
        }
        due.removeAll()
        connections.dueTimes.takeDue(at: now.monotonicNanoseconds, into: &due)
        for index in 0..<due.count {
            if let connection = connections.find(slot: Int(due[index])) { expire(connection) }
        }
        due.removeAll()
        resumeAccepting()
    }

    /// The earliest time at which something may happen by itself.
    var nextTimer: UInt64 {
        var next = min(shared.value.calls.dueTimes.earliest, connections.dueTimes.earliest)
        if let acceptPauseEnd { next = min(next, acceptPauseEnd) }
        if let drainEnd { next = min(next, drainEnd) }
        return next
    }

    /// Sets the connection's timer to what runs out next.
    mutating func updateTimer(of connection: Handle<Connection>) {
        let slot = Int(connection.value.id.slot)
        if let (_, due) = connection.value.nextTimer {
            connections.dueTimes.set(slot, at: due)
        } else {
            connections.dueTimes.clear(slot)
        }
    }

    private mutating func expire(_ call: Handle<CallState>) {
        guard let session = call.value.session else { return }
        switch call.value.phase {
        case .heading:
            // The connection's own timer for header blocks comes first; this is the last resort.
            session.reset(call.value.streamID, NGHTTP2_CANCEL)
        case .receiving:
            let isDeadline = call.value.head.deadline <= now.monotonicNanoseconds
            session.refuse(call, isDeadline ? .expired : .requestTooSlow)
        case .held:
            session.expireHeld(call)
        case .answering:
            // The peer gives the stream no window, or its connection takes no bytes.
            session.reset(call.value.streamID, NGHTTP2_CANCEL)
        case .waiting:
            session.abandon(call, .deadlineExceeded)
        case .ready:
            // It waits because the peer doesn't take its answers.
            let isDeadline = call.value.head.deadline <= now.monotonicNanoseconds
            session.refuse(call, isDeadline ? .expired : .answersUnread)
        case .free, .complete:
            break
        }
    }

    private mutating func expire(_ connection: Handle<Connection>) {
        guard let (timer, due) = connection.value.nextTimer else { return }
        guard due <= now.monotonicNanoseconds else { return updateTimer(of: connection) }
        switch timer {
        case .preface, .headerBlock, .writeStall, .linger:
            if timer != .linger { connection.value.end = .timeout }
            remove(connection)
        case .drainNotice:
            connection.value.session.handle.finishDrain()
            updateTimer(of: connection)
        }
    }
}
