// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives

/// Owns one connection's HTTP/2 session: bytes in, bytes and calls out, no I/O and no clock.
///
/// Dropping the value ends the session. What it does is said by extensions of
/// `Handle<SessionState>`, one file per matter, since nghttp2's callbacks have only the handle.
@safe struct Session: ~Copyable {
    /// The session's state, valid as long as the session.
    let handle: Handle<SessionState>
    /// Where the engine's memory comes from: freed after the engine.
    private let memory: EngineMemory

    /// Makes a session and queues its first SETTINGS.
    ///
    /// - Parameters:
    ///   - role: which side we are.
    ///   - id: the connection's.
    ///   - authority: a client's `:authority`; a server has none.
    ///   - setup: callbacks and options.
    ///   - shared: what the loop's sessions share; outlives the session.
    /// - Throws: `TransportError` with `.createSession` when memory is short.
    init(
        _ role: SessionRole, id: ConnectionID, authority: String?, setup: borrowing SessionSetup,
        shared: Handle<LoopShared>
    ) throws(TransportError) {
        let place = UnsafeMutablePointer<SessionState>.allocate(capacity: 1)
        unsafe place.initialize(to: SessionState(role: role, id: id, shared: shared))
        handle = unsafe Handle(place)
        memory = setup.memory

        var engine: OpaquePointer?
        var functions = unsafe memory.functions
        // SAFETY: the state outlives the engine (deinit), whose callbacks are given its address.
        let code =
            switch role {
            case .server:
                unsafe nghttp2_session_server_new3(
                    &engine, setup.serverCallbacks, place, setup.serverOptions, &functions)
            case .client:
                unsafe nghttp2_session_client_new3(
                    &engine, setup.clientCallbacks, place, setup.clientOptions, &functions)
            }
        guard code == 0, let made = unsafe engine else {
            throw TransportError(.createSession)
        }
        unsafe handle.value.engine = made
        if let authority { handle.value.requestFields = ClientRequestFields(authority: authority) }
        try handle.sendSettings()
    }

    deinit {
        // SAFETY: made in init, ended once; afterwards nobody has the state's address: the loop has
        // closed the session's calls before.
        unsafe nghttp2_session_del(handle.value.engine)
        handle.value.requestFields?.free()
        handle.value.repeatedHeads.free()
        unsafe handle.raw.deallocate()
    }
}

extension Handle<SessionState> {
    /// nghttp2's session.
    var engine: OpaquePointer {
        // SAFETY: set by Session.init before the handle is given to anyone.
        unsafe value.engine!
    }

    fileprivate func sendSettings() throws(TransportError) {
        var settings = [
            setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(Limits.streamWindowBytes)),
            setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(Limits.headerBytesMax)),
        ]
        switch value.role {
        case .server:
            settings.append(
                setting(
                    NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                    UInt32(Limits.callsPerConnectionMax)))
            // The tree of RFC 7540 priorities is a gift to attackers; RFC 9218 replaces it.
            settings.append(setting(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1))
        case .client:
            settings.append(setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        // SAFETY: nghttp2 copies the entries.
        let isQueued =
            unsafe nghttp2_submit_settings(engine, none, settings, settings.count) == 0
            && nghttp2_session_set_local_window_size(
                engine, none, 0, Limits.connectionWindowBytes) == 0
        guard isQueued else { throw TransportError(.createSession) }
        markDirty()
    }

    private func setting(
        _ id: nghttp2_settings_id, _ number: UInt32
    ) -> nghttp2_settings_entry {
        nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: number)
    }

    /// Puts the session among those that the loop flushes at the end of the turn.
    @inline(__always)
    func markDirty() {
        guard !value.isDirty else { return }
        value.isDirty = true
        // One entry per session at most, and the list has room for all.
        value.shared.value.dirty.append(value.id)
    }
}
