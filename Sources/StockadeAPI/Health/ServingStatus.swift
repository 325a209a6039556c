// SPDX-License-Identifier: Apache-2.0

/// How a service is, by grpc.health.v1; the raw value is the number on the wire.
public enum ServingStatus: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not known yet.
    case unknown = 0
    /// It takes calls.
    case serving = 1
    /// It takes no calls.
    case notServing = 2
    /// There is no such service; only Watch says so.
    case serviceUnknown = 3
}
