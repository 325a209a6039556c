// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// From the listening socket to this loop or another.
extension LoopPort {
    /// Takes what waits at the listening socket, a bounded number at a time.
    mutating func accept() {
        guard let descriptor = listener?.descriptor, acceptPauseEnd == nil else { return }
        for _ in 0..<Limits.acceptsPerTurn {
            let accepted = stockade_accept(descriptor)
            guard accepted >= 0 else {
                let code = stockade_errno()
                if code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM {
                    pauseAccepting()
                }
                // A connection that ended before it was taken is one less; all else means none left.
                if code == ECONNABORTED || code == EINTR { continue }
                return
            }
            place(accepted)
        }
    }

    /// Goes on accepting after a pause.
    mutating func resumeAccepting() {
        guard let end = acceptPauseEnd, now.monotonicNanoseconds >= end else { return }
        acceptPauseEnd = nil
        if let descriptor = listener?.descriptor {
            poller.change(descriptor, .reading, key: Self.listenerKey)
        }
    }

    /// Takes the sockets that the accepting loop handed over.
    mutating func adoptHandedOver() {
        guard hasHandedOver else { return }
        hasHandedOver = false
        for descriptor in control.takeHandedOver() { adopt(descriptor) }
    }

    /// Level-triggered readiness would have us try again at once, and again.
    mutating func pauseAccepting() {
        acceptPauseEnd = now.monotonicNanoseconds &+ Limits.acceptPauseNanoseconds
        if let descriptor = listener?.descriptor {
            poller.change(descriptor, .nothing, key: Self.listenerKey)
        }
    }

    /// Gives a socket to the loop with the fewest connections.
    private mutating func place(_ descriptor: Int32) {
        var total = control.connectionCount
        var least: LoopControl = control
        for peer in peers {
            let count = peer.connectionCount
            total += count
            if count < least.connectionCount { least = peer }
        }
        guard total < connectionsMax else {
            shared.value.tally.count(MeterLayout.turnedAway)
            stockade_close(descriptor)
            return
        }
        // Counted before the loop has it, so that the next one goes elsewhere.
        least.countConnections(1)
        if least === control {
            adopt(descriptor)
        } else if !least.handOver(descriptor) {
            least.countConnections(-1)
            shared.value.tally.count(MeterLayout.turnedAway)
            stockade_close(descriptor)
        }
    }

    /// Makes a connection of an accepted socket, which is counted already.
    private mutating func adopt(_ descriptor: Int32) {
        let stream = ByteStream(adopting: descriptor)
        guard drainEnd == nil, let id = connections.nextID,
            let session = try? Session(
                .server, id: id, authority: nil, setup: setup, shared: shared),
            poller.add(descriptor, .reading, key: id.packed)
        else { return control.countConnections(-1) }
        let connection = connections.insert(
            Connection(
                id: id, stream: stream, session: session, stage: .open, interest: .reading,
                since: now.monotonicNanoseconds))
        shared.value.tally.count(MeterLayout.accepted)
        updateTimer(of: connection)
    }
}
