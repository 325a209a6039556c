// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Reservations and orders.
extension JournalImage {
    mutating func applyHold(_ record: Record) {
        switch record {
        case .reserve(
            let brand, let id, _, let dealer, let timeToLive, let fillMode, let legs, let figures):
            let deadline = Tick(milliseconds: place.tick)
                .advanced(byMilliseconds: UInt64(timeToLive))
            held[EntryKey(id: id, brand: brand)] = Held(
                granted: place, dealer: dealer, timeToLive: UInt64(timeToLive),
                deadline: deadline.milliseconds, fillMode: fillMode, legs: legs)
            change(figures, "RESERVE", id)
        case .confirm(let brand, let id, let order, let legs, let figures):
            let key = EntryKey(id: id, brand: brand)
            if let hold = held[key] {
                end([key], "CONFIRMED", order)
                make(
                    EntryKey(id: order, brand: brand), dealer: hold.dealer, reservation: id,
                    legs)
            }
            change(figures, "CONFIRM", id)
        case .release(let brand, let id, _, let figures):
            end([EntryKey(id: id, brand: brand)], "RELEASED", nil)
            change(figures, "RELEASE", id)
        case .expire(let brand, let id, _, let figures):
            end([EntryKey(id: id, brand: brand)], "EXPIRED", nil)
            change(figures, "EXPIRE", id)
        case .extend(let brand, let id, let request, _, let deadline):
            let key = EntryKey(id: id, brand: brand)
            guard let former = held[key]?.deadline else { return }
            held[key]?.timeToLive &+= deadline &- former
            held[key]?.deadline = deadline
            settle(request, "Extend", about: key)
        default: break
        }
    }

    mutating func applyOrder(_ record: Record) {
        switch record {
        case .order(let brand, let id, _, let dealer, _, let legs, let figures):
            make(EntryKey(id: id, brand: brand), dealer: dealer, reservation: nil, legs)
            change(figures, "ORDER", id)
        case .orderFromHolds(let brand, let id, _, let dealer, let holds, let legs, let figures):
            end(
                holds.map { EntryKey(id: $0.reservation, brand: brand) }, "CONFIRMED", id)
            make(
                EntryKey(id: id, brand: brand), dealer: dealer,
                reservation: holds.count == 1 ? holds[0].reservation : nil, legs)
            change(figures, "CONFIRM", id)
        case .cancel(let brand, let id, let request, _, let cause, let legs, let figures):
            let key = EntryKey(id: id, brand: brand)
            cancel(key, legs, cause, request)
            settle(request, "CancelOrder", about: key)
            change(figures, "CANCEL", id)
        default: break
        }
    }

    /// What lies where, by line and then by warehouse, as the tables are read.
    private func sorted(_ legs: [RecordLeg]) -> [(leg: RecordLeg, account: Account?)] {
        legs.map { (leg: $0, account: account($0.account)) }.sorted { left, right in
            guard left.leg.line == right.leg.line else { return left.leg.line < right.leg.line }
            return left.account.name.utf8.lexicographicallyPrecedes(right.account.name.utf8)
        }
    }

    // MARK: - Reservations

    private mutating func end(_ keys: [EntryKey], _ state: String, _ order: ClientID?) {
        let ended = keys.compactMap { key in held[key].map { (key, $0) } }
        for (key, hold) in ended.sorted(by: { $0.1.granted.sequence < $1.1.granted.sequence }) {
            held[key] = nil
            finish(key, hold, state, isEnded: true, order)
        }
    }

    /// A reservation's rows.
    mutating func finish(
        _ key: EntryKey, _ hold: Held, _ state: String, isEnded: Bool, _ order: ClientID?
    ) {
        let ended = isEnded ? Int64(clamping: place.sequence) : nil
        let granted = Int64(clamping: hold.granted.sequence)
        let endedValue = ended.map(TableValue.integer) ?? .null
        rows.append(
            ExpectedRow(
                .reservations, TableKey(ended, granted),
                [
                    endedValue, .integer(granted), text(key.brand), .id(key.id),
                    text(hold.dealer),
                    .text(hold.fillMode == 1 ? "ALL_OR_NOTHING" : "PARTIAL"), .text(state),
                    .wall(hold.granted.wall), .number(hold.timeToLive),
                    .number(hold.deadline), isEnded ? .wall(place.wall) : .null,
                    isEnded ? .number(place.tick) : .null, order.map(TableValue.id) ?? .null,
                ]))
        for (leg, account) in sorted(hold.legs) {
            rows.append(
                ExpectedRow(
                    .reservationLines,
                    TableKey(ended, granted, Int64(leg.line), text: account.name),
                    [
                        endedValue, .integer(granted), .integer(Int64(leg.line)),
                        account?.warehouse ?? .null, text(key.brand), .id(key.id),
                        account?.sku ?? .null, .integer(Int64(leg.amount)), .bool(leg.isShort),
                    ]))
        }
    }

