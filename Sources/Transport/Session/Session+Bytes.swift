// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

extension Handle<SessionState> {
    /// Takes what was read from the peer, and writes over it. Completed and ended calls are in the
    /// loop's lists then.
    ///
    /// - Returns: why the connection must go, or nil.
    func receive(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) -> SessionFault? {
        if value.role == .server { unsafe lookAhead(bytes, count: count) }
        // SAFETY: the caller lends the bytes; nghttp2 reads them during the call only.
        let taken = unsafe nghttp2_session_mem_recv(engine, bytes, count)
        guard taken >= 0 else { return .fatal(Int32(taken)) }
        if value.unconsumedBytes > 0 {
            _ = unsafe nghttp2_session_consume_connection(engine, value.unconsumedBytes)
            value.unconsumedBytes = 0
        }
        markDirty()
        if let fault = value.fault { return fault }
        let queued = unsafe nghttp2_session_get_outbound_queue_size(engine)
        return queued > Limits.outboundFramesMax ? .outboundQueue : nil
    }

    /// Moves frames to `output` until there are none or it is full.
    ///
    /// - Returns: why the connection must go, or nil.
    func send(into output: inout OutputBuffer) -> SessionFault? {
        while !output.isFull {
            var frame: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(engine, &frame)
            guard count > 0 else {
                return count == 0 ? value.fault : .fatal(Int32(count))
            }
            // SAFETY: nghttp2 lends `count` bytes until the next call.
            unsafe output.append(frame!, count: count)
            if value.trailedStream != 0 {
                output.endByTrailers(frameBytes: count, stream: value.trailedStream)
                value.trailedStream = 0
            }
        }
        return value.fault
    }

    /// True when HTTP/2 has nothing more to do on this connection.
    var isFinished: Bool {
        // SAFETY: questions without effect.
        unsafe nghttp2_session_want_read(engine) == 0 && nghttp2_session_want_write(engine) == 0
    }

    /// Queues the GOAWAY that tells a peer that it went too far.
    func terminate() {
        _ = unsafe nghttp2_session_terminate_session(engine, NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }

    /// Queues RST_STREAM.
    func reset(_ stream: Int32, _ code: nghttp2_error_code) {
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        _ = unsafe nghttp2_submit_rst_stream(engine, none, stream, code.rawValue)
        markDirty()
    }
}
