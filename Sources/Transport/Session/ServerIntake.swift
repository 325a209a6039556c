// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives
internal import Wire

/// A server's side of a request: from its first header to a message for the service, or a refusal.
extension Handle<SessionState> {
    /// A PRIORITY frame begins. nghttp2 drops them unseen, as we say that we don't use them; they
    /// are counted all the same, and one that belongs to no stream is an error of the connection
    /// (RFC 9113 section 6.3).
    func priorityBegan(on stream: Int32) {
        note(value.defence.receivedControl())
        guard stream == 0 else { return }
        _ = unsafe nghttp2_session_terminate_session(engine, NGHTTP2_PROTOCOL_ERROR.rawValue)
        markDirty()
    }

    /// A header block begins.
    func requestBegan(_ frame: FrameHead) -> HeaderVerdict {
        value.defence.receivedHeaders()
        value.headingSince = value.shared.value.now
        guard frame.isRequest else {
            // Trailers of a request: tolerated, counted, nothing in them matters to us.
            value.rules = RequestRules(isTrailer: true)
            // An abridged block is a request's: no trailers, since it has pseudo-headers.
            if value.shared.value.abridged.take(frame: value.headsBegun) != nil {
                value.rules.reject()
            }
            value.headingCall = call(on: frame.stream)
            value.headingCall?.value.headerBytes = 0
            value.headingCall?.value.headerFields = 0
            return .goOn
        }
        guard let call = openCall(phase: .heading) else {
            // The loop has no slot left: the caller may try again, nothing was done.
            reset(frame.stream, NGHTTP2_REFUSED_STREAM)
            value.headingCall = nil
            return .goOn
        }
        call.value.streamID = frame.stream
        // SAFETY: the slot isn't freed before the stream is closed.
        _ = unsafe nghttp2_session_set_stream_user_data(engine, frame.stream, call.raw)
        value.recentCall = call
        value.recentStream = frame.stream
        if let known = value.shared.value.abridged.take(frame: value.headsBegun) {
            value.headingCall = nil
            call.value.marks = known.marks
            call.value.head.method = known.method
            call.value.head.watched = known.watched
            setDeadline(of: call, after: known.timeout)
            return .goOn
        }
        value.headingCall = call
        value.rules = RequestRules()
        value.shared.value.calls.dueTimes.set(
            Int(call.value.head.id.slot),
            at: value.headingSince &+ Limits.requestNanoseconds)
        return .goOn
    }

    /// A field of the block.
    func requestHeader(_ name: Span<UInt8>, _ text: Span<UInt8>) -> HeaderVerdict {
        guard let call = value.headingCall else { return .goOn }
        let verdict = countHeader(bytes: name.count + text.count, of: call)
        let judgement = value.rules.take(name, text)
        guard judgement != .malformed, call.value.phase == .heading else { return verdict }
        guard judgement == .good else {
            // A tag with a character that isn't allowed is a tag all the same.
            call.value.head.watched |= value.shared.value.vocabulary.watchedBit(of: name)
            return verdict
        }
        switch name.count {
        case 5 where name.equals(":path"):
            let guess = value.recentMethod
            guard
                let method = value.shared.value.vocabulary.method(of: text, guess: guess)
            else { break }
            value.recentMethod = method
            call.value.head.method = method
            call.value.marks.insert(.knownMethod)
        case 7 where name.equals(":method"):
            if text.equals("POST") { call.value.marks.insert(.post) }
        case 12 where name.equals("content-type"):
            if isGRPC(text) { call.value.marks.insert(.grpcContent) }
        case 12 where name.equals("grpc-timeout"):
            readTimeout(text, of: call)
        case 13 where name.equals("grpc-encoding"):
            if !text.equals("identity") { call.value.marks.insert(.foreignEncoding) }
        default:
            let bit = value.shared.value.vocabulary.watchedBit(of: name)
            if bit != 0 { call.value.head.watched |= bit }
        }
        return verdict
    }

