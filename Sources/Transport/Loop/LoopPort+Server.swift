// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answering calls.
extension LoopPort {
    /// Answers a call with a message and `grpc-status` 0.
    ///
    /// The answer leaves in this turn if `sequence` is durable already, or else as soon as it is. A
    /// call that has ended meanwhile is left alone.
    ///
    /// - Parameters:
    ///   - call: from the call's head.
    ///   - message: the protobuf bytes, copied. One that overflowed its writer, or is longer than the
    ///     configured bound, is a fault of ours; the caller gets INTERNAL.
    ///   - trailers: what goes beside the status.
    ///   - sequence: what must be durable first; 0: nothing.
    /// - Complexity: O(message); no allocation while prefix and message fit the call's slot.
    public mutating func reply(
        _ call: CallID, message: borrowing ByteWriter, trailers: ReplyTrailers = ReplyTrailers(),
        after sequence: UInt64
    ) {
        guard let call = deciding(call) else { return }
        guard !message.overflowed, message.count <= shared.value.messageBytesMax,
            let session = call.value.session
        else { return refuseOverflow(call) }
        message.withBytes { session.prepare(call, message: $0, trailers) }
        pass(call, session, after: sequence)
    }

    /// Answers a call with a status that isn't `.ok`: one block of headers and nothing else.
    ///
    /// - Parameters:
    ///   - call: from the call's head.
    ///   - status: the code.
    ///   - text: UTF-8 of `grpc-message`; at most 2 KiB once coded, else it is left out.
    ///   - details: a serialised google.rpc.Status with the same code and text, at most 3.8 KiB, else
    ///     left out; empty: none.
    ///   - trailers: what goes beside them.
    ///   - sequence: what must be durable first; 0: nothing.
    public mutating func refuse(
        _ call: CallID, status: StatusCode, text: borrowing ByteWriter,
        details: borrowing ByteWriter, trailers: ReplyTrailers = ReplyTrailers(),
        after sequence: UInt64
    ) {
        guard let call = deciding(call) else { return }
        guard !text.overflowed, !details.overflowed, let session = call.value.session else {
            return refuseOverflow(call)
        }
        text.withBytes { text in
            details.withBytes { details in
                session.prepare(call, status: status, text: text, details: details, trailers)
            }
        }
        pass(call, session, after: sequence)
    }

    /// Puts a call's answer off: the service gives it in a later turn, by the same id. Until then the
    /// caller's deadline counts as that of a call that hasn't begun, and so does what the transport
    /// gives a request to be read.
    public func deferAnswer(_ call: CallID) { deciding(call)?.value.isDeferred = true }

    /// Lets go at most `Limits.releasesPerTurn` held replies whose sequence is durable.
    mutating func releaseHeld() {
        guard let durable, gate.count > 0 else { return }
        durableSequence = durable.current
        hasLostDurability = durable.hasFailed
        guard !hasLostDurability else { return loseHeld() }
        for _ in 0..<Limits.releasesPerTurn {
            guard let id = gate.release(upTo: durableSequence) else { return }
            guard let call = shared.value.calls.find(id), call.value.phase == .held else {
                continue
            }
            call.value.session?.submitAnswer(call)
        }
    }

    /// Nothing more will become durable: whoever waits learns that the outcome is unknown.
    private mutating func loseHeld() {
        for _ in 0..<Limits.releasesPerTurn {
            guard let entry = gate.releaseFirst() else { return }
            guard let call = shared.value.calls.find(entry.call), call.value.phase == .held else {
                continue
            }
            if entry.sequence <= durableSequence {
                call.value.session?.submitAnswer(call)
            } else {
                call.value.session?.loseHeld(call)
            }
        }
    }

    /// A service returned without an answer: a fault of ours, which the caller learns at once.
    mutating func refuseUnanswered(_ id: CallID) {
        guard let call = deciding(id) else { return }
        refuseFault(call, .unknown, "the service gave no answer")
    }

    @inline(__always)  // as a call it is lent a copy of the port
    private func deciding(_ id: CallID) -> Handle<CallState>? {
        guard let call = shared.value.calls.find(id), call.value.phase == .ready else {
            return nil
        }
        return call
    }

    @inline(__always)
    private mutating func pass(
        _ call: Handle<CallState>, _ session: Handle<SessionState>, after sequence: UInt64
    ) {
        guard sequence > durableSequence else { return session.submitAnswer(call) }
        if hasLostDurability { return session.loseHeld(call) }
        let id = call.value.head.id
        let shared = shared
        call.value.phase = .held
        shared.value.calls.dueTimes.set(Int(id.slot), at: call.value.head.deadline)
        gate.hold(id, until: sequence) {
            shared.value.calls.find($0)?.value.phase == .held
        }
    }

    private func refuseOverflow(_ call: Handle<CallState>) {
        refuseFault(call, .internal, "the answer doesn't fit its buffer")
    }

    private func refuseFault(
        _ call: Handle<CallState>, _ status: StatusCode, _ text: StaticString
    ) {
        let text = ConstantText(text)
        // SAFETY: a literal's bytes.
        let bytes = unsafe Span(_unsafeStart: text.start, count: text.count)
        call.value.session?.prepare(
            call, status: status, text: bytes, details: bytes.extracting(0..<0), ReplyTrailers())
        call.value.session?.submitAnswer(call)
    }
}
