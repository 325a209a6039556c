// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

/// What comes after a piece of a body.
enum BodyEnd: BitwiseCopyable {
    case moreFollows, trailersFollow, streamEnds

    /// The same for nghttp2.
    var dataFlags: UInt32 {
        switch self {
        case .moreFollows: 0
        case .trailersFollow:
            NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        case .streamEnds: NGHTTP2_DATA_FLAG_EOF.rawValue
        }
    }
}
