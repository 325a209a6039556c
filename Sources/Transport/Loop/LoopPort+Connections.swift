// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The life of a connection after it was made.
extension LoopPort {
    /// Ends a connection at once. Its calls end first.
    mutating func remove(_ connection: Handle<Connection>) {
        connection.value.session.handle.abandonCalls()
        if connection.value.session.handle.value.role == .client {
            _ = news.append(ConnectionNews(id: connection.value.id, kind: .disconnected))
        } else {
            shared.value.tally.ended(connection.value.end)
        }
        control.countConnections(-1)
        connections.remove(connection)
    }

    /// Ends our side of a connection, and waits for the peer's end for a moment: closing a socket
    /// with unread input would make the kernel throw away our last bytes.
    mutating func linger(_ connection: Handle<Connection>) {
        guard connection.value.session.handle.value.role == .server else {
            return remove(connection)
        }
        connection.value.session.handle.abandonCalls()
        connection.value.stream.endWriting()
        connection.value.unsent.removeAll()
        connection.value.stage = .lingering
        connection.value.lingeringSince = now.monotonicNanoseconds
        updateInterest(of: connection)
        updateTimer(of: connection)
    }

    /// Closes what the service asked to close.
    mutating func closeUnwanted() {
        guard !unwanted.isEmpty else { return }
        for index in 0..<unwanted.count {
            if let connection = connections.find(unwanted[index]) { remove(connection) }
        }
        unwanted.removeAll()
    }

    /// Closes every connection at once.
    mutating func closeAll() {
        for slot in 0..<connections.usedSlots {
            guard let connection = connections.find(slot: slot) else { continue }
            if connection.value.stage != .lingering { connection.value.end = .stopped }
            remove(connection)
        }
    }

    /// Begins to end: no new connections, a first GOAWAY to those that are there.
    mutating func beginDrain() {
        drainEnd = now.monotonicNanoseconds &+ drainNanoseconds
        listener = nil
        for slot in 0..<connections.usedSlots {
            guard let connection = connections.find(slot: slot) else { continue }
            switch connection.value.session.handle.value.role {
            case .client: remove(connection)
            case .server:
                guard connection.value.stage == .open else { continue }
                connection.value.drainingSince = now.monotonicNanoseconds
                connection.value.session.handle.beginDrain()
                updateTimer(of: connection)
            }
        }
    }

    /// True when a loop that was asked to end has ended everything, or may wait no longer.
    var isDone: Bool {
        if control.isStopped { return true }
        guard let drainEnd else { return false }
        return connections.count == 0 || now.monotonicNanoseconds >= drainEnd
    }

    /// Watches the socket for what the connection can use now: no reading while the peer leaves too
    /// much of our answers unread, no asking for room to write while nothing waits.
    func updateInterest(of connection: Handle<Connection>) {
        let isBlocked = !connection.value.unsent.isEmpty
        let isBehind =
            isBlocked && connection.value.waitingBytes >= Limits.writeHighWaterBytes
        let interest = Poller.Interest(reading: !isBehind, writing: isBlocked)
        guard interest != connection.value.interest else { return }
        connection.value.interest = interest
        poller.change(
            connection.value.stream.descriptor, interest, key: connection.value.id.packed)
    }
}
