// SPDX-License-Identifier: Apache-2.0

/// Why a connection is closed on a peer that breaks the rules or a bound. Ends the connection,
/// touches no other.
enum SessionFault: Equatable, BitwiseCopyable {
    /// nghttp2 gave up; its error code. No GOAWAY can follow.
    case fatal(Int32)
    /// More frames wait to be sent than `Limits.outboundFramesMax`.
    case outboundQueue
    /// More calls ended in one read than a read can hold: never by an honest peer.
    case tooManyEvents
    /// `Limits.emptyDataFramesMax`.
    case emptyData
    /// `Limits.idleControlFramesMax`.
    case controlFrames
    /// WINDOW_UPDATE frames that nothing explains.
    case windowUpdates
    /// Half of the calls were broken off by the peer.
    case brokenOffCalls
    /// `Limits.faultResetsMax`.
    case faultResets
}
