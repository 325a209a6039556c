// SPDX-License-Identifier: Apache-2.0

/// What may happen to an order; the raw value is the number in the `.proto`.
public enum OrderEventKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// It was made, and taken.
    case created = 1
    /// Some of it was cancelled.
    case cancelledInPart = 2
    /// The rest of it was cancelled.
    case cancelled = 3
}
