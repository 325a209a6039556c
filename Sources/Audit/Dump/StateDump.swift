// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives

/// The state at the journal's end, a line of JSON for each thing: `Protocols/dump.md` has the fields.
struct StateDump {
    /// Bytes handed over at a time.
    private static let pieceByteCount = 256 << 10

    let model: LedgerModel
    let identity: JournalIdentity?
    let end: JournalEnd

    /// Writes the journal's line, then accounts by number, holds, orders and outcomes by sequence.
    func write<Failure: Error>(
        _ write: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var lines = JSONLines()
        journal(&lines)
        for number in model.accountRows.keys.sorted() {
            account(number, &lines)
            try handOver(&lines, write)
        }
        let rows = (0..<model.holds.count).sorted {
            model.holds[$0].createdSequence < model.holds[$1].createdSequence
        }
        for row in rows where model.keepsForgotten || !model.isForgotten(model.holds[row]) {
            hold(model.holds[row], &lines)
            try handOver(&lines, write)
        }
        let orders = (0..<model.orders.count).sorted {
            model.orders[$0].createdSequence < model.orders[$1].createdSequence
        }
        for row in orders where model.keepsForgotten || !model.isForgotten(model.orders[row]) {
            order(model.orders[row], &lines)
            try handOver(&lines, write)
        }
        for (key, outcome) in rememberedOutcomes() {
            self.outcome(key, outcome, &lines)
            try handOver(&lines, write)
        }
        if !lines.bytes.isEmpty { try write(lines.bytes.span) }
    }

    private func handOver<Failure: Error>(
        _ lines: inout JSONLines, _ write: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        guard lines.bytes.count >= StateDump.pieceByteCount else { return }
        try write(lines.bytes.span)
        lines.removeAll()
    }

    private func rememberedOutcomes() -> [(key: EntryKey, outcome: ModelOutcome)] {
        var outcomes = model.forgottenOutcomes
        for (key, outcome) in model.outcomes
        where model.keepsForgotten || !model.isForgotten(since: outcome.tick) {
            outcomes.append((key, outcome))
        }
        return outcomes.sorted { $0.outcome.sequence < $1.outcome.sequence }
    }

    // MARK: - Lines

    private func journal(_ lines: inout JSONLines) {
        lines.beginLine(kind: "journal")
        lines.field("format_version", JournalFormat.version)
        if let identity {
            lines.field("uuid", hex: identity.uuid.hex)
        } else {
            lines.nullField("uuid")
        }
        lines.field("last_sequence", end.lastSequence)
        lines.field("epoch", end.epoch)
        lines.field("highest_tick", end.highestTick.milliseconds)
        lines.field("last_record_wall_ms", model.lastWall)
        lines.field("retention_ms", model.retention)
        lines.field("torn", flag: end.isTorn)
        lines.field("violations", model.violations.count)
        lines.endLine()
    }

    private func account(_ number: UInt32, _ lines: inout JSONLines) {
        guard let row = model.accountRows[number] else { return }
        let account = model.accounts[row]
        lines.beginLine(kind: "account")
        lines.field("account", number)
        lines.field("brand", code: text(account.brand))
        lines.field("sku", code: text(account.sku))
        lines.field("warehouse", code: text(account.warehouse))
        lines.field("on_hand", account.onHand)
        lines.field("held", account.held)
        lines.field("allocated", account.allocated)
        lines.field("safety", account.safety)
        lines.field("available", account.available)
        lines.field("backorder_limit", account.policy.backorderLimit)
        lines.field("low_water", account.policy.lowWater)
        lines.field("high_water", account.policy.highWater)
        lines.field("hold_ttl_ms", account.policy.holdTimeToLiveMilliseconds)
        lines.field("version", account.version)
        lines.field("source_version", account.sourceVersion)
        lines.field("last_sequence", account.lastSequence)
        lines.field("last_change_ms", account.lastWall)
        lines.endLine()
    }

