// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives
internal import Wire

/// A client's side of its calls: a request out, an answer or a failure in.
extension Handle<SessionState> {
    /// Queues a unary call.
    ///
    /// - Parameters:
    ///   - method: index into the configured methods.
    ///   - message: the protobuf bytes, copied.
    ///   - timeout: sent as `grpc-timeout` and kept as our own deadline.
    ///   - tag: comes back with the answer.
    /// - Returns: nil when the connection takes no call now.
    func submit(
        method: UInt16, message: Span<UInt8>, timeout: CallTimeout?, tag: UInt64
    ) -> CallID? {
        guard value.isEstablished, !value.isGoingAway, value.fault == nil,
            value.openCalls < value.remoteCallsMax, let call = openCall(phase: .waiting)
        else { return nil }
        let shared = value.shared
        call.value.head.method = method
        call.value.head.status = .unknown
        call.value.head.tag = tag
        call.value.buffer.setMessage(message)
        shared.value.scratch.removeAll()
        if let timeout {
            timeout.encode(into: &shared.value.scratch)
            let (deadline, overflow) = shared.value.now.addingReportingOverflow(
                timeout.nanoseconds)
            call.value.head.deadline = overflow ? .max : deadline
            shared.value.calls.dueTimes.set(
                Int(call.value.head.id.slot), at: call.value.head.deadline)
        }
        let stream = submitRequest(call, path: shared.value.vocabulary.path(of: method))
        guard stream > 0 else {
            // Stream numbers are used up after a billion calls: another connection has new ones.
            value.isGoingAway = true
            closeCall(call)
            return nil
        }
        call.value.streamID = stream
        markDirty()
        return call.value.head.id
    }

    /// Gives a call up: its deadline has passed, or its answer isn't one.
    func abandon(_ call: Handle<CallState>, _ status: StatusCode) {
        guard !call.value.marks.contains(.abandoned) else { return }
        call.value.marks.insert(.abandoned)
        call.value.head.status = status
        reset(call.value.streamID, NGHTTP2_CANCEL)
    }

    /// Copies the next piece of a request to nghttp2's frame.
    @inline(__always)
    func fillRequest(
        _ target: UnsafeMutablePointer<UInt8>, _ room: Int, call: Handle<CallState>
    ) -> (Int, BodyEnd) {
        let first = call.value.sentBytes
        if first == 0 { call.value.writtenAt = value.shared.value.writtenAt }
        let count = min(room, call.value.buffer.count - first)
        unsafe call.value.buffer.copy(first..<first + count, to: target)
        call.value.sentBytes = first + count
        guard first + count == call.value.buffer.count else { return (count, .moreFollows) }
        // From here on the buffer is the answer's.
        call.value.buffer.removeAll()
        call.value.marks.insert(.requestSent)
        return (count, .streamEnds)
    }

    /// A field of an answer's headers or trailers.
    @inline(__always)
    func answerHeader(_ name: Span<UInt8>, _ text: Span<UInt8>, on stream: Int32) {
        guard let call = call(on: stream) else { return }
        switch name.count {
        case 11 where name.equals("grpc-status"):
            guard let status = readStatus(text) else { return }
            call.value.head.status = status
            call.value.marks.insert(.hasStatus)
        case 12 where name.equals("grpc-message"):
            value.shared.value.failureText.removeAll()
            value.shared.value.failureText.appendPercentDecoded(text)
        case 23 where name.equals("grpc-status-details-bin"):
            keepDetails(text, of: call)
        default:
            let bit = value.shared.value.vocabulary.watchedBit(of: name)
            if bit != 0 { call.value.head.watched |= bit }
        }
    }

    /// Keeps a failure's details where its message would lie. A failure after a message has none.
    private func keepDetails(_ text: Span<UInt8>, of call: Handle<CallState>) {
        guard call.value.phase == .waiting, call.value.marks.contains(.requestSent),
            call.value.buffer.count == 0, text.count <= Limits.statusDetailsBytesMax
        else { return }
        let shared = value.shared
        shared.value.scratch.removeAll()
        guard shared.value.scratch.appendBase64Decoded(text) else { return }
        call.value.marks.insert(.hasDetails)
        shared.value.scratch.withBytes {
            call.value.buffer.reserve($0.count)
            call.value.buffer.append($0)
        }
    }

