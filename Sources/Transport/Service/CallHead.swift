// SPDX-License-Identifier: Apache-2.0

public import Wire

/// What a service learns of a call beside its message.
public struct CallHead: Sendable, BitwiseCopyable {
    /// The call, as `LoopPort.reply` wants it back.
    public internal(set) var id: CallID
    /// Where it came from, or where it was submitted.
    public internal(set) var connection: ConnectionID
    /// Index into `LoopConfiguration.methods`.
    public internal(set) var method: UInt16
    /// Server: `.ok`. Client: the `grpc-status` of the answer, `.unknown` when it had none; in
    /// `closed` why the call ended.
    public internal(set) var status: StatusCode
    /// Bit i: `LoopConfiguration.watchedHeaders[i]` came with the request (server), or with the
    /// answer's headers or trailers (client).
    public internal(set) var watched: UInt32
    /// When the caller gives up, in monotonic nanoseconds; `.max`: never.
    public internal(set) var deadline: UInt64
    /// Client: the number given to `submit`. Server: 0.
    public internal(set) var tag: UInt64
}
