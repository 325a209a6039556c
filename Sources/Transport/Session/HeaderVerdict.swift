// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

/// How nghttp2 shall go on with a header block.
enum HeaderVerdict: BitwiseCopyable {
    case goOn
    /// Reset the stream and tell no more of this block; the connection goes on.
    case giveUp

    /// The same for nghttp2.
    var callbackCode: Int32 {
        switch self {
        case .goOn: 0
        case .giveUp: NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
    }
}
