// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Primitives

/// From the poller to the sessions.
extension LoopPort {
    /// Acts on an event. The service's calls are in the shared lists afterwards.
    mutating func handle(_ event: Poller.Event) {
        switch event.key {
        case Self.wakeKey:
            control.clearWake()
            hasHandedOver = true
        case Self.listenerKey:
            accept()
        default:
            // The connection may have been closed by an earlier event of this turn.
            guard let connection = connections.find(ConnectionID(packed: event.key)) else { return }
            handle(event, of: connection)
        }
    }

    private mutating func handle(_ event: Poller.Event, of connection: Handle<Connection>) {
        switch connection.value.stage {
        case .connecting:
            guard event.isWritable || event.isBroken else { return }
            guard connection.value.stream.connectionError() == 0 else {
                return remove(connection)
            }
            connection.value.stage = .open
            connection.value.session.handle.markDirty()
            updateInterest(of: connection)
        case .open:
            if event.isWritable { connection.value.session.handle.markDirty() }
            if event.isReadable || event.isBroken { read(connection) }
        case .lingering:
            discard(connection)
        }
    }

    private mutating func read(_ connection: Handle<Connection>) {
        let outcome = unsafe connection.value.stream.read(input, room: Limits.readBytesPerTurn)
        switch outcome {
        case .blocked: return
        case .ended: return remove(connection)
        case .moved(let count):
            let session = connection.value.session.handle
            if session.value.role == .client {
                shared.value.readAt = stockade_monotonic_nanoseconds()
            }
            // SAFETY: so many bytes were read just now.
            if let fault = unsafe session.receive(input, count: count) {
                return end(connection, fault)
            }
            if session.value.role == .client { announce(connection) }
            updateTimer(of: connection)
        }
    }

    /// Reads and forgets until the peer has ended its side too.
    private mutating func discard(_ connection: Handle<Connection>) {
        let outcome = unsafe connection.value.stream.read(input, room: Limits.readBytesPerTurn)
        if outcome == .ended { remove(connection) }
    }

    private mutating func announce(_ connection: Handle<Connection>) {
        guard connection.value.session.handle.value.isEstablished, !connection.value.isAnnounced
        else { return }
        connection.value.isAnnounced = true
        _ = news.append(ConnectionNews(id: connection.value.id, kind: .connected))
    }
}
