// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// Judges reservation after reservation, and order after order, by what its buyer knows and, if there is a dump, by that.
struct CaseJudge {
    /// What was looked at.
    struct Counts {
        var calls = 0
        var reservations = 0
        /// By `CallKind.rawValue`: first sendings that were acknowledged, those without an answer, and
        /// those of them that took effect.
        var acknowledged = Array(repeating: 0, count: CallKind.allCases.count)
        var unknown = Array(repeating: 0, count: CallKind.allCases.count)
        var applied = Array(repeating: 0, count: CallKind.allCases.count)
        var retried = 0
        var again = 0
        var races = 0
        var shortRefusals = 0
        var holds = 0
        var orders = 0
        var expired = 0
    }

    let identity: RunIdentity
    /// Nil: there is no dump.
    let journal: DumpJournal?
    /// Whether the ledger has a row for whatever was sent.
    let isComplete: Bool
    /// When the server began anew, nanoseconds since the run's start.
    let restarts: [UInt64]
    var log = CheckLog()
    var counts = Counts()

    init(_ input: OracleInput, journal: DumpJournal?, isComplete: Bool) {
        identity = input.identity
        restarts = input.restarts
        self.journal = journal
        self.isComplete = isComplete
    }

    /// Judges one reservation.
    mutating func judge(_ item: ReservationCase) {
        count(item)
        answers(item)
        contest(item)
        for call in item.calls where call.kind == .reserve || call.kind == .createOrder {
            refusal(call, item)
        }
        if item.grant != nil, item.isOvertaken(restarts) {
            fail(.phantom, "was released before it was reserved, and granted", item)
        }
        if journal != nil { effects(item) }
    }

    private mutating func count(_ item: ReservationCase) {
        counts.calls += item.calls.count
        counts.holds += item.holds.count
        counts.orders += item.orders.count
        if item.has(.reserve) { counts.reservations += 1 }
        if item.isRace { counts.races += 1 }
        for call in item.calls {
            if call.isAgain {
                counts.again += 1
                continue
            }
            if call.head.attempts > 1 { counts.retried += 1 }
            let kind = Int(call.kind.rawValue)
            if call.outcome == .acknowledged { counts.acknowledged[kind] += 1 }
            if call.outcome == .unknown { counts.unknown[kind] += 1 }
        }
    }

    // MARK: - Answers among themselves

    /// One id, one answer.
    private mutating func answers(_ item: ReservationCase) {
        for kind in CallKind.allCases where kind != .getStock {
            guard let first = item.first(kind) else { continue }
            let isReplayedAtOnce = item.calls.contains {
                $0.kind == kind && !$0.isAgain && $0.head.attempts == 1 && $0.isReplay
                    && $0.outcome != .unknown
            }
            if isReplayedAtOnce {
                fail(.duplicate, "a first attempt was answered as a replay", item)
            }
            guard first.isAcknowledged else { continue }
            for again in item.calls where again.kind == kind && again.isAgain {
                repetition(again, of: first, item)
            }
        }
        if let taking = item.taking, isOverasked(taking, item) {
            fail(.phantom, "was granted more than it asked for", item)
        }
        for call in item.calls where call.outcome == .refused {
            let made: ReservationCase.Call?
            switch call.reason {
            case .reservationNotFound where call.kind != .reserve: made = item.grant
            case .orderNotFound: made = item.confirmation ?? item.purchase
            case .orderStateConflict, .exceedsReservation:
                // Nobody else cancels, and nobody cancels more than there is.
                if call.kind == .cancelOrder, !call.isAgain {
                    fail(.duplicate, "was refused as if it had been cancelled before", item)
                }
                continue
            default: continue
            }
            guard let made, made.head.answered > 0, made.head.answered <= call.head.sent
            else { continue }
            fail(.lost, "was acknowledged and then not found", item)
        }
    }

    private func isOverasked(_ grant: ReservationCase.Call, _ item: ReservationCase) -> Bool {
        item.rows[grant.rows].contains { $0.granted > $0.requested || $0.granted < 0 }
    }

    private mutating func repetition(
        _ again: ReservationCase.Call, of first: ReservationCase.Call, _ item: ReservationCase
    ) {
        switch again.outcome {
        case .unknown: return
        case .refused:
            // Turned away at the door: nothing was looked up.
            if again.head.status == StatusCode.resourceExhausted.rawValue { return }
            return fail(.duplicate, "was answered OK first and refused again", item)
        case .acknowledged: break
        }
        let changes = first.kind != .release || first.says(.released)
        if changes, !again.isReplay {
            fail(.duplicate, "was sent again and not answered as a replay", item)
        }
        let figures = item.rows[first.rows].map(\.granted)
        if first.kind == .release {
            if first.head.state != again.head.state {
                fail(.duplicate, "was sent again and answered another state", item)
            }
        } else if item.rows[again.rows].map(\.granted) != figures {
            fail(.duplicate, "was sent again and answered other figures", item)
        }
    }

    /// Of confirm, release and expiry one wins.
    private mutating func contest(_ item: ReservationCase) {
        if item.confirmation != nil, item.giveBack != nil {
            fail(.race, "confirmed and released, both acknowledged", item)
            return
        }
        if item.isRefused(.confirm, .alreadyReleased), item.isRefused(.release, .alreadyConfirmed) {
            fail(.race, "confirmed for the one, released for the other", item)
        }
    }

    /// Nobody is refused while there is enough.
    private mutating func refusal(_ call: ReservationCase.Call, _ item: ReservationCase) {
        guard call.outcome == .refused, call.reason == .insufficientStock else { return }
        counts.shortRefusals += 1
        let rows = item.rows[call.rows]
        let isPartial = call.head.flags.contains(.partial)
        // The figure is the first failing line's; whether each row has it or only that line's, it
        // must be too small for one of those that have it.
        var known = 0
        var enough = 0
        for row in rows where row.available >= 0 {
            known += 1
            let wanted = rows.reduce(0) { $1.sku == row.sku ? $0 &+ $1.requested : $0 }
            if isPartial ? row.available > 0 : row.available >= wanted { enough += 1 }
        }
        if known > 0, enough == known {
            fail(.undersold, "was refused while there was enough", item)
        }
    }

    mutating func fail(
        _ name: CheckName, count: Int64 = 1, _ finding: String, _ item: ReservationCase
    ) {
        let hasDump = journal != nil
        log.fail(name, count: count, item.text(finding, dump: hasDump))
    }
}
