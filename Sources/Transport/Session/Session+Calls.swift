// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives
internal import Wire

/// The session's open calls.
extension Handle<SessionState> {
    /// The call on a stream; nil when the stream has none (any more).
    @inline(__always)
    func call(on stream: Int32) -> Handle<CallState>? {
        if stream == value.recentStream, let recent = value.recentCall { return recent }
        guard let data = unsafe nghttp2_session_get_stream_user_data(engine, stream) else {
            return nil
        }
        // SAFETY: only calls of the slab are ever set, and unset before their slot is freed: a stream
        // is closed before its call is.
        let found = unsafe Handle<CallState>(data.assumingMemoryBound(to: CallState.self))
        value.recentStream = stream
        value.recentCall = found
        return found
    }

    /// Takes a slot for a call and puts it into the session's list; nil when the loop has none left.
    func openCall(phase: CallPhase) -> Handle<CallState>? {
        guard let call = value.shared.value.calls.open(on: self, phase: phase) else { return nil }
        call.value.previous = nil
        call.value.next = value.firstCall
        value.firstCall?.value.previous = call
        value.firstCall = call
        value.openCalls += 1
        return call
    }

    /// Takes a call out of the session's list and frees its slot.
    func closeCall(_ call: Handle<CallState>) {
        switch call.value.phase {
        case .receiving, .ready, .held: value.shared.value.tally.handled(call, .cancelled)
        case .free, .heading, .answering, .waiting, .complete: break
        }
        let previous = call.value.previous
        let next = call.value.next
        if let previous { previous.value.next = next } else { value.firstCall = next }
        next?.value.previous = previous
        value.openCalls -= 1
        if let recent = value.recentCall, recent == call {
            value.recentCall = nil
            value.recentStream = 0
        }
        if let heading = value.headingCall, heading == call { value.headingCall = nil }
        value.shared.value.calls.close(call)
    }

    /// Tells the service of the call's end, as soon as the loop comes by.
    func reportEnd(_ call: Handle<CallState>, _ status: StatusCode) {
        var head = call.value.head
        head.status = status
        if !value.shared.value.ended.append(head) { note(.tooManyEvents) }
    }

    /// The connection is gone: every call on it ends now.
    func abandonCalls() {
        while let call = value.firstCall {
            switch call.value.phase {
            case .held, .waiting, .complete: reportEnd(call, .unavailable)
            case .free, .heading, .receiving, .ready, .answering: break
            }
            closeCall(call)
        }
    }

    /// The peer has taken its answers: calls that waited for that go to the service, oldest first.
    func readmitBacklog() {
        value.hasBacklog = false
        guard var call = value.firstCall else { return }
        while let older = call.value.next { call = older }
        var next: Handle<CallState>? = call
        while let call = next {
            next = call.value.previous
            guard call.value.phase == .ready, !call.value.isDeferred else { continue }
            guard value.shared.value.ready.append(call.value.head.id) else {
                // The list is full of others: the rest comes in the next turn.
                value.hasBacklog = true
                return markDirty()
            }
        }
    }

    /// Remembers the first reason to close the connection.
    func note(_ fault: SessionFault?) {
        guard let fault, value.fault == nil else { return }
        value.fault = fault
    }
}
