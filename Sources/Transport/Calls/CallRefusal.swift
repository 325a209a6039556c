// SPDX-License-Identifier: Apache-2.0

internal import Wire

/// Why Transport itself refuses a call, before or without the service. A table: what each is to the
/// peer.
enum CallRefusal: UInt8, CaseIterable, BitwiseCopyable {
    case headersTooLarge
    case notPost
    case notGRPC
    case badTimeout
    case unknownMethod
    case foreignEncoding
    case expired
    case requestTooSlow
    case unknownFlag
    case compressedMessage
    case messageTooLong
    case secondMessage
    case noMessage
    case cutMessage
    case requestBufferFull
    case answersUnread

    /// The status that a gRPC client sees.
    var status: StatusCode {
        switch self {
        case .notGRPC: .invalidArgument
        case .notPost, .badTimeout, .unknownFlag, .compressedMessage, .cutMessage: .internal
        case .headersTooLarge, .messageTooLong, .requestBufferFull, .answersUnread:
            .resourceExhausted
        case .unknownMethod, .foreignEncoding, .secondMessage, .noMessage: .unimplemented
        case .expired, .requestTooSlow: .deadlineExceeded
        }
    }

    /// The HTTP status where the request isn't even a gRPC call; nil: 200 and trailers only.
    var httpStatus: StaticString? {
        switch self {
        case .headersTooLarge: "431"
        case .notPost: "405"
        case .notGRPC: "415"
        case .badTimeout: "400"
        case .unknownMethod, .foreignEncoding, .expired, .requestTooSlow, .unknownFlag,
            .compressedMessage, .messageTooLong, .secondMessage, .noMessage, .cutMessage,
            .requestBufferFull, .answersUnread:
            nil
        }
    }

    /// What to tell a person; printable ASCII without `%`, so it needs no coding.
    var text: StaticString {
        switch self {
        case .headersTooLarge: "headers are over 16 KiB or 64 fields; send less metadata"
        case .notPost: "gRPC calls use POST"
        case .notGRPC: "content-type must be application/grpc; this port speaks gRPC only"
        case .badTimeout: "grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n"
        case .unknownMethod: "no such method on this server; check the package and the spelling"
        case .foreignEncoding: "only identity encoding is supported; send without compression"
        case .expired: "the deadline passed before the call was begun; nothing was done"
        case .requestTooSlow: "the request wasn't complete within 30 s; nothing was done"
        case .unknownFlag: "the flag before a message must be 0 or 1"
        case .compressedMessage: "a message is marked compressed without grpc-encoding"
        case .messageTooLong: "the message is longer than this server accepts"
        case .secondMessage: "a unary call has one message; bytes follow the first"
        case .noMessage: "a unary call has one message; the stream ended without"
        case .cutMessage: "the stream ended within a message"
        case .requestBufferFull: "too many bytes of unfinished requests on this connection"
        case .answersUnread: "earlier answers on this connection aren't read; nothing was done"
        }
    }
}
