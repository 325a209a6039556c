// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives
internal import Wire

/// A server's side of an answer: what a service or Transport says becomes frames.
extension Handle<SessionState> {
    /// Puts a message where the request was, to be sent now or held.
    @inline(__always)
    func prepare(
        _ call: Handle<CallState>, message: Span<UInt8>, _ trailers: ReplyTrailers
    ) {
        dropRequest(of: call)
        call.value.buffer.setMessage(message)
        call.value.answer = .message(trailers)
        value.replyBytes += call.value.buffer.count
    }

    /// Puts a refusal's texts, coded, where the request was, to be sent now or held.
    ///
    /// A text that is too long for the trailers that clients accept is left out with its details, and
    /// so are details that are too long: the status always goes.
    func prepare(
        _ call: Handle<CallState>, status: StatusCode, text: Span<UInt8>, details: Span<UInt8>,
        _ trailers: ReplyTrailers
    ) {
        dropRequest(of: call)
        let shared = value.shared
        shared.value.scratch.removeAll()
        shared.value.scratch.appendPercentEncoded(text)
        var textBytes = shared.value.scratch.count
        if shared.value.scratch.overflowed || textBytes > Limits.statusTextBytesMax {
            shared.value.scratch.removeAll()
            textBytes = 0
        } else if (details.count + 2) / 3 * 4 <= Limits.statusDetailsBytesMax {
            shared.value.scratch.appendBase64(details)
        }
        call.value.buffer.reserve(shared.value.scratch.count)
        shared.value.scratch.withBytes { call.value.buffer.append($0) }
        call.value.answer = .refusal(status, textBytes: textBytes, trailers)
        value.replyBytes += call.value.buffer.count
    }

    /// Gives a prepared answer to nghttp2.
    @inline(__always)
    func submitAnswer(_ call: Handle<CallState>) {
        beginSending(call)
        let fields = value.shared
        switch call.value.answer {
        case .message:
            meter(call, .ok)
            unsafe submitResponse(
                call, fields.value.fields.responseHead, HeaderFields.responseHeadCount, .body)
        case .refusal(let status, let textBytes, let trailers):
            meter(call, status)
            call.value.buffer.withBytes(from: 0) { bytes in
                let (head, count) = unsafe fields.value.fields.trailersOnly(
                    status, text: bytes.extracting(0..<textBytes),
                    details: bytes.extracting(textBytes..<bytes.count), trailers)
                unsafe submitResponse(call, head, count, .noBody)
            }
            dropAnswer(of: call)
        case .none, .plainText:
            preconditionFailure("only a prepared answer is submitted")
        }
    }

    /// Refuses a call for a reason of Transport's own. Nothing of it reaches a service.
    func refuse(_ call: Handle<CallState>, _ refusal: CallRefusal) {
        dropRequest(of: call)
        beginSending(call)
        let shared = value.shared
        shared.value.tally.handled(call, refusal.status)
        if refusal == .expired {
            shared.value.tally.count(MeterLayout.expired)
            shared.value.expired.lend { text, details in
                let (head, count) = unsafe shared.value.fields.trailersOnly(
                    refusal.status, text: text, details: details, ReplyTrailers())
                unsafe submitResponse(call, head, count, .noBody)
            }
            return
        }
        let (head, count) = unsafe shared.value.fields.refusal(refusal)
        // A gRPC client takes no body with such a status; a browser wants something to show.
        guard refusal.httpStatus != nil, !call.value.marks.contains(.grpcContent) else {
            return unsafe submitResponse(call, head, count, .noBody)
        }
        let text = ConstantText(refusal.text)
        // SAFETY: a literal's bytes.
        unsafe call.value.buffer.append(Span(_unsafeStart: text.start, count: text.count))
        call.value.answer = .plainText
        value.replyBytes += text.count
        unsafe submitResponse(call, head, count, .body)
    }

    /// The deadline of a held call passed: what was decided stays decided, the caller only isn't told.
    func expireHeld(_ call: Handle<CallState>) {
        let shared = value.shared
        shared.value.tally.count(MeterLayout.expiredWhileHeld)
        replaceHeld(call, .deadlineExceeded, shared.value.expiredWhileHeld)
    }

    /// The disk failed under a held call: whether what was decided stays is unknown.
    func loseHeld(_ call: Handle<CallState>) {
        let shared = value.shared
        shared.value.tally.count(MeterLayout.lostWhileHeld)
        replaceHeld(call, .unavailable, shared.value.lostWhileHeld)
    }