    // MARK: - Orders

    private mutating func make(
        _ key: EntryKey, dealer: UInt32, reservation: ClientID?, _ legs: [RecordLeg]
    ) {
        let order = Ordered(
            made: place, dealer: dealer, reservation: reservation,
            lines: legs.filter { $0.amount > 0 }.map { Ordered.Line(leg: $0) }, changed: place)
        if let last = changedOrders[place.sequence], last > place.sequence {
            ordered[key] = order
        } else {
            finish(key, order)
        }
    }

    private mutating func cancel(
        _ key: EntryKey, _ legs: [RecordLeg], _ cause: UInt8, _ request: ClientID
    ) {
        for leg in legs {
            let place = ordered[key]?.lines.firstIndex {
                $0.leg.line == leg.line && $0.leg.account == leg.account
            }
            guard let place else { continue }
            ordered[key]?.lines[place].cancelled += UInt64(leg.amount)
        }
        ordered[key]?.changed = place
        let order = ordered[key]
        let isEnd = order.map(isCancelled) ?? false
        let sequence = Int64(clamping: place.sequence)
        // Of an order that isn't remembered the tables say that it never changed: then they have
        // no such row, or have the order wrong.
        let made = Int64(clamping: order?.made.sequence ?? 0)
        let units = legs.reduce(UInt64(0)) { $0 + UInt64($1.amount) }
        rows.append(
            ExpectedRow(
                .orderEvents, TableKey(sequence, made),
                [
                    .integer(sequence), .integer(made), text(key.brand), .id(key.id),
                    .wall(place.wall), .text(isEnd ? "CANCELLED" : "CANCELLED_IN_PART"),
                    .text("ACCEPTED"), .text(isEnd ? "CANCELLED" : "ACCEPTED"),
                    .text(JournalImage.cause(cause)), .number(units), .id(request),
                ]))
        guard let order, changedOrders[order.made.sequence] == place.sequence else { return }
        ordered[key] = nil
        finish(key, order)
    }

    /// An order's rows as it stands.
    mutating func finish(_ key: EntryKey, _ order: Ordered) {
        let made = Int64(clamping: order.made.sequence)
        let changed = Int64(clamping: order.changed.sequence)
        let isEnded = isCancelled(order)
        rows.append(
            ExpectedRow(
                .orders, TableKey(changed, made),
                [
                    .integer(changed), .integer(made), text(key.brand), .id(key.id),
                    text(order.dealer), order.reservation.map(TableValue.id) ?? .null,
                    .text(isEnded ? "CANCELLED" : "ACCEPTED"),
                    .text(isEnded ? "CANCELLED" : "ALLOCATED"), .text("UNPAID"),
                    .wall(order.made.wall), .wall(order.changed.wall),
                ]))
        var cancelled: [RecordLeg: UInt64] = [:]
        for line in order.lines { cancelled[line.leg] = line.cancelled }
        for (leg, account) in sorted(order.lines.map(\.leg)) {
            rows.append(
                ExpectedRow(
                    .orderLines, TableKey(changed, made, Int64(leg.line), text: account.name),
                    [
                        .integer(changed), .integer(made), .integer(Int64(leg.line)),
                        account?.warehouse ?? .null, text(key.brand), .id(key.id),
                        account?.sku ?? .null, .integer(Int64(leg.amount)),
                        .number(cancelled[leg] ?? 0),
                    ]))
        }
    }

    private func isCancelled(_ order: Ordered) -> Bool {
        order.lines.allSatisfy { $0.cancelled == UInt64($0.leg.amount) }
    }

    private static func cause(_ number: UInt8) -> String {
        switch number {
        case 0: "UNSPECIFIED"
        case 1: "DEALER"
        case 2: "BRAND"
        case 3: "STOCK"
        case 4: "PAYMENT"
        case 5: "MISTAKE"
        case 6: "FRAUD"
        case 7: "OTHER"
        default: "CAUSE_\(number)"
        }
    }
}

extension JournalImage.Account? {
    /// Of its warehouse; empty when there is none.
    fileprivate var name: String {
        guard case .text(let name) = self?.warehouse else { return "" }
        return name
    }
}
