// SPDX-License-Identifier: Apache-2.0

/// Why a server's connection ended.
public enum ConnectionEnd: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The peer closed it, or it broke.
    case peer
    /// The peer broke the protocol or a bound of it.
    case fault
    /// The peer was silent or didn't read for too long.
    case timeout
    /// It was drained.
    case drained
    /// The loop stopped while it was open.
    case stopped

    /// The name in metrics.
    public var name: StaticString {
        switch self {
        case .peer: "peer"
        case .fault: "fault"
        case .timeout: "timeout"
        case .drained: "drained"
        case .stopped: "stopped"
        }
    }
}