    private func replaceHeld(
        _ call: Handle<CallState>, _ status: StatusCode, _ refusal: borrowing EncodedRefusal
    ) {
        dropAnswer(of: call)
        beginSending(call)
        meter(call, status)
        let shared = value.shared
        refusal.lend { text, details in
            let (head, count) = unsafe shared.value.fields.trailersOnly(
                status, text: text, details: details, ReplyTrailers())
            unsafe submitResponse(call, head, count, .noBody)
        }
    }

    /// Copies the next piece of an answer to nghttp2's frame.
    @inline(__always)
    func fill(
        _ target: UnsafeMutablePointer<UInt8>, _ room: Int, call: Handle<CallState>,
        on stream: Int32
    ) -> (Int, BodyEnd) {
        let first = call.value.sentBytes
        let count = min(room, call.value.buffer.count - first)
        unsafe call.value.buffer.copy(first..<first + count, to: target)
        call.value.sentBytes = first + count
        value.replyBytes -= count
        value.defence.sentData()
        guard first + count == call.value.buffer.count else { return (count, .moreFollows) }
        guard case .message(let more) = call.value.answer else { return (count, .streamEnds) }
        let shared = value.shared
        if more.isPlain {
            _ = unsafe nghttp2_submit_trailer(
                engine, stream, shared.value.fields.status(.ok), 1)
        } else {
            let (trailers, trailerCount) = unsafe shared.value.fields.trailers(.ok, more)
            _ = unsafe nghttp2_submit_trailer(engine, stream, trailers, trailerCount)
        }
        return (count, .trailersFollow)
    }

    /// A frame of ours has left nghttp2.
    @inline(__always)
    func serverSent(_ frame: FrameHead) {
        if frame.kind == .reset, frame.errorCode != NGHTTP2_NO_ERROR.rawValue,
            frame.errorCode != NGHTTP2_REFUSED_STREAM.rawValue
        {
            note(value.defence.sentFaultReset(at: value.shared.value.now))
        }
        if frame.kind == .goAway { probeDrain() }
        // An answer before the request's end: the peer is told to stop sending (RFC 9113 section 8.1).
        guard value.earlyAnswers > 0, frame.endsStream, let call = call(on: frame.stream),
            !call.value.marks.contains(.peerEnded)
        else { return }
        reset(frame.stream, NGHTTP2_NO_ERROR)
    }

    /// Counts an answer to a whole message. One of the same turn is timed when the turn ends.
    @inline(__always)
    private func meter(_ call: Handle<CallState>, _ status: StatusCode) {
        let shared = value.shared
        let method = Int(call.value.head.method)
        shared.value.tally.handled(call, status)
        if call.value.writtenAt == shared.value.now {
            shared.value.tally.answeredAtOnce(method)
            shared.value.answeredAtOnce += 1
        } else {
            shared.value.tally.took(shared.value.now &- call.value.writtenAt, method: method)
        }
    }

    private enum Body { case body, noBody }

    private func submitResponse(
        _ call: Handle<CallState>, _ fields: UnsafeMutablePointer<nghttp2_nv>, _ count: Int,
        _ body: Body
    ) {
        let stream = call.value.streamID
        var code: Int32
        switch body {
        case .noBody:
            code = unsafe nghttp2_submit_response(engine, stream, fields, count, nil)
        case .body:
            // SAFETY: the slot isn't freed before the stream is closed, and then nghttp2 forgets the
            // provider.
            var provider = unsafe nghttp2_data_provider(
                source: nghttp2_data_source(ptr: call.raw), read_callback: readAnswer)
            code = unsafe nghttp2_submit_response(engine, stream, fields, count, &provider)
            if call.value.buffer.count > Limits.framePayloadBytes { shareBandwidth(stream) }
        }
        if code != 0 { reset(stream, NGHTTP2_INTERNAL_ERROR) }
        markDirty()
    }

    /// An answer of several frames takes turns with others instead of going first to its end, which
    /// is RFC 9218's default.
    private func shareBandwidth(_ stream: Int32) {
        var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
        _ = unsafe nghttp2_session_change_extpri_stream_priority(engine, stream, &priority, 1)
    }

    @inline(__always)
    private func beginSending(_ call: Handle<CallState>) {
        call.value.phase = .answering
        if !call.value.marks.contains(.peerEnded) { value.earlyAnswers += 1 }
        value.shared.value.calls.dueTimes.set(
            Int(call.value.head.id.slot),
            at: value.shared.value.now &+ Limits.writeStallNanoseconds)
    }

    @inline(__always)
    private func dropRequest(of call: Handle<CallState>) {
        value.requestHeapBytes -= call.value.buffer.heapBytes
        call.value.buffer.reset()
    }

    private func dropAnswer(of call: Handle<CallState>) {
        value.replyBytes -= call.value.buffer.count
        call.value.buffer.reset()
    }
}
