// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// Calls: sending them, now, when there is room, and once more.
extension RushLoop {
    /// Sends a call that has been taken up, or lets it wait for room.
    mutating func send(_ slot: Int, _ port: inout LoopPort) {
        guard waiting.isEmpty, let index = connections.withRoom() else {
            return waiting.append(slot)
        }
        submit(slot, on: index, &port)
    }

    /// Sends what waits for room, as far as there is some.
    mutating func sendWaiting(_ port: inout LoopPort) {
        giveUpWaiting(at: stockade_monotonic_nanoseconds())
        while !waiting.isEmpty, let index = connections.withRoom(),
            let slot = waiting.removeFirst()
        {
            submit(slot, on: index, &port)
        }
    }

    /// Sends the calls again whose pause is over.
    mutating func sendAgain(at now: UInt64, _ port: inout LoopPort) {
        guard connections.openCount > 0 else { return giveUpThoseLate(at: now) }
        while let slot = retries.popReady(at: now) { send(Int(slot), &port) }
    }

    /// Without a connection calls can only wait, but not for ever.
    private mutating func giveUpThoseLate(at now: UInt64) {
        while let slot = retries.popReady(at: now) {
            if mayRepeat(Int(slot), at: now) {
                retries.push(slot, due: now + RetryPolicy.pauseMax)
            } else {
                giveUp(Int(slot), calls.rows[Int(slot)].lastStatus, at: now)
            }
        }
    }

    private mutating func giveUpWaiting(at now: UInt64) {
        while let slot = waiting.front, !mayRepeat(slot, at: now) {
            _ = waiting.removeFirst()
            giveUp(slot, .unavailable, at: now)
        }
    }

    /// True when the call may be sent once more.
    func mayRepeat(_ slot: Int, at now: UInt64) -> Bool {
        let call = calls.rows[slot]
        let policy = plan.scenario.calls
        return call.attempts < policy.attempts && now < call.due + policy.giveUp
            && !control.givesUp
    }

    /// An attempt has ended without a final answer: the call waits for another.
    mutating func putBack(_ slot: Int, _ status: StatusCode, at now: UInt64) {
        draws += 1
        calls.rows[slot].lastStatus = status
        let pause = RetryPolicy.pause(
            afterFailures: calls.rows[slot].attempts - min(1, calls.rows[slot].attempts),
            draw: Mix.words(plan.scenario.seed &+ thread, draws))
        retries.push(UInt32(slot), due: now + pause)
    }

    private mutating func submit(_ slot: Int, on index: Int, _ port: inout LoopPort) {
        let call = calls.rows[slot]
        guard let connection = connections.idWithRoom(index) else { return }
        write(call)
        let isSent = RushLoop.submit(
            writer, on: connection, RushLoop.method(of: call.kind),
            timeout: plan.scenario.calls.timeout, tag: UInt64(slot), &port)
        guard isSent else {
            // The server allows fewer calls, or is going away.
            connections.refused(index, on: &port)
            let now = stockade_monotonic_nanoseconds()
            guard mayRepeat(slot, at: now) else { return giveUp(slot, .unavailable, at: now) }
            return putBack(slot, .unavailable, at: now)
        }
        connections.began(index)
        work += 1
        if call.attempts == 0 {
            calls.rows[slot].firstSent = stockade_monotonic_nanoseconds()
            second.slice.sent += 1
        } else {
            tally.kinds[Int(call.kind.rawValue)].retried += 1
            second.slice.retried += 1
        }
        calls.rows[slot].attempts += 1
    }

    private mutating func write(_ call: CallState) {
        let slot = Int(call.journey)
        let row = journeys.rows[slot]
        let id = plan.identity.id(.reserve, row.number)
        switch call.kind {
        case .getStock: writer.getStock(lines, from: slot * plan.linesMax)
        case .reserve: writer.reserve(row, id, lines, from: slot * plan.linesMax)
        case .confirm: writer.confirm(id, into: plan.identity.id(.order, row.number))
        case .release: writer.release(id)
        case .createOrder:
            writer.createOrder(
                row, plan.identity.id(.order, row.number), lines, from: slot * plan.linesMax)
        case .cancelOrder:
            writer.cancelOrder(
                row, plan.identity.id(.order, row.number),
                request: plan.identity.id(.cancel, row.number), lines, from: slot * plan.linesMax)
        }
    }

    private static func submit(
        _ writer: borrowing RequestWriter, on connection: ConnectionID, _ method: Method,
        timeout: UInt64, tag: UInt64, _ port: inout LoopPort
    ) -> Bool {
        writer.message.withBytes {
            port.submit(
                on: connection, method: method.rawValue, message: $0, timeoutNanoseconds: timeout,
                tag: tag) != nil
        }
    }

    private static func method(of kind: CallKind) -> Method {
        switch kind {
        case .getStock: .getStock
        case .reserve: .reserve
        case .confirm: .confirm
        case .release: .release
        case .createOrder: .createOrder
        case .cancelOrder: .cancelOrder
        }
    }
}
