// SPDX-License-Identifier: Apache-2.0

import CNghttp2
import Testing

@testable import Transport

/// nghttp2's own judgement of a request's fields: a server's session of it with its checks on, and
/// with the one option that ours has too.
final class FieldReference {
    private var verdicts: [RequestRules.Verdict] = []
    private var isAccepted = false

    /// What nghttp2 makes of these fields in the block that opens a request, or in the trailers of one
    /// that is right.
    static func judge(_ fields: [RawField], asTrailers: Bool) throws -> FieldJudgement {
        let reference = FieldReference()
        var bytes = RawFrame.preface + RawFrame.settings().bytes
        if asTrailers { bytes += RawFrame.headers(1).bytes }
        let block = RawFrame(
            type: 1, flags: asTrailers ? 5 : 4, stream: 1, payload: fields.flatMap(\.literal))
        try reference.hears(bytes, then: block.bytes)
        return FieldJudgement(
            verdicts: reference.verdicts, isAccepted: reference.isAccepted)
    }

    private func hears(_ greeting: [UInt8], then block: [UInt8]) throws {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        var session: OpaquePointer?
        // SAFETY: each is made here, used here and freed here.
        unsafe nghttp2_session_callbacks_new(&callbacks)
        unsafe nghttp2_option_new(&options)
        defer {
            unsafe nghttp2_session_callbacks_del(callbacks)
            unsafe nghttp2_option_del(options)
        }
        unsafe nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(options, 1)
        unsafe Self.register(callbacks)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        let code = unsafe nghttp2_session_server_new2(&session, callbacks, context, options)
        try #require(code == 0)
        defer { unsafe nghttp2_session_del(session) }
        var taken = unsafe nghttp2_session_mem_recv(session, greeting, greeting.count)
        try #require(taken == greeting.count)
        verdicts = []
        isAccepted = false
        taken = unsafe nghttp2_session_mem_recv(session, block, block.count)
        try #require(taken == block.count)
    }

    private static func register(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, _, _, _, _, _, context in
            unsafe FieldReference.found(context).verdicts.append(.good)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) {
            _, _, _, _, _, _, _, context in
            unsafe FieldReference.found(context).verdicts.append(.leftOut)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) {
            _, frame, context in
            // SAFETY: nghttp2 lends the frame for this call.
            if unsafe UInt32(frame!.pointee.hd.type) == NGHTTP2_HEADERS.rawValue {
                unsafe FieldReference.found(context).isAccepted = true
            }
            return 0
        }
    }

    private static func found(_ context: UnsafeMutableRawPointer?) -> FieldReference {
        // SAFETY: the context is the reference that feeds the session.
        unsafe Unmanaged<FieldReference>.fromOpaque(context!).takeUnretainedValue()
    }
}
