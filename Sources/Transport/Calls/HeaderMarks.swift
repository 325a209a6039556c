// SPDX-License-Identifier: Apache-2.0

/// What was noticed in a header block, a bit each; judged when the block is whole, since fields come
/// in any order.
struct HeaderMarks: OptionSet, BitwiseCopyable {
    let rawValue: UInt16

    /// `:method` is POST.
    static let post = HeaderMarks(rawValue: 1 << 0)
    /// `content-type` is gRPC's.
    static let grpcContent = HeaderMarks(rawValue: 1 << 1)
    /// `:path` names a configured method.
    static let knownMethod = HeaderMarks(rawValue: 1 << 2)
    /// `grpc-timeout` is malformed.
    static let badTimeout = HeaderMarks(rawValue: 1 << 3)
    /// `grpc-encoding` is one that we don't have.
    static let foreignEncoding = HeaderMarks(rawValue: 1 << 4)
    /// More bytes or fields than allowed.
    static let oversized = HeaderMarks(rawValue: 1 << 5)
    /// The peer has ended its side of the stream.
    static let peerEnded = HeaderMarks(rawValue: 1 << 6)
    /// Client: `grpc-status` was there and readable.
    static let hasStatus = HeaderMarks(rawValue: 1 << 7)
    /// Client: the service learns of this call's end by `closed`, whatever else arrives.
    static let abandoned = HeaderMarks(rawValue: 1 << 8)
    /// Client: the last byte of the request is in a frame.
    static let requestSent = HeaderMarks(rawValue: 1 << 9)
    /// Client: the buffer holds the details of a failure, and no message.
    static let hasDetails = HeaderMarks(rawValue: 1 << 10)
}
