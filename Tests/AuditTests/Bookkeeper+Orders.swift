// SPDX-License-Identifier: Apache-2.0

import Primitives

@testable import Effects

/// Orders, policies and transfers, as a server would write them.
extension Bookkeeper {
    /// Makes an order at once.
    mutating func order(_ number: UInt64, _ lines: [Line], fillMode: UInt8 = 1) {
        let legs = Bookkeeper.legs(lines)
        ordered[number] = legs
        append(
            .order(
                brand: Bookkeeper.brand, order: Bookkeeper.id(number), fingerprint: 3,
                dealer: Bookkeeper.dealer, fillMode: fillMode, legs: legs,
                figures: moveAllocated(legs) { $0.allocated += $1 }))
    }

    /// Makes an order of reservations.
    mutating func order(_ number: UInt64, from reservations: [UInt64]) {
        var legs: [RecordLeg] = []
        var holds: [RecordHold] = []
        var last: UInt32 = 0
        for reservation in reservations {
            let own = granted[reservation] ?? []
            holds.append(
                RecordHold(
                    reservation: Bookkeeper.id(reservation), legCount: UInt32(own.count)))
            var line: UInt32?
            for var leg in own {
                leg.isShort = false
                if leg.amount == 0 {
                    leg.line = 0
                } else {
                    if line != leg.line { last += 1 }
                    line = leg.line
                    if reservations.count > 1 { leg.line = last }
                }
                legs.append(leg)
            }
        }
        ordered[number] = legs.filter { $0.amount > 0 }
        append(
            .orderFromHolds(
                brand: Bookkeeper.brand, order: Bookkeeper.id(number), fingerprint: 3,
                dealer: Bookkeeper.dealer, holds: holds, legs: legs,
                figures: moveAllocated(legs) {
                    $0.held -= $1
                    $0.allocated += $1
                }))
    }

    /// Cancels `units` of each leg; nil: all that is left.
    mutating func cancel(_ order: UInt64, _ units: [UInt32]? = nil, cause: UInt8 = 1) {
        let left = ordered[order] ?? []
        var legs: [RecordLeg] = []
        for (index, leg) in left.enumerated() {
            let amount = units.map { index < $0.count ? $0[index] : 0 } ?? leg.amount
            guard amount > 0 else { continue }
            legs.append(
                RecordLeg(line: leg.line, account: leg.account, amount: amount, isShort: false))
            ordered[order]?[index].amount -= amount
        }
        append(
            .cancel(
                brand: Bookkeeper.brand, order: Bookkeeper.id(order), request: nextRequest(),
                fingerprint: 3, cause: cause, legs: legs,
                figures: moveAllocated(legs) { $0.allocated -= $1 }))
    }

    mutating func extend(_ reservation: UInt64, to deadline: UInt64) {
        append(
            .extend(
                brand: Bookkeeper.brand, reservation: Bookkeeper.id(reservation),
                request: nextRequest(), fingerprint: 3, deadline: deadline))
    }

    mutating func setPolicy(_ account: UInt32, _ policy: StockPolicy) {
        change(account) { $0.safety = policy.safety }
        append(
            .setPolicy(
                brand: Bookkeeper.brand, request: nextRequest(), fingerprint: 3, account: account,
                policy: policy, figures: figure(account)))
    }

    mutating func transfer(_ units: Int64, from giver: UInt32, to taker: UInt32) {
        change(giver) { $0.onHand -= units }
        change(taker) { $0.onHand += units }
        append(
            .transfer(
                brand: Bookkeeper.brand, request: nextRequest(), fingerprint: 3, quantity: units,
                from: giver, to: taker, fromFigures: figure(giver), toFigures: figure(taker)))
    }
}