    /// Counts a field, left out ones too. nghttp2 advertises a limit and enforces none.
    private func countHeader(bytes: Int, of call: Handle<CallState>) -> HeaderVerdict {
        call.value.headerBytes += bytes + 32
        call.value.headerFields += 1
        guard
            call.value.headerBytes > Limits.headerBytesMax
                || call.value.headerFields > Limits.headerFieldsMax
        else { return .goOn }
        call.value.marks.insert(.oversized)
        let excess = Limits.headerExcessMax
        return call.value.headerBytes > Limits.headerBytesMax * excess
            || call.value.headerFields > Limits.headerFieldsMax * excess ? .giveUp : .goOn
    }

    /// A frame is whole.
    @inline(__always)
    func serverReceived(_ frame: FrameHead) {
        switch frame.kind {
        case .data:
            let isEmpty = frame.isEmpty && !frame.endsStream
            note(value.defence.receivedData(isEmpty: isEmpty))
        case .headers:
            // nil: abridged, and so known to be right; or a call that we don't have.
            if let call = value.headingCall {
                value.headingCall = nil
                guard value.rules.isWellFormed, frame.isRequest || frame.endsStream
                else { return reset(frame.stream, NGHTTP2_PROTOCOL_ERROR) }
                if frame.isRequest { call.value.announcedBytes = value.rules.contentLength }
            }
            if frame.isRequest, let call = call(on: frame.stream) { judgeHead(of: call, frame) }
        case .settings:
            if !frame.isAcknowledgement {
                value.isEstablished = true
                value.owesTableSize = true
            }
            note(value.defence.receivedControl())
        case .ping:
            if frame.isAcknowledgement {
                finishDrain()
            } else {
                note(value.defence.receivedControl())
            }
        case .windowUpdate:
            note(value.defence.receivedWindowUpdate())
        case .priority, .reset, .goAway, .other:
            break
        }
        if frame.endsStream, let call = call(on: frame.stream) {
            guard call.value.announcedBytes <= 0
            else { return reset(frame.stream, NGHTTP2_PROTOCOL_ERROR) }
            peerEnded(call)
        }
    }

    /// A piece of a request's body.
    @inline(__always)
    func requestBytes(_ piece: Span<UInt8>, on stream: Int32) {
        value.unconsumedBytes += piece.count
        guard let call = call(on: stream) else { return }
        // Counted for a call that is answered already, too: its body isn't wrong for that.
        if call.value.announcedBytes >= 0 {
            guard piece.count <= call.value.announcedBytes else {
                // More came than was announced (RFC 9113 section 8.1.1); so it stays to the end.
                call.value.announcedBytes = 0
                return reset(stream, NGHTTP2_PROTOCOL_ERROR)
            }
            call.value.announcedBytes -= piece.count
        }
        guard call.value.phase == .receiving else { return }
        let bound = value.shared.value.messageBytesMax
        switch call.value.assembly.take(piece, messageBytesMax: bound) {
        case .wait: break
        case .keep(let first):
            if keep(piece.extracting(first..<piece.count), of: call) {
                widenWindow(of: call, piece.count)
            }
        case .refuse(let refusal): refuse(call, refusal)
        }
    }

    /// A stream is closed: the call on it has ended, one way or another.
    func serverStreamClosed(_ stream: Int32, _ code: UInt32) {
        guard let call = call(on: stream) else { return }
        if !call.value.marks.contains(.peerEnded), call.value.phase == .answering {
            value.earlyAnswers -= 1
        }
        let isBrokenOff = code != NGHTTP2_NO_ERROR.rawValue && call.value.phase != .answering
        note(value.defence.callEnded(brokenOff: isBrokenOff))
        switch call.value.phase {
        case .held: reportEnd(call, .cancelled)
        case .free, .heading, .receiving, .ready, .answering, .waiting, .complete: break
        }
        forgetBytes(of: call)
        closeCall(call)
    }

