// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

/// What a session needs to know of a frame: a copy, so that no nghttp2 type goes further.
struct FrameHead: BitwiseCopyable {
    /// Kinds of frames that matter here.
    enum Kind: BitwiseCopyable {
        case data, headers, priority, reset, settings, ping, goAway, windowUpdate, other
    }

    let kind: Kind
    let stream: Int32
    let endsStream: Bool
    let isAcknowledgement: Bool
    /// HEADERS that open a stream.
    let isRequest: Bool
    /// DATA without a byte but padding.
    let isEmpty: Bool
    /// RST_STREAM: its code.
    let errorCode: UInt32

    @inline(__always)
    init(_ frame: UnsafePointer<nghttp2_frame>) {
        let head = unsafe frame.pointee.hd
        stream = head.stream_id
        kind = Self.kind(head.type)
        endsStream =
            (kind == .data || kind == .headers)
            && UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        isAcknowledgement =
            (kind == .ping || kind == .settings)
            && UInt32(head.flags) & NGHTTP2_FLAG_ACK.rawValue != 0
        // SAFETY: the frame's type says which member of the union is there.
        isRequest =
            unsafe kind == .headers && frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
        isEmpty = unsafe kind == .data && head.length <= frame.pointee.data.padlen
        errorCode = unsafe kind == .reset ? frame.pointee.rst_stream.error_code : 0
    }

    @inline(__always)
    private static func kind(_ type: UInt8) -> Kind {
        switch UInt32(type) {
        case NGHTTP2_DATA.rawValue: .data
        case NGHTTP2_HEADERS.rawValue: .headers
        case NGHTTP2_PRIORITY.rawValue: .priority
        case NGHTTP2_RST_STREAM.rawValue: .reset
        case NGHTTP2_SETTINGS.rawValue: .settings
        case NGHTTP2_PING.rawValue: .ping
        case NGHTTP2_GOAWAY.rawValue: .goAway
        case NGHTTP2_WINDOW_UPDATE.rawValue: .windowUpdate
        default: .other
        }
    }
}
