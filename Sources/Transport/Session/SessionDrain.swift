// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

/// Ending a server's session without losing a call (RFC 9113 section 6.8).
extension Handle<SessionState> {
    /// Queues the first GOAWAY, which still accepts calls. `probeDrain` follows.
    func beginDrain() {
        guard value.drain == .none else { return }
        value.drain = .noticed
        _ = unsafe nghttp2_submit_shutdown_notice(engine)
        markDirty()
    }

    /// The first GOAWAY has been sent: queues a PING, whose acknowledgement says that the peer has
    /// read the GOAWAY, and that every call it began before has arrived. Not earlier, since nghttp2
    /// sends a PING ahead of everything else.
    func probeDrain() {
        guard value.drain == .noticed else { return }
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        // SAFETY: null asks for eight zero bytes.
        _ = unsafe nghttp2_submit_ping(engine, none, nil)
        markDirty()
    }

    /// Queues the last GOAWAY: calls that come after it are ignored, and the peer may repeat them
    /// elsewhere. Called at the PING's acknowledgement, or when that takes too long.
    func finishDrain() {
        guard value.drain == .noticed else { return }
        value.drain = .final
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        // SAFETY: no debug data.
        _ = unsafe nghttp2_submit_goaway(
            engine, none, nghttp2_session_get_last_proc_stream_id(engine),
            NGHTTP2_NO_ERROR.rawValue, nil, 0)
        markDirty()
    }
}
