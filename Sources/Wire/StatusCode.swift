// SPDX-License-Identifier: Apache-2.0

/// The seventeen gRPC status codes; the raw value is the number in `grpc-status`.
public enum StatusCode: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Done.
    case ok = 0
    /// The caller gave up.
    case cancelled = 1
    /// Failed in a way that says nothing more.
    case unknown = 2
    /// The request is wrong whatever the state of the server.
    case invalidArgument = 3
    /// The deadline passed before the answer.
    case deadlineExceeded = 4
    /// What the request names isn't there.
    case notFound = 5
    /// What the request would make is there already.
    case alreadyExists = 6
    /// The caller is known and may not.
    case permissionDenied = 7
    /// A quota or a table is used up.
    case resourceExhausted = 8
    /// The state doesn't allow it, and won't until something else changes.
    case failedPrecondition = 9
    /// Lost against another change; read again.
    case aborted = 10
    /// Past the end of what there is.
    case outOfRange = 11
    /// No such method, or a feature that isn't there.
    case unimplemented = 12
    /// Something that must hold doesn't.
    case `internal` = 13
    /// Not now; the same request may work in a moment.
    case unavailable = 14
    /// Stored data is lost or damaged.
    case dataLoss = 15
    /// The caller isn't known.
    case unauthenticated = 16
}
