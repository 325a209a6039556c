// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// What the dump has of a reservation, against what its buyer knows.
extension CaseJudge {
    /// Ticks after its deadline within which a hold may still stand: the last second of a run.
    private static let overdueTicks: UInt64 = 1_000

    mutating func effects(_ item: ReservationCase) {
        if item.holds.count > 1 || item.orders.count > 1 {
            fail(.duplicate, "is in the dump more than once", item)
            if item.taking == nil, item.holds.count + item.orders.count > 1,
                item.mayHaveWorked(item.isOrder ? .createOrder : .reserve)
            {
                fail(.unknown, "had no answer and more than one effect", item)
            }
        }
        if item.isOrder { return purchase(item) }
        guard let hold = item.holds.first else { return missing(item) }
        grant(item, hold)
        order(item, hold)
        if let order = item.orders.first { cancellation(item, order) }
        ending(item, hold)
        expiry(item, hold)
    }

    mutating func noteApplied(_ kind: CallKind) { counts.applied[Int(kind.rawValue)] += 1 }

    private mutating func missing(_ item: ReservationCase) {
        if item.grant != nil, !item.isOvertaken(restarts) {
            fail(.lost, "was acknowledged and isn't in the dump", item)
        }
        if !item.orders.isEmpty {
            fail(.phantom, "an order of a reservation that isn't there", item)
        }
    }

    private mutating func grant(_ item: ReservationCase, _ hold: Range<Int>) {
        if let grant = item.grant {
            // An overtaken one was said before.
            if !item.isOvertaken(restarts), !item.lines(of: hold, are: grant) {
                fail(.lost, "the dump doesn't have what was granted", item)
            }
        } else if item.isOvertaken(restarts) {
            fail(.phantom, "was released before it was reserved, and is in the dump", item)
        } else if let first = item.first(.reserve) {
            if !item.mayHaveWorked(.reserve) {
                fail(.phantom, "was refused and is in the dump", item)
            } else {
                if first.outcome == .unknown { noteApplied(.reserve) }
                if !item.lines(of: hold, answer: first) {
                    fail(.unknown, "had no answer, and an effect that wasn't asked for", item)
                }
            }
        } else if isComplete {
            fail(.phantom, "is in the dump and was never asked for", item)
        }
    }

    private mutating func order(_ item: ReservationCase, _ hold: Range<Int>) {
        let isConfirmed = item.state(of: hold) == .confirmed
        guard let order = item.orders.first else {
            if !isConfirmed { return }
            if item.confirmation != nil {
                fail(.lost, "was confirmed, and its order isn't in the dump", item)
            } else {
                fail(.unknown, "is confirmed without an order", item)
            }
            return
        }
        let isKnown = item.has(.confirm) || isComplete
        if !item.mayHaveWorked(.confirm) {
            if isKnown { fail(.phantom, "an order that nobody, or a refused call, made", item) }
            return
        }
        if item.confirmation == nil, item.first(.confirm)?.outcome == .unknown {
            noteApplied(.confirm)
        }
        if !isConfirmed {
            fail(.phantom, "an order of a reservation that isn't confirmed", item)
        }
        let expected = identity.id(.order, item.first(.confirm)?.head.journey ?? 0)
        if item.dumpRows[order.lowerBound].order != expected
            || item.dumpRows[hold.lowerBound].order != expected
        {
            fail(.phantom, "an order under an id that wasn't sent", item)
        }
        let isRight =
            item.grant.map { item.lines(of: order, are: $0) }
            ?? item.lines(of: order, are: hold)
        if !isRight {
            let name = item.confirmation == nil ? CheckName.unknown : .lost
            fail(name, "its order has other lines than the reservation", item)
        }
    }

    private mutating func ending(_ item: ReservationCase, _ hold: Range<Int>) {
        let state = item.state(of: hold)
        if state == .released {
            if !item.mayHaveWorked(.release) {
                if item.has(.release) || isComplete {
                    fail(.phantom, "is released, by nobody or by a refused call", item)
                }
            } else if item.first(.release)?.outcome == .unknown {
                noteApplied(.release)
            }
        }
        // Both said that they won: that was found before, and the dump can't please both.
        if item.confirmation != nil, item.giveBack != nil { return }
        let (lost, what): (CheckName, String) =
            item.isRace ? (.race, "the race's winner") : (.lost, "the acknowledged call")
        if item.confirmation != nil, state != .confirmed {
            fail(
                state == .expired ? .expiry : lost,
                "the dump doesn't agree with \(what): it was confirmed", item)
        } else if item.giveBack != nil, state != .released {
            fail(lost, "the dump doesn't agree with \(what): it was released", item)
        } else if state != .expired,
            item.calls.contains(where: { $0.kind == .release && $0.says(.expired) })
        {
            fail(.expiry, "Release was told that it has expired, the dump says otherwise", item)
        } else if item.isRace {
            let isWrong =
                item.isRefused(.confirm, .alreadyReleased) && state != .released
                || item.isRefused(.release, .alreadyConfirmed) && state != .confirmed
                || item.isRefused(.confirm, .reservationExpired) && state != .expired
            if isWrong { fail(.race, "the dump doesn't agree with what the loser was told", item) }
        }
    }

    private mutating func expiry(_ item: ReservationCase, _ hold: Range<Int>) {
        let row = item.dumpRows[hold.lowerBound]
        switch item.state(of: hold) {
        case .expired:
            counts.expired += 1
            if row.endedTick == .max || row.endedTick < row.deadlineTick {
                fail(.expiry, "expired before its deadline", item)
            }
        case .held:
            let highest = journal?.highestTick ?? 0
            if highest > CaseJudge.overdueTicks,
                row.deadlineTick < highest - CaseJudge.overdueTicks
            {
                fail(.expiry, "is held beyond its deadline, the journal's tick is \(highest)", item)
            }
        case .confirmed, .released:
            if row.endedTick != .max, row.endedTick >= row.deadlineTick {
                fail(.expiry, "was ended at or after its deadline, and not by expiry", item)
            }
        case .unspecified: break
        }
    }
}