    private func hold(_ hold: ModelHold, _ lines: inout JSONLines) {
        lines.beginLine(kind: "hold")
        lines.field("reservation_id", hex: hold.id.hex)
        lines.field("brand", code: text(hold.brand))
        lines.field("dealer", code: text(hold.dealer))
        switch hold.state {
        case .held: lines.field("state", text: "HELD")
        case .confirmed: lines.field("state", text: "CONFIRMED")
        case .released: lines.field("state", text: "RELEASED")
        case .expired: lines.field("state", text: "EXPIRED")
        }
        switch hold.fillMode {
        case 1: lines.field("fill_mode", text: "ALL_OR_NOTHING")
        case 2: lines.field("fill_mode", text: "PARTIAL")
        default: lines.field("fill_mode", text: "UNKNOWN")
        }
        lines.field("created_ms", hold.created)
        lines.field("last_change_ms", hold.changed)
        lines.field("created_sequence", hold.createdSequence)
        lines.field("last_sequence", hold.lastSequence)
        lines.field("deadline_tick", hold.deadline)
        if hold.state == .held {
            lines.nullField("ended_tick")
        } else {
            lines.field("ended_tick", hold.ended)
        }
        if hold.state == .confirmed {
            lines.field("order_id", hex: hold.order.hex)
        } else {
            lines.nullField("order_id")
        }
        if model.keepsForgotten {
            lines.field("forgotten", flag: model.isForgotten(hold))
        }
        lines.beginList("lines")
        for index in 0..<hold.legCount {
            let leg = hold[leg: index]
            beginLeg(line: leg.line, account: leg.account, &lines)
            lines.field("granted", leg.granted)
            lines.field("confirmed", leg.confirmed)
            lines.field("short", flag: leg.isShort)
            lines.endObject()
        }
        lines.endList()
        lines.endLine()
    }

    private func order(_ order: ModelOrder, _ lines: inout JSONLines) {
        let reservations = order.reservations
        lines.beginLine(kind: "order")
        lines.field("order_id", hex: order.id.hex)
        if let first = reservations.first {
            lines.field("reservation_id", hex: first.hex)
        } else {
            lines.nullField("reservation_id")
        }
        lines.beginList("reservation_ids")
        for reservation in reservations { lines.element(hex: reservation.hex) }
        lines.endList()
        lines.field("brand", code: text(order.brand))
        lines.field("dealer", code: text(order.dealer))
        if order.isCancelled {
            lines.field("state", text: "CANCELLED")
        } else {
            lines.field("state", text: "ACCEPTED")
        }
        lines.field("created_ms", order.created)
        lines.field("last_change_ms", order.changed)
        lines.field("sequence", order.createdSequence)
        lines.field("last_sequence", order.lastSequence)
        if order.isCancelled {
            lines.field("ended_tick", order.ended)
        } else {
            lines.nullField("ended_tick")
        }
        if model.keepsForgotten {
            lines.field("forgotten", flag: model.isForgotten(order))
        }
        lines.beginList("lines")
        for index in 0..<order.legCount {
            let leg = order[leg: index]
            beginLeg(line: leg.line, account: leg.account, &lines)
            lines.field("quantity", leg.quantity)
            lines.field("cancelled", leg.cancelled)
            lines.endObject()
        }
        lines.endList()
        lines.endLine()
    }

    private func outcome(_ key: EntryKey, _ outcome: ModelOutcome, _ lines: inout JSONLines) {
        lines.beginLine(kind: "outcome")
        lines.field("request_id", hex: key.id.hex)
        lines.field("brand", code: text(key.brand))
        switch outcome.effect {
        case .setStock(let account):
            lines.field("call", text: "SetStock")
            place(account, &lines)
        case .adjustStock(let account):
            lines.field("call", text: "AdjustStock")
            place(account, &lines)
        case .setStockPolicy(let account):
            lines.field("call", text: "SetStockPolicy")
            place(account, &lines)
        case .transferStock(let from, let to):
            lines.field("call", text: "TransferStock")
            place(from, &lines)
            warehouse("to_warehouse", of: to, &lines)
        case .extendReservation(let reservation):
            lines.field("call", text: "Extend")
            lines.field("reservation_id", hex: reservation.hex)
        case .cancelOrder(let order):
            lines.field("call", text: "CancelOrder")
            lines.field("order_id", hex: order.hex)
        }
        lines.field("sequence", outcome.sequence)
        if model.keepsForgotten {
            lines.field("forgotten", flag: model.isForgotten(since: outcome.tick))
        }
        lines.endLine()
    }

    // MARK: - Parts

    private func beginLeg(line: UInt32, account: UInt32, _ lines: inout JSONLines) {
        lines.beginObject()
        lines.field("line_number", line)
        place(account, &lines)
    }

    private func place(_ account: UInt32, _ lines: inout JSONLines) {
        if let row = model.accountRows[account] {
            lines.field("sku", code: text(model.accounts[row].sku))
        } else {
            lines.nullField("sku")
        }
        warehouse("warehouse", of: account, &lines)
    }

    private func warehouse(_ name: StaticString, of account: UInt32, _ lines: inout JSONLines) {
        if let row = model.accountRows[account] {
            lines.field(name, code: text(model.accounts[row].warehouse))
        } else {
            lines.nullField(name)
        }
    }

    private func text(_ code: UInt32) -> [UInt8] {
        Int(code) < model.codes.count ? model.codes[Int(code)].text : []
    }
}