    /// The first reason, in the order of gRPC's own servers, why a request can't be served.
    private func judgeHead(of call: Handle<CallState>, _ frame: FrameHead) {
        let marks = call.value.marks
        value.shared.value.tally.started(call)
        call.value.phase = .receiving
        learnHead(of: call)
        if frame.endsStream { call.value.marks.insert(.peerEnded) }
        if marks.contains(.oversized) {
            refuse(call, .headersTooLarge)
        } else if !marks.contains(.grpcContent) {
            refuse(call, .notGRPC)
        } else if !marks.contains(.post) {
            refuse(call, .notPost)
        } else if marks.contains(.badTimeout) {
            refuse(call, .badTimeout)
        } else if !marks.contains(.knownMethod) {
            refuse(call, .unknownMethod)
        } else if marks.contains(.foreignEncoding) {
            refuse(call, .foreignEncoding)
        } else if call.value.head.deadline <= value.shared.value.now {
            refuse(call, .expired)
        }
    }

    private func peerEnded(_ call: Handle<CallState>) {
        if call.value.phase == .answering, !call.value.marks.contains(.peerEnded) {
            value.earlyAnswers -= 1
        }
        call.value.marks.insert(.peerEnded)
        guard call.value.phase == .receiving else { return }
        if let refusal = call.value.assembly.end() { return refuse(call, refusal) }
        call.value.phase = .ready
        call.value.writtenAt = value.shared.value.now
        if !value.shared.value.ready.append(call.value.head.id) { note(.tooManyEvents) }
    }

    private func isGRPC(_ contentType: Span<UInt8>) -> Bool {
        guard contentType.begins(with: "application/grpc") else { return false }
        guard contentType.count > 16 else { return true }
        return contentType[16] == UInt8(ascii: "+") || contentType[16] == UInt8(ascii: ";")
    }

    private func readTimeout(_ text: Span<UInt8>, of call: Handle<CallState>) {
        guard let timeout = CallTimeout(text) else {
            call.value.marks.insert(.badTimeout)
            return
        }
        // C core sends 1n for a deadline that has passed already.
        let isSpent = timeout.nanoseconds < Limits.timeoutMinNanoseconds
        setDeadline(of: call, after: isSpent ? 0 : timeout.nanoseconds)
    }

    /// `.max`: the caller waits forever, but not for the request's own end.
    @inline(__always)
    private func setDeadline(of call: Handle<CallState>, after nanoseconds: UInt64) {
        let (deadline, overflow) = value.shared.value.now.addingReportingOverflow(nanoseconds)
        call.value.head.deadline = overflow ? .max : deadline
        let due = min(call.value.head.deadline, value.headingSince &+ Limits.requestNanoseconds)
        value.shared.value.calls.dueTimes.set(Int(call.value.head.id.slot), at: due)
    }

    /// Keeps a piece of the message; false when the connection may not keep so much.
    @inline(__always)
    private func keep(_ piece: Span<UInt8>, of call: Handle<CallState>) -> Bool {
        let total = call.value.buffer.count + piece.count
        if total > call.value.buffer.capacity {
            let before = call.value.buffer.heapBytes
            call.value.buffer.reserve(total)
            value.requestHeapBytes += call.value.buffer.heapBytes - before
            guard value.requestHeapBytes <= Limits.requestBytesPerConnectionMax else {
                refuse(call, .requestBufferFull)
                return false
            }
        }
        call.value.buffer.append(piece)
        return true
    }

    /// A message longer than the stream's window needs the window moved as it arrives.
    @inline(__always)
    private func widenWindow(of call: Handle<CallState>, _ bytes: Int) {
        guard call.value.assembly.announcedBytes + 5 > Limits.streamWindowBytes else { return }
        _ = unsafe nghttp2_session_consume_stream(engine, call.value.streamID, bytes)
    }

    /// The request's bytes aren't a request's any more: answered, refused or gone.
    @inline(__always)
    func forgetBytes(of call: Handle<CallState>) {
        let heapBytes = call.value.buffer.heapBytes
        if heapBytes > 0, call.value.phase == .receiving || call.value.phase == .ready {
            value.requestHeapBytes -= heapBytes
        }
        if call.value.phase == .answering || call.value.phase == .held {
            value.replyBytes -= call.value.buffer.count - call.value.sentBytes
        }
    }
}