    /// A piece of an answer's body.
    @inline(__always)
    func answerBytes(_ piece: Span<UInt8>, on stream: Int32) {
        value.unconsumedBytes += piece.count
        guard let call = call(on: stream), call.value.phase == .waiting else { return }
        guard call.value.marks.contains(.requestSent), !call.value.marks.contains(.hasDetails)
        else { return abandon(call, .internal) }
        let bound = value.shared.value.messageBytesMax
        switch call.value.assembly.take(piece, messageBytesMax: bound) {
        case .wait: break
        case .keep(let first):
            let kept = piece.extracting(first..<piece.count)
            call.value.buffer.reserve(call.value.buffer.count + kept.count)
            call.value.buffer.append(kept)
            if call.value.assembly.announcedBytes + 5 > Limits.streamWindowBytes {
                _ = unsafe nghttp2_session_consume_stream(engine, stream, piece.count)
            }
        case .refuse: abandon(call, .internal)
        }
    }

    /// A frame is whole.
    @inline(__always)
    func clientReceived(_ frame: FrameHead) {
        switch frame.kind {
        case .data, .headers:
            if frame.endsStream, let call = call(on: frame.stream) {
                call.value.marks.insert(.peerEnded)
            }
        case .settings:
            guard !frame.isAcknowledgement else { return }
            value.isEstablished = true
            let remote = unsafe nghttp2_session_get_remote_settings(
                engine, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
            value.remoteCallsMax = min(Limits.clientCallsPerConnectionMax, Int(remote))
        case .goAway:
            value.isGoingAway = true
        case .ping, .priority, .windowUpdate, .reset, .other:
            break
        }
    }

    /// A stream is closed: the call has its answer, or never will.
    func clientStreamClosed(_ stream: Int32, _ code: UInt32) {
        guard let call = call(on: stream) else { return }
        let marks = call.value.marks
        let isAnswered =
            code == NGHTTP2_NO_ERROR.rawValue && marks.contains(.peerEnded)
            && !marks.contains(.abandoned)
        if isAnswered {
            settle(call)
            call.value.phase = .complete
            if value.shared.value.ready.append(call.value.head.id) { return }
            note(.tooManyEvents)
        }
        reportEnd(call, marks.contains(.abandoned) ? call.value.head.status : reason(code))
        closeCall(call)
    }

    /// An answer without a status, or with one that its body belies, isn't `ok`.
    private func settle(_ call: Handle<CallState>) {
        value.shared.value.calls.dueTimes.clear(Int(call.value.head.id.slot))
        guard call.value.marks.contains(.hasStatus) else {
            call.value.head.status = .unknown
            return call.value.buffer.removeAll()
        }
        if call.value.head.status == .ok, !call.value.assembly.isWhole {
            call.value.head.status = .internal
        }
        if call.value.head.status != .ok, !call.value.marks.contains(.hasDetails) {
            call.value.buffer.removeAll()
        }
    }

    private func submitRequest(_ call: Handle<CallState>, path: ConstantText) -> Int32 {
        let shared = value.shared
        return shared.value.scratch.withBytes { timeout in
            guard let fields = value.requestFields else { return -1 }
            let (head, count) = unsafe fields.request(path: path, timeout: timeout)
            // SAFETY: the slot isn't freed before the stream is closed.
            var provider = unsafe nghttp2_data_provider(
                source: nghttp2_data_source(ptr: call.raw), read_callback: readRequest)
            return unsafe nghttp2_submit_request(
                engine, nil, head, count, &provider, call.raw)
        }
    }

    private func readStatus(_ text: Span<UInt8>) -> StatusCode? {
        guard text.count == 1 || text.count == 2 else { return nil }
        var number: UInt8 = 0
        for index in text.indices {
            guard text[index] >= 0x30, text[index] <= 0x39 else { return nil }
            number = number * 10 + (text[index] - 0x30)
        }
        return StatusCode(rawValue: number) ?? .unknown
    }

    /// What an HTTP/2 error code means for a gRPC call.
    private func reason(_ code: UInt32) -> StatusCode {
        switch code {
        case NGHTTP2_REFUSED_STREAM.rawValue: .unavailable
        case NGHTTP2_CANCEL.rawValue: .cancelled
        case NGHTTP2_ENHANCE_YOUR_CALM.rawValue: .resourceExhausted
        default: .internal
        }
    }
}
