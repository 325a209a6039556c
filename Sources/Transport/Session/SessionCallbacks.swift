// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

// nghttp2's callbacks: recover the session, call its method, translate the answer. Global functions
// and not closures, since C can't carry a context but the pointer it was given.

/// Sets the callbacks of a server's sessions.
func registerServerCallbacks(_ callbacks: OpaquePointer) {
    unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, head, context in
        // SAFETY: nghttp2 lends the head for this call.
        let (type, stream) = unsafe (head!.pointee.type, head!.pointee.stream_id)
        switch UInt32(type) {
        case NGHTTP2_HEADERS.rawValue: unsafe session(context).value.headsBegun += 1
        case NGHTTP2_PRIORITY.rawValue: unsafe session(context).priorityBegan(on: stream)
        default: break
        }
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
        _, frame, context in
        // SAFETY: nghttp2 lends the frame for this call.
        unsafe session(context).requestBegan(FrameHead(frame!)).callbackCode
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
        _, _, name, nameCount, value, valueCount, _, context in
        // SAFETY: nghttp2 lends both texts for this call, and they aren't null.
        unsafe session(context).requestHeader(
            Span(_unsafeStart: name!, count: nameCount),
            Span(_unsafeStart: value!, count: valueCount)
        ).callbackCode
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
        _, _, stream, bytes, count, context in
        // SAFETY: nghttp2 lends the bytes for this call.
        unsafe session(context).requestBytes(
            Span(_unsafeStart: bytes!, count: count), on: stream)
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
        _, frame, context in
        unsafe session(context).serverReceived(FrameHead(frame!))
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) {
        _, frame, context in
        unsafe session(context).serverSent(FrameHead(frame!))
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
        _, stream, code, context in
        unsafe session(context).serverStreamClosed(stream, code)
        return 0
    }
}

/// Sets the callbacks of a client's sessions.
func registerClientCallbacks(_ callbacks: OpaquePointer) {
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
        _, frame, name, nameCount, value, valueCount, _, context in
        // SAFETY: nghttp2 lends the frame and both texts for this call.
        unsafe session(context).answerHeader(
            Span(_unsafeStart: name!, count: nameCount),
            Span(_unsafeStart: value!, count: valueCount), on: frame!.pointee.hd.stream_id)
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
        _, _, stream, bytes, count, context in
        // SAFETY: nghttp2 lends the bytes for this call.
        unsafe session(context).answerBytes(
            Span(_unsafeStart: bytes!, count: count), on: stream)
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
        _, frame, context in
        unsafe session(context).clientReceived(FrameHead(frame!))
        return 0
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
        _, stream, code, context in
        unsafe session(context).clientStreamClosed(stream, code)
        return 0
    }
}

/// Hands nghttp2 the bytes of a server's answer. The source is the call.
func readAnswer(
    _: OpaquePointer?, _ stream: Int32, _ target: UnsafeMutablePointer<UInt8>?, _ room: Int,
    _ flags: UnsafeMutablePointer<UInt32>?, _ source: UnsafeMutablePointer<nghttp2_data_source>?,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let (count, end) = unsafe session(context).fill(
        target!, room, call: call(source!), on: stream)
    unsafe flags!.pointee |= end.dataFlags
    return count
}

/// Hands nghttp2 the bytes of a client's request. The source is the call.
func readRequest(
    _: OpaquePointer?, _ stream: Int32, _ target: UnsafeMutablePointer<UInt8>?, _ room: Int,
    _ flags: UnsafeMutablePointer<UInt32>?, _ source: UnsafeMutablePointer<nghttp2_data_source>?,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let (count, end) = unsafe session(context).fillRequest(target!, room, call: call(source!))
    unsafe flags!.pointee |= end.dataFlags
    return count
}

@inline(__always)
private func session(_ context: UnsafeMutableRawPointer?) -> Handle<SessionState> {
    // SAFETY: the context given to nghttp2 is the state of the session whose engine calls back.
    unsafe Handle(context!.assumingMemoryBound(to: SessionState.self))
}

@inline(__always)
private func call(_ source: UnsafeMutablePointer<nghttp2_data_source>) -> Handle<CallState> {
    // SAFETY: each source was made from a call, whose slot isn't freed before its stream is closed.
    unsafe Handle(source.pointee.ptr!.assumingMemoryBound(to: CallState.self))
}
