// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// Calling servers.
extension LoopPort {
    /// Begins a connection. The service hears `connected` or `disconnected` of it later.
    ///
    /// - Throws: `TransportError` when the system refuses at once, or this loop has no room.
    public mutating func connect(
        _ address: SocketAddress
    ) throws(TransportError) -> ConnectionID {
        guard let id = connections.nextID else { throw TransportError(.connect) }
        let stream = try ByteStream.connecting(to: address)
        let descriptor = stream.descriptor
        let session = try Session(
            .client, id: id, authority: address.description, setup: setup, shared: shared)
        guard poller.add(descriptor, .writing, key: id.packed) else {
            throw .fromSystem(.connect)
        }
        let connection = connections.insert(
            Connection(
                id: id, stream: stream, session: session, stage: .connecting,
                interest: .writing, since: now.monotonicNanoseconds))
        control.countConnections(1)
        updateTimer(of: connection)
        return id
    }

    /// Sends a unary call. Its answer comes to `receive`, any other end to `closed`.
    ///
    /// - Parameters:
    ///   - connection: an open one.
    ///   - method: index into `LoopConfiguration.methods`.
    ///   - message: the protobuf bytes, copied.
    ///   - timeoutNanoseconds: sent along, and kept here as well: a call that takes longer is given
    ///     up.
    ///   - tag: a number of the caller's, given back with the answer.
    /// - Returns: nil when the connection takes no call now: not open, going away, or as many calls
    ///   open as the server allows.
    /// - Complexity: O(message); no allocation of ours while prefix and message fit the call's slot.
    public mutating func submit(
        on connection: ConnectionID, method: UInt16, message: Span<UInt8>,
        timeoutNanoseconds: UInt64?, tag: UInt64
    ) -> CallID? {
        guard let connection = connections.find(connection), connection.value.stage == .open else {
            return nil
        }
        let timeout = timeoutNanoseconds.map { CallTimeout(nanoseconds: $0) }
        return connection.value.session.handle.submit(
            method: method, message: message, timeout: timeout, tag: tag)
    }

    /// Closes a connection at the end of this turn; its open calls end with `closed`, then it ends
    /// with `disconnected`.
    public mutating func close(_ connection: ConnectionID) {
        guard connections.find(connection) != nil else { return }
        // At most one entry per connection matters; more than the list holds are repetitions.
        _ = unwanted.append(connection)
    }

    /// While the service receives an answer: when its bytes were read, in monotonic nanoseconds. Later
    /// than the turn's begin by what the turn has taken since.
    public var readNanoseconds: UInt64 { shared.value.readAt }

    /// While the service receives an answer: when its request was written, in monotonic nanoseconds,
    /// after waiting for windows and for the socket; 0: it isn't open, or never was.
    public func writtenNanoseconds(of call: CallID) -> UInt64 {
        shared.value.calls.find(call)?.value.writtenAt ?? 0
    }

    /// Lends the `grpc-message` of the latest failed call, decoded: for people, and for nothing else.
    public borrowing func withFailureText<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        shared.value.failureText.withBytes(body)
    }
}
