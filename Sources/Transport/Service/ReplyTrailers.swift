// SPDX-License-Identifier: Apache-2.0

/// The trailers that an answer may carry beside its status.
public struct ReplyTrailers: Equatable, Sendable, BitwiseCopyable {
    /// Sends `idempotent-replay: 1`: this was decided before, under the same identity.
    public var idempotentReplay: Bool
    /// Sends `grpc-retry-pushback-ms`; negative asks the client not to retry.
    public var retryPushbackMilliseconds: Int32?

    /// No further trailers, unless told.
    public init(idempotentReplay: Bool = false, retryPushbackMilliseconds: Int32? = nil) {
        self.idempotentReplay = idempotentReplay
        self.retryPushbackMilliseconds = retryPushbackMilliseconds
    }

    /// True when only the status is sent: the short way out.
    var isPlain: Bool { !idempotentReplay && retryPushbackMilliseconds == nil }
}
