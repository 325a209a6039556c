// SPDX-License-Identifier: Apache-2.0

import Effects
import Testing

/// The reading without lists reads what the other one does.
@Suite struct RecordShapeTests {
    private func same(_ bytes: [UInt8]) throws -> Bool {
        let shape = try RecordShape(bytes.span)
        let span = bytes.span
        let legs = (0..<shape.legCount).map { shape.leg($0, span) }
        let figures = (0..<shape.figureCount).map { shape.figure($0, span) }
        switch try Record(span) {
        case .define(let brand, let number, let kind, let text):
            return shape.type == .define && shape.brand == brand
                && shape.codeNumber(span) == number && shape.codeKind(span) == kind
                && Array(bytes[shape.codeText(span)]) == text
        case .setStock(
            let brand, let request, _, let account, let sku, let warehouse, let version, let told):
            return shape.type == .setStock && shape.brand == brand && shape.id(span) == request
                && shape.account(span) == account && shape.stockCodes(span) == (sku, warehouse)
                && shape.sourceVersion(span) == version && shape.stockFigures(span) == told
        case .adjustStock(let brand, let request, _, let account, _, let told):
            return shape.type == .adjustStock && shape.brand == brand && shape.id(span) == request
                && shape.account(span) == account && shape.stockFigures(span) == told
        case .reserve(let brand, let id, _, let dealer, let time, let mode, let own, let told):
            return shape.type == .reserve && shape.brand == brand && shape.id(span) == id
                && shape.dealer(span) == dealer && shape.timeToLive(span) == time
                && shape.fillMode == mode && legs == own && figures == told
        case .confirm(let brand, let id, let order, let own, let told):
            return shape.type == .confirm && shape.brand == brand && shape.id(span) == id
                && shape.order(span) == order && legs == own && figures == told
        case .release(let brand, let id, let own, let told):
            return shape.type == .release && shape.brand == brand && shape.id(span) == id
                && legs == own && figures == told
        case .expire(let brand, let id, let own, let told):
            return shape.type == .expire && shape.brand == brand && shape.id(span) == id
                && legs == own && figures == told
        case .order(let brand, let id, _, let dealer, let mode, let own, let told):
            return shape.type == .order && shape.brand == brand && shape.id(span) == id
                && shape.dealer(span) == dealer && shape.fillMode == mode && legs == own
                && figures == told
        case .orderFromHolds(let brand, let id, _, let dealer, let holds, let own, let told):
            return shape.type == .orderFromHolds && shape.brand == brand && shape.id(span) == id
                && shape.dealer(span) == dealer && legs == own && figures == told
                && holds == (0..<shape.holdCount).map { shape.hold($0, span) }
        case .cancel(let brand, let id, let request, _, let cause, let own, let told):
            return shape.type == .cancel && shape.brand == brand && shape.id(span) == id
                && shape.request(span) == request && shape.cause(span) == cause && legs == own
                && figures == told
        case .extend(let brand, let id, let request, _, let deadline):
            return shape.type == .extend && shape.brand == brand && shape.id(span) == id
                && shape.request(span) == request && shape.extendedDeadline(span) == deadline
        case .setPolicy(let brand, let request, _, let account, let policy, let told):
            return shape.type == .setPolicy && shape.brand == brand && shape.id(span) == request
                && shape.account(span) == account && shape.policy(span) == policy
                && shape.stockFigures(span) == told
        case .transfer(
            let brand, let request, _, let quantity, let from, let to, let told, let other):
            return shape.type == .transfer && shape.brand == brand && shape.id(span) == request
                && shape.quantity(span) == quantity && shape.account(span) == from
                && shape.otherAccount(span) == to && shape.stockFigures(span) == told
                && shape.otherStockFigures(span) == other
        }
    }

    @Test func bothReadTheSame() throws {
        for record in RandomHistory(seed: 2, count: 2_000, hasOrders: true).records {
            #expect(try same(record.bytes))
        }
        for name in ["all-types", "server", "server-orders"] {
            for record in try GoldenJournal(name).records() { #expect(try same(record.bytes)) }
        }
    }

    /// What one refuses the other does, too.
    @Test func bothRefuseTheSame() {
        var chance = SeededChance(seed: 4)
        for record in RandomHistory(seed: 2, count: 2_000, hasOrders: true).records {
            var bytes = record.bytes
            if chance.oneIn(2) {
                bytes.removeLast(8 * (chance.below(bytes.count / 8) + 1))
                if bytes.count > 1 {
                    bytes[0] = UInt8(truncatingIfNeeded: bytes.count)
                    bytes[1] = UInt8(truncatingIfNeeded: bytes.count >> 8)
                }
            } else {
                let place = chance.below(min(bytes.count, 60))
                bytes[place] = UInt8(chance.below(256))
            }
            let one = (try? Record(bytes.span)) != nil
            let other = (try? RecordShape(bytes.span)) != nil
            #expect(one == other, "\(bytes)")
        }
    }
}
