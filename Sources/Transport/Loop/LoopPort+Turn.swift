// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Primitives

/// What a turn needs of the port beside input and output.
extension LoopPort {
    /// The events that are there already.
    mutating func pollForEvents() -> Int { poller.wait(nanoseconds: 0) }

    /// Waits for events, but not longer than a timer or the service allow.
    mutating func waitForEvents(serviceWake: UInt64) -> Int {
        var timeout = nanoseconds(until: min(serviceWake, nextTimer))
        guard let durable, let first = gate.firstSequence else {
            return poller.wait(nanoseconds: timeout)
        }
        control.announceWait(for: first)
        if durable.current >= first || durable.hasFailed { timeout = 0 }
        let events = poller.wait(nanoseconds: timeout)
        control.withdrawWait()
        return events
    }

    /// Times the answers of this turn to messages of this turn: one look at the clock for all.
    func timeAnswers() {
        let shared = shared
        guard shared.value.answeredAtOnce > 0 else { return }
        shared.value.answeredAtOnce = 0
        shared.value.tally.timeAnswers(stockade_monotonic_nanoseconds() &- shared.value.now)
    }

    /// True when held replies became durable since the last look: their clients needn't wait for the
    /// end of a long turn.
    var hasNewsOfDisk: Bool {
        guard let durable, let first = gate.firstSequence else { return false }
        return first <= durable.current
    }

    /// True while the service has something to hear.
    var hasDeliveries: Bool {
        !shared.value.ready.isEmpty || !shared.value.ended.isEmpty || !news.isEmpty
    }

    /// The call whose message the service gets next; nil when it has ended since, or must wait until
    /// its peer has taken more of the answers that are there.
    @inline(__always)
    func beginReceive(_ id: CallID) -> Handle<CallState>? {
        guard let call = shared.value.calls.find(id) else { return nil }
        if call.value.phase == .complete { return call }
        guard call.value.phase == .ready, let session = call.value.session else { return nil }
        if session.value.replyBytes < Limits.writeHighWaterBytes { return call }
        session.value.hasBacklog = true
        return nil
    }

    /// The service has seen the message.
    @inline(__always)
    mutating func endReceive(_ id: CallID) {
        guard let call = shared.value.calls.find(id) else { return }
        if call.value.phase == .complete { call.value.session?.closeCall(call) }
        if call.value.phase == .ready, !call.value.isDeferred { refuseUnanswered(id) }
    }

    /// Nanoseconds for the poller. Counted from now and not from the turn's begin: a turn may take
    /// longer than a pace of some microseconds allows.
    private func nanoseconds(until due: UInt64) -> Int64 {
        guard due != .max else { return -1 }
        let now = stockade_monotonic_nanoseconds()
        return due > now ? Int64(clamping: due - now) : 0
    }
}
