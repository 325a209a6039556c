// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// What core and model say of the same thing.
extension SimulationBench {
    mutating func compareHold(_ key: Int, _ brand: Int, _ id: Int) {
        guard let hold = model.hold(key, at: tick) else { return differ("an unexpected hold") }
        let view = context.hold
        let dealer = model.codes[ShopModel.codeKey(3, brand: brand, hold.dealer)]
        let deadline = view.state == .held ? hold.deadline : Int(view.deadline.milliseconds)
        let order = hold.order.map(Shop.id) ?? ClientID(high: 0, low: 0)
        if view.id != Shop.id(id) { differ("the hold's id") }
        if view.brand != model.codes[ShopModel.codeKey(0, brand: 0, brand)] { differ("the brand") }
        if view.dealer != dealer { differ("the dealer") }
        if view.state != hold.state { differ("is \(view.state), expected \(hold.state)") }
        if Int(view.created.milliseconds) != hold.created { differ("the hold's creation") }
        if Int(view.deadline.milliseconds) != deadline { differ("the hold's deadline") }
        if view.order != order { differ("the hold's order") }
        if view.fillMode != hold.fillMode { differ("the fill mode") }
        if context.legs.count != hold.legs.count {
            return differ("\(context.legs.count) legs, expected \(hold.legs.count)")
        }
        for (index, leg) in hold.legs.enumerated() {
            let told = context.legs[index]
            let isSame =
                Int(told.line) == leg.line && told.account == model.accounts[leg.account].number
                && Int(told.granted) == leg.granted && told.isShort == (leg.granted < leg.asked)
            if !isSame { differ("leg \(index) is \(told), expected \(leg)") }
        }
        dependsOn(hold.sequence)
    }

    /// Reads an account and compares it.
    mutating func compareStock(_ account: Int) {
        let (codes, texts) = (shop.codes(account), shop.texts)
        let verdict = core.readStock(codes, texts: texts.span, in: &context)
        if let reason = model.absence(of: account) {
            if !agrees(.refused(Refusal(reason)), verdict) {
                differ("account \(account) answered \(verdict), expected \(reason)")
            }
            return
        }
        guard verdict == .done else { return differ("account \(account) answered \(verdict)") }
        compareView(account, isStale: false)
    }

    mutating func compareFigures(_ account: Int) {
        guard model.accounts[account].exists else { return }
        compareStock(account)
    }

    mutating func compareView(_ account: Int, isStale: Bool) {
        let expected = model.accounts[account]
        let view = context.stock
        let figures = StockFigures(
            onHand: Int64(expected.onHand), held: Int64(expected.held),
            allocated: Int64(expected.allocated), safety: expected.policy.safety,
            version: expected.version)
        if view.figures != figures {
            differ("account \(account) has \(view.figures), expected \(figures)")
        }
        if view.policy != expected.policy { differ("the policy") }
        if view.sourceVersion != expected.sourceVersion { differ("the source's version") }
        if Int(view.changed.milliseconds) != expected.changed { differ("the time of change") }
        if view.wasApplied == isStale { differ("applied or stale") }
        dependsOn(expected.sequence)
    }

    /// A reply may not leave before all that it speaks of is durable.
    mutating func dependsOn(_ sequence: UInt64) {
        if context.sequence < sequence {
            differ("the answer waits for \(context.sequence), it speaks of \(sequence)")
        }
        if context.sequence > sink.lastSequence { differ("the answer waits for what isn't there") }
    }

    func agrees(_ expected: Verdict, _ verdict: Verdict) -> Bool {
        guard case .refused(let one) = expected, case .refused(let other) = verdict
        else { return expected == verdict }
        // A contradiction names its line, and counts nothing.
        if one.reason == .invalidField {
            return other.reason == one.reason && other.lineIndex == one.lineIndex
        }
        return one == other
    }
}
