// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// A server that stops and starts again: a second core is made from the records and takes the place
/// of the first one, with the same model beside it.
extension SimulationBench {
    /// Replays all records so far into a new core, compares it with the model wherever it can be
    /// asked, and goes on with it. `mistake` is made on the way.
    mutating func restart(_ mistake: ReplayMistake?, _ chance: inout SeededGenerator) {
        // Stripes are locks in memory; a journal knows nothing of them.
        epoch.configuration.holdStripes = 1 << chance.below(4)
        epoch.configuration.accountStripes = 1 << chance.below(6)
        sink = RecordingSink(lastSequence: history.last?.sequence ?? 0)
        core = ReservationCore(epoch.configuration, sink: sink)
        let records = mistake?.applied(to: history) ?? history
        do throws(ReplayFault) {
            if chance.oneIn(2) {
                try ReplayBlock.replay(records, into: core, &chance)
            } else {
                for entry in records {
                    try core.replay(
                        entry.bytes.span, sequence: entry.sequence, at: entry.time)
                }
            }
            try core.finishReplay(at: now.tick)
        } catch {
            return differ("the replay failed: \(error.explanation)")
        }
        compareAfterRestart()
    }

    /// Compares a core that was just made from records with what it should remember.
    mutating func compareAfterRestart() {
        model.restart()
        wheelTick = max(tick - 1, 0)
        compareEverything()
        audit()
        compareMemory()
    }

    /// What belongs to a moment of the history: for going back to it.
    struct Memory {
        var model: ShopModel
        var auditor: LedgerAuditor
        var recordCount: Int
    }

    /// How everything stands now.
    func remember() -> Memory {
        Memory(
            model: model, auditor: auditor, recordCount: history.count)
    }

    /// Goes on with another core from an earlier moment.
    mutating func goBack(
        to memory: Memory, with core: ReservationCore<RecordingSink>, _ sink: RecordingSink,
        at tick: Int
    ) {
        model = memory.model
        auditor = memory.auditor
        history.removeLast(history.count - memory.recordCount)
        self.core = core
        self.sink = sink
        self.tick = tick
    }

    /// Asks for everything that is remembered, without changing anything: holds, answered requests
    /// and orders.
    private mutating func compareMemory() {
        if sink.spaceSetAside != model.space {
            differ("\(sink.spaceSetAside) bytes are set aside, expected \(model.space)")
        }
        for brand in 0..<Shop.brands {
            var live: Int?
            for id in 0..<Shop.idsPerBrand {
                let key = brand * Shop.idsPerBrand + id
                guard let hold = model.holds[key], !model.isDue(hold, at: tick) else { continue }
                if hold.state == .held { live = id }
                compareRead(brand, id)
            }
            for id in 0..<Shop.idsPerBrand { compareAnswer(brand, id) }
            for id in 0..<Shop.idsPerBrand
            where model.orders[brand * Shop.idsPerBrand + id] != nil {
                readOrder(brand, id)
            }
            if let live { compareOrders(brand, of: live) }
        }
        if sink.lastSequence != history.last?.sequence ?? 0 { differ("reading left a record") }
    }

    private mutating func compareRead(_ brand: Int, _ id: Int) {
        let (now, texts) = (now, shop.texts)
        let verdict = core.readReservation(
            Shop.id(id), brand: shop.brand(brand), texts: texts.span, at: now, in: &context)
        let key = model.key(brand, id)
        guard model.hold(key, at: tick) != nil else {
            if !agrees(.refused(Refusal(.reservationNotFound)), verdict) {
                differ("after a restart, hold \(id) answered \(verdict), expected none")
            }
            return
        }
        guard verdict == .done
        else { return differ("after a restart, hold \(id) answered \(verdict)") }
        compareHold(key, brand, id)
    }

    /// A request that was answered is answered again, and knows its content.
    private mutating func compareAnswer(_ brand: Int, _ id: Int) {
        guard let answered = model.answered[brand * Shop.idsPerBrand + id],
            !model.isForgotten(answered.tick, at: tick)
        else { return }
        let (now, texts) = (now, shop.texts)
        for (content, expected) in [
            (answered.content, Verdict.replay),
            (answered.content &+ 1, .refused(Refusal(.idempotencyKeyReused))),
        ] {
            let verdict = core.setStock(
                SetStockCommand(
                    request: Shop.id(id), codes: shop.codes(answered.account), onHand: 1,
                    sourceVersion: 0, fingerprint: content),
                texts: texts.span, at: now, in: &context)
            // Even what needs no room takes some first.
            if sink.refuse(with: nil) > 0 { continue }
            if !agrees(expected, verdict) {
                differ("after a restart, request \(id) answered \(verdict), expected \(expected)")
            }
        }
    }

    /// Each order id is taken: a live hold can't become it.
    private mutating func compareOrders(_ brand: Int, of live: Int) {
        let (now, texts) = (now, shop.texts)
        lines.removeAll()
        for order in 0..<Shop.idsPerBrand
        where model.order(brand * Shop.idsPerBrand + order, at: tick) != nil {
            let verdict = core.confirm(
                ConfirmCommand(
                    id: Shop.id(live), brand: shop.brand(brand), order: Shop.id(order)),
                lines: lines, texts: texts.span, at: now, in: &context)
            if !agrees(.refused(Refusal(.idempotencyKeyReused)), verdict) {
                differ("after a restart, order \(order) is free: \(verdict)")
            }
        }
    }
}
