// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// What became of one reservation of a run, however often it was sent.
struct LedgerRow: BitwiseCopyable {
    /// What the buyer knows in the end.
    enum Outcome: UInt8, BitwiseCopyable {
        case granted, refused, unknown

        /// A refusal is an answer that promises that nothing changed; all else leaves it open.
        init(_ status: StatusCode) {
            self =
                switch status {
                case .ok: .granted
                case .invalidArgument, .notFound, .alreadyExists, .permissionDenied,
                    .resourceExhausted, .failedPrecondition, .aborted, .outOfRange,
                    .unimplemented, .unauthenticated:
                    .refused
                case .cancelled, .unknown, .deadlineExceeded, .internal, .unavailable, .dataLoss:
                    .unknown
                }
        }
    }

    var id: ClientID
    var sku: UInt32
    var attempts: UInt32
    var outcome: Outcome
    /// The status of the final answer; of an unknown outcome, why the last attempt ended.
    var status: StatusCode
    var isReplay: Bool
    var granted: Int64
    /// Monotonic nanoseconds; `answered` is 0 without an answer.
    var firstSent: UInt64
    var answered: UInt64
}
