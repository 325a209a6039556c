// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// All that is known of one reservation, or of an order that was made at once: what was sent and
/// answered, and what the dump has.
struct ReservationCase {
    /// Rows of one id at most: a few calls, 500 lines each.
    static let rowsMax = 1 << 20

    /// One call, its rows line by line.
    struct Call {
        var rows: Range<Int>
        /// The first row: what it says of the call is the same in each.
        var head: CallRow

        var kind: CallKind { CallKind(rawValue: head.kind) ?? .getStock }
        var outcome: CallRow.Outcome { CallRow.Outcome(rawValue: head.outcome) ?? .unknown }
        var isAgain: Bool { head.flags.contains(.again) }
        var isReplay: Bool { head.flags.contains(.replay) }
        var reason: Reason { Reason(rawValue: head.reason) ?? .unspecified }
        var isAcknowledged: Bool { outcome == .acknowledged }

        /// A refusal that was made before the id was looked up says nothing of earlier attempts.
        var isRefusedForGood: Bool {
            outcome == .refused
                && (head.attempts <= 1 || head.status != StatusCode.resourceExhausted.rawValue)
        }

        /// Whether it may have had an effect, for all that its sender knows.
        var mayHaveWorked: Bool { isAcknowledged || !isRefusedForGood }

        func says(_ state: ReservationState) -> Bool {
            isAcknowledged && head.state == state.rawValue
        }
    }

    var id = ClientID(high: 0, low: 0)
    private(set) var rows: [CallRow] = []
    private(set) var dumpRows: [DumpRow] = []
    private(set) var calls: [Call] = []
    /// Ranges of `dumpRows`.
    private(set) var holds: [Range<Int>] = []
    private(set) var orders: [Range<Int>] = []

    mutating func begin(_ id: ClientID) {
        self.id = id
        rows.removeAll(keepingCapacity: true)
        dumpRows.removeAll(keepingCapacity: true)
        calls.removeAll(keepingCapacity: true)
        holds.removeAll(keepingCapacity: true)
        orders.removeAll(keepingCapacity: true)
    }

    /// Adds a row; they come sorted.
    mutating func add(_ row: CallRow) {
        let place = rows.count
        rows.append(row)
        if let last = calls.last, last.head.kind == row.kind, last.head.sent == row.sent,
            last.isAgain == row.flags.contains(.again), rows[place - 1].line < row.line
        {
            calls[calls.count - 1].rows = last.rows.lowerBound..<place + 1
        } else {
            calls.append(Call(rows: place..<place + 1, head: row))
        }
    }

    /// Adds a row; they come sorted.
    mutating func add(_ row: DumpRow) {
        let place = dumpRows.count
        let continues = place > 0 && dumpRows[place - 1].record == row.record
        dumpRows.append(row)
        if row.kind == DumpRow.hold {
            if continues { holds.removeLast() }
            holds.append(first(of: row)..<place + 1)
        } else {
            if continues { orders.removeLast() }
            orders.append(first(of: row)..<place + 1)
        }
    }

    private func first(of row: DumpRow) -> Int {
        var place = dumpRows.count - 1
        while place > 0, dumpRows[place - 1].record == row.record { place -= 1 }
        return place
    }

    // MARK: - Questions

    /// The first sending of a kind of call.
    func first(_ kind: CallKind) -> Call? { calls.first { $0.kind == kind && !$0.isAgain } }

    /// The call by whose answer the buyer has the reservation.
    var grant: Call? { calls.first { $0.kind == .reserve && $0.isAcknowledged } }

    /// The call by whose answer the buyer has the order.
    var confirmation: Call? { calls.first { $0.kind == .confirm && $0.isAcknowledged } }

    /// An answer that the reservation was given back.
    var giveBack: Call? { calls.first { $0.kind == .release && $0.says(.released) } }

    /// The call by whose answer the buyer has an order that was made at once.
    var purchase: Call? { calls.first { $0.kind == .createOrder && $0.isAcknowledged } }

    /// The call that took units off what there was, if it was acknowledged.
    var taking: Call? { grant ?? purchase }

    /// Whether it is about an order that no reservation came before.
    var isOrder: Bool {
        if let kind = calls.first?.kind {
            return kind == .createOrder
                || kind == .cancelOrder && holds.isEmpty && orders.allSatisfy(isAtOnce)
        }
        return holds.isEmpty && !orders.isEmpty && orders.allSatisfy(isAtOnce)
    }

    /// Whether an order of the dump has no reservation.
    private func isAtOnce(_ order: Range<Int>) -> Bool {
        dumpRows[order.lowerBound].order == dumpRows[order.lowerBound].id
    }

    func mayHaveWorked(_ kind: CallKind) -> Bool {
        calls.contains { $0.kind == kind && $0.mayHaveWorked }
    }

    func isRefused(_ kind: CallKind, _ reason: Reason) -> Bool {
        calls.contains { $0.kind == kind && $0.outcome == .refused && $0.reason == reason }
    }

    func has(_ kind: CallKind) -> Bool { calls.contains { $0.kind == kind } }

    var isRace: Bool { calls.contains { $0.head.flags.contains(.race) } }

    /// Released, with an answer to that, before it was reserved, and no restart in between: the
    /// server remembers such a release in memory alone.
    func isOvertaken(_ restarts: [UInt64]) -> Bool {
        guard let reserve = first(.reserve), reserve.head.flags.contains(.overtaken),
            let release = calls.first(where: {
                $0.kind == .release && $0.head.flags.contains(.overtaken)
                    && $0.outcome == .refused && $0.reason == .reservationNotFound
            })
        else { return false }
        let end = reserve.head.answered == 0 ? UInt64.max : reserve.head.answered
        return !restarts.contains { $0 >= release.head.sent && $0 <= end }
    }

    func state(of hold: Range<Int>) -> ReservationState {
        ReservationState(rawValue: dumpRows[hold.lowerBound].state) ?? .unspecified
    }
}
