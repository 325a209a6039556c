// SPDX-License-Identifier: Apache-2.0

internal import Transport
internal import Wire

/// How a run goes on when calls end without an answer: each is sent again under its own id, so that
/// it has one effect however often it is sent.
public struct RetryPolicy: Sendable {
    /// How long an attempt may take; sent along as `grpc-timeout`.
    public var attemptNanoseconds: UInt64
    /// A run without a final answer for so long ends; what is open then stays unknown.
    public var giveUpNanoseconds: UInt64

    /// The longest first pause is twice this, and no pause is shorter.
    static let pauseMin: UInt64 = 5_000_000
    /// No pause is longer.
    static let pauseMax: UInt64 = 250_000_000

    /// Names both.
    public init(attemptNanoseconds: UInt64, giveUpNanoseconds: UInt64) {
        self.attemptNanoseconds = attemptNanoseconds
        self.giveUpNanoseconds = giveUpNanoseconds
    }

    /// Nanoseconds to wait after so many failures in a row: longer each time, and never the same for
    /// all, or they would come back as one crowd.
    static func pause(afterFailures count: UInt32, draw: UInt64) -> UInt64 {
        let longest = min(pauseMax, (2 * pauseMin) << UInt64(min(count, 8)))
        return longest / 2 + draw % (longest / 2 + 1)
    }

    /// True when an answer decides nothing and the same request may be sent again.
    static func isTransient(_ head: CallHead) -> Bool {
        switch head.status {
        // The last one stands for an answer without a status as well.
        case .unavailable, .deadlineExceeded, .cancelled, .unknown: true
        case .resourceExhausted: head.watched & WatchedAnswer.pushback != 0
        default: false
        }
    }
}

/// What is looked for in an answer's headers and trailers.
enum WatchedAnswer {
    static let names: [StaticString] = ["idempotent-replay", "grpc-retry-pushback-ms"]
    /// Bits of `CallHead.watched`, in the order of the names.
    static let replay: UInt32 = 1 << 0
    static let pushback: UInt32 = 1 << 1
}
