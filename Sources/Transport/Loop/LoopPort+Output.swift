// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Primitives

/// From the sessions to the sockets.
extension LoopPort {
    /// Writes what the turn has made, once per connection.
    mutating func flush() {
        let shared = shared
        while !shared.value.dirty.isEmpty {
            let last = shared.value.dirty.count - 1
            flushing.append(shared.value.dirty[last])
            shared.value.dirty.truncate(to: last)
        }
        for index in 0..<flushing.count {
            guard let connection = connections.find(flushing[index]) else { continue }
            connection.value.session.handle.value.isDirty = false
            if connection.value.stage == .open { flush(connection) }
        }
        flushing.removeAll()
    }

    /// True when the next turn must not wait: something is left to send or to let go.
    var hasWork: Bool {
        if !shared.value.dirty.isEmpty || !unwanted.isEmpty { return true }
        if let first = gate.firstSequence { return first <= durableSequence || hasLostDurability }
        return false
    }

    /// Ends a connection whose peer went too far: tells it so if it takes the bytes, and waits for
    /// nothing.
    mutating func end(_ connection: Handle<Connection>, _ fault: SessionFault) {
        connection.value.end = .fault
        if case .fatal = fault { return remove(connection) }
        let session = connection.value.session.handle
        session.terminate()
        output.removeAll()
        _ = session.send(into: &output)
        if connection.value.unsent.isEmpty, output.count > 0 {
            _ = unsafe connection.value.stream.write(output.start, count: output.count)
        }
        linger(connection)
    }

    private mutating func flush(_ connection: Handle<Connection>) {
        let session = connection.value.session.handle
        guard writeUnsent(connection) else { return remove(connection) }
        if connection.value.unsent.isEmpty {
            output.removeAll()
            if session.value.role == .client {
                shared.value.writtenAt = stockade_monotonic_nanoseconds()
            }
            if let fault = session.send(into: &output) { return end(connection, fault) }
            guard writeOutput(connection) else { return remove(connection) }
        }
        if session.value.hasBacklog, connection.value.waitingBytes < Limits.writeHighWaterBytes {
            session.readmitBacklog()
        }
        if connection.value.unsent.isEmpty, !session.value.isDirty, isOver(session) {
            if session.value.drain == .final { connection.value.end = .drained }
            return linger(connection)
        }
        updateInterest(of: connection)
        updateTimer(of: connection)
    }

    /// Writes what is left from before; false when the connection is broken.
    private func writeUnsent(_ connection: Handle<Connection>) -> Bool {
        guard !connection.value.unsent.isEmpty else { return true }
        switch connection.value.unsent.write(to: connection.value.stream) {
        case .ended: return false
        case .blocked: return true
        case .moved:
            connection.value.blockedSince = now.monotonicNanoseconds
            return true
        }
    }

    /// Writes the output buffer and keeps what isn't taken; false when the connection is broken.
    private func writeOutput(_ connection: Handle<Connection>) -> Bool {
        guard output.count > 0 else { return true }
        switch unsafe connection.value.stream.write(output.start, count: output.count) {
        case .ended: return false
        case .blocked: keepUnsent(connection, from: 0)
        case .moved(let count) where count < output.count: keepUnsent(connection, from: count)
        case .moved: if output.isFull { connection.value.session.handle.markDirty() }
        }
        return true
    }

    private func keepUnsent(_ connection: Handle<Connection>, from offset: Int) {
        // SAFETY: the output buffer holds so many bytes.
        unsafe connection.value.unsent.keep(output.start + offset, count: output.count - offset)
        connection.value.blockedSince = now.monotonicNanoseconds
    }

    private func isOver(_ session: Handle<SessionState>) -> Bool {
        if session.value.drain == .final, session.value.openCalls == 0 { return true }
        return session.isFinished
    }
}
