// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

/// The callbacks, options and memory that all sessions of a loop are made with.
@safe struct SessionSetup: ~Copyable {
    let serverCallbacks: OpaquePointer
    let clientCallbacks: OpaquePointer
    let serverOptions: OpaquePointer
    let clientOptions: OpaquePointer
    let memory = EngineMemory()

    init() throws(TransportError) {
        var server: OpaquePointer?
        var client: OpaquePointer?
        // SAFETY: each call sets its pointer or says that there is no memory.
        let isMade =
            unsafe nghttp2_session_callbacks_new(&server) == 0
            && nghttp2_session_callbacks_new(&client) == 0
        guard isMade, let server = unsafe server, let client = unsafe client
        else { throw TransportError(.createSession) }
        let serverOptions = unsafe try Self.options()
        let clientOptions = unsafe try Self.options()
        unsafe serverCallbacks = server
        unsafe clientCallbacks = client
        unsafe self.serverOptions = serverOptions
        unsafe self.clientOptions = clientOptions
        unsafe registerServerCallbacks(server)
        unsafe registerClientCallbacks(client)
        // `RequestRules` are for all that this turns off.
        unsafe nghttp2_option_set_no_http_messaging(serverOptions, 1)
    }

    private static func options() throws(TransportError) -> OpaquePointer {
        var made: OpaquePointer?
        // SAFETY: the call sets the pointer or says that there is no memory.
        guard unsafe nghttp2_option_new(&made) == 0, let options = unsafe made
        else { throw TransportError(.createSession) }
        // Windows are given back as bytes are used, so that an unread connection stands still.
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        // Closed streams are forgotten: nobody asks for their priority.
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_outbound_ack(options, Limits.outboundAcknowledgementsMax)
        unsafe nghttp2_option_set_max_settings(options, Limits.settingsEntriesMax)
        unsafe nghttp2_option_set_max_continuations(options, Limits.continuationsMax)
        unsafe nghttp2_option_set_stream_reset_rate_limit(
            options, Limits.streamResetBurst, Limits.streamResetsPerSecond)
        unsafe nghttp2_option_set_max_send_header_block_length(options, Limits.headerBytesMax)
        // gRPC metadata may begin or end with a blank; such a field is taken as it is.
        unsafe nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(options, 1)
        return unsafe options
    }

    deinit {
        unsafe nghttp2_session_callbacks_del(serverCallbacks)
        unsafe nghttp2_session_callbacks_del(clientCallbacks)
        unsafe nghttp2_option_del(serverOptions)
        unsafe nghttp2_option_del(clientOptions)
    }
}
