// SPDX-License-Identifier: Apache-2.0

/// What a loop does with its calls. One value per loop, on the loop's thread; a method runs to its
/// end and never waits.
public protocol Service: ~Copyable {
    /// A call's message is whole.
    ///
    /// Server: answer exactly once, with `port.reply` or `port.refuse`: now, or, after
    /// `port.deferAnswer`, in a later turn, when the message is lent no more. Client: the answer is
    /// here; a failure that the server reported has its `head.status`, and for a message what its
    /// `grpc-status-details-bin` held, a serialised google.rpc.Status: empty when there was none.
    ///
    /// - Parameters:
    ///   - head: the call.
    ///   - message: the protobuf bytes; lent until the answer is given, or else until this returns.
    ///   - now: the time of this turn.
    ///   - port: the way out.
    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort)

    /// Once per turn, after the turn's input.
    ///
    /// - Parameters:
    ///   - now: the time of this turn.
    ///   - port: the way out.
    /// - Returns: the monotonic nanoseconds at which the next turn must begin at the latest; `.max`
    ///   when only input matters.
    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64

    /// The loop has nothing to do and is about to sleep: what was put off for later is due now.
    ///
    /// - Parameter now: the time of the latest turn.
    mutating func idle(_ now: TurnTime)

    /// A call ended in another way: server, while its reply was held; client, without an answer
    /// (reset, connection lost, out of time), with the reason in `head.status`.
    ///
    /// - Parameters:
    ///   - head: the call; its id is dead.
    ///   - now: the time of this turn.
    ///   - port: the way out.
    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort)

    /// A connection made with `port.connect` is open: both sides have sent their settings.
    ///
    /// - Parameters:
    ///   - connection: the id that `connect` returned.
    ///   - now: the time of this turn.
    ///   - port: the way out.
    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort)

    /// A connection made with `port.connect` is gone, or couldn't be made. Its calls have ended
    /// before, each with `closed`.
    ///
    /// - Parameters:
    ///   - connection: the id that `connect` returned; dead now.
    ///   - now: the time of this turn.
    ///   - port: the way out.
    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort)
}

/// What most services leave to the default: a server has no connections of its own making.
extension Service where Self: ~Copyable {
    /// Does nothing.
    public mutating func idle(_ now: TurnTime) {}
    /// Does nothing.
    public mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {}
    /// Does nothing.
    public mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {}
    /// Does nothing.
    public mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {}
}
