// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

@testable import Audit

/// Changing a record of a good history: every field by its name, whatever the type.
struct EditableRecord {
    var type: RecordType
    var brand: UInt32 = 0
    var number: UInt32 = 0
    var kind: UInt8 = 0
    var text: [UInt8] = []
    /// The request's, the reservation's or the order's: the record's first.
    var id = ClientID(high: 0, low: 0)
    var order = ClientID(high: 0, low: 0)
    /// Of a record that has another id before it.
    var request = ClientID(high: 0, low: 0)
    var cause: UInt8 = 0
    var deadline: UInt64 = 0
    var holds: [RecordHold] = []
    var policy = StockPolicy()
    var quantity: Int64 = 0
    var otherAccount: UInt32 = 0
    var otherStock = StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
    var fingerprint: UInt64 = 0
    var account: UInt32 = 0
    var sku: UInt32 = 0
    var warehouse: UInt32 = 0
    var sourceVersion: UInt64 = 0
    var delta: Int64 = 0
    var stock = StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
    var dealer: UInt32 = 0
    var timeToLive: UInt32 = 0
    var fillMode: UInt8 = 0
    var legs: [RecordLeg] = []
    var figures: [Record.Figure] = []

    /// The same as `figures`, for reading.
    var figureList: [Record.Figure] { figures }

    /// Takes units off the first line and off what is held after it; negative adds.
    mutating func lowerAll(by units: Int64) {
        legs[0].amount = UInt32(Int64(legs[0].amount) - units)
        figures[0].held -= units
    }

    init(_ record: Record) {
        type = record.type
        switch record {
        case .define(let brand, let number, let kind, let text):
            (self.brand, self.number, self.kind, self.text) = (brand, number, kind, text)
        case .setStock(
            let brand, let request, let fingerprint, let account, let sku, let warehouse,
            let sourceVersion, let figures):
            (self.brand, id, self.fingerprint) = (brand, request, fingerprint)
            (self.account, self.sku, self.warehouse) = (account, sku, warehouse)
            (self.sourceVersion, stock) = (sourceVersion, figures)
        case .adjustStock(
            let brand, let request, let fingerprint, let account, let delta, let figures):
            (self.brand, id, self.fingerprint) = (brand, request, fingerprint)
            (self.account, self.delta, stock) = (account, delta, figures)
        case .reserve(
            let brand, let reservation, let fingerprint, let dealer, let timeToLive, let fillMode,
            let legs, let figures):
            (self.brand, id, self.fingerprint) = (brand, reservation, fingerprint)
            (self.dealer, self.timeToLive, self.fillMode) = (dealer, timeToLive, fillMode)
            (self.legs, self.figures) = (legs, figures)
        case .confirm(let brand, let reservation, let order, let legs, let figures):
            (self.brand, id, self.order) = (brand, reservation, order)
            (self.legs, self.figures) = (legs, figures)
        case .release(let brand, let reservation, let legs, let figures),
            .expire(let brand, let reservation, let legs, let figures):
            (self.brand, id) = (brand, reservation)
            (self.legs, self.figures) = (legs, figures)
        case .order(
            let brand, let order, let fingerprint, let dealer, let fillMode, let legs,
            let figures):
            (self.brand, id, self.fingerprint) = (brand, order, fingerprint)
            (self.dealer, self.fillMode) = (dealer, fillMode)
            (self.legs, self.figures) = (legs, figures)
        case .orderFromHolds(
            let brand, let order, let fingerprint, let dealer, let holds, let legs, let figures):
            (self.brand, id, self.fingerprint) = (brand, order, fingerprint)
            (self.dealer, self.holds) = (dealer, holds)
            (self.legs, self.figures) = (legs, figures)
        case .cancel(
            let brand, let order, let request, let fingerprint, let cause, let legs, let figures):
            (self.brand, id, self.request) = (brand, order, request)
            (self.fingerprint, self.cause) = (fingerprint, cause)
            (self.legs, self.figures) = (legs, figures)
        case .extend(let brand, let reservation, let request, let fingerprint, let deadline):
            (self.brand, id, self.request) = (brand, reservation, request)
            (self.fingerprint, self.deadline) = (fingerprint, deadline)
        case .setPolicy(
            let brand, let request, let fingerprint, let account, let policy, let figures):
            (self.brand, id, self.fingerprint) = (brand, request, fingerprint)
            (self.account, self.policy, stock) = (account, policy, figures)
        case .transfer(
            let brand, let request, let fingerprint, let quantity, let from, let to,
            let fromFigures, let toFigures):
            (self.brand, id, self.fingerprint) = (brand, request, fingerprint)
            (self.quantity, account, otherAccount) = (quantity, from, to)
            (stock, otherStock) = (fromFigures, toFigures)
        }
    }

    var record: Record {
        switch type {
        case .define: .define(brand: brand, number: number, kind: kind, text: text)
        case .setStock:
            .setStock(
                brand: brand, request: id, fingerprint: fingerprint, account: account, sku: sku,
                warehouse: warehouse, sourceVersion: sourceVersion, figures: stock)
        case .adjustStock:
            .adjustStock(
                brand: brand, request: id, fingerprint: fingerprint, account: account,
                delta: delta, figures: stock)
        case .reserve:
            .reserve(
                brand: brand, reservation: id, fingerprint: fingerprint, dealer: dealer,
                timeToLive: timeToLive, fillMode: fillMode, legs: legs, figures: figures)
        case .confirm:
            .confirm(brand: brand, reservation: id, order: order, legs: legs, figures: figures)
        case .release: .release(brand: brand, reservation: id, legs: legs, figures: figures)
        case .expire: .expire(brand: brand, reservation: id, legs: legs, figures: figures)
        case .order:
            .order(
                brand: brand, order: id, fingerprint: fingerprint, dealer: dealer,
                fillMode: fillMode, legs: legs, figures: figures)
        case .orderFromHolds:
            .orderFromHolds(
                brand: brand, order: id, fingerprint: fingerprint, dealer: dealer, holds: holds,
                legs: legs, figures: figures)
        case .cancel:
            .cancel(
                brand: brand, order: id, request: request, fingerprint: fingerprint, cause: cause,
                legs: legs, figures: figures)
        case .extend:
            .extend(
                brand: brand, reservation: id, request: request, fingerprint: fingerprint,
                deadline: deadline)
        case .setPolicy:
            .setPolicy(
                brand: brand, request: id, fingerprint: fingerprint, account: account,
                policy: policy, figures: stock)
        case .transfer:
            .transfer(
                brand: brand, request: id, fingerprint: fingerprint, quantity: quantity,
                from: account, to: otherAccount, fromFigures: stock, toFigures: otherStock)
        }
    }
}

extension Bookkeeper {
    /// Where the `number`th record of a type is, from 1.
    func place(of type: RecordType, _ number: Int) -> Int? {
        let places = entries.indices.filter { entries[$0].record.type == type }
        return number <= places.count ? places[number - 1] : nil
    }

    /// Changes the `number`th record of a type.
    mutating func edit(
        _ type: RecordType, _ number: Int, _ change: (inout EditableRecord) -> Void
    ) {
        guard let place = place(of: type, number)
        else { preconditionFailure("the history has fewer records of type \(type)") }
        var editable = EditableRecord(entries[place].record)
        change(&editable)
        replace(place, with: editable.record)
    }

    /// Changes every record.
    mutating func editAll(_ change: (inout EditableRecord) -> Void) {
        for place in entries.indices {
            var editable = EditableRecord(entries[place].record)
            change(&editable)
            replace(place, with: editable.record)
        }
    }
}
