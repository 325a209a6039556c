// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// What is on hand, in core and model side by side.
extension SimulationBench {
    mutating func setStock(_ ask: SetAsk) {
        let command = SetStockCommand(
            request: Shop.id(ask.request), codes: shop.codes(ask.account),
            onHand: Int64(ask.onHand), sourceVersion: ask.sourceVersion, fingerprint: ask.content)
        let (now, tick, texts) = (now, tick, shop.texts)
        let verdict = core.setStock(command, texts: texts.span, at: now, in: &context)
        count("setStock", verdict)
        let records = observe(own: nil, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        settle(
            request: ask.request, account: ask.account, content: ask.content,
            sourceVersion: ask.sourceVersion, verdict, records
        ) { model, recall, idsFull in
            model.decide(ask, at: tick, recall: recall, idsFull: idsFull)
        }
    }

    mutating func adjustStock(_ ask: AdjustAsk) {
        let command = AdjustStockCommand(
            request: Shop.id(ask.request), codes: shop.codes(ask.account),
            delta: Int64(ask.delta), expectedVersion: ask.expectedVersion,
            fingerprint: ask.content)
        let (now, tick, texts) = (now, tick, shop.texts)
        let verdict = core.adjustStock(command, texts: texts.span, at: now, in: &context)
        count("adjustStock", verdict)
        let records = observe(own: nil, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        settle(
            request: ask.request, account: ask.account, content: ask.content, sourceVersion: 0,
            verdict, records
        ) { model, recall, idsFull in
            model.decide(ask, at: tick, recall: recall, idsFull: idsFull)
        }
    }

    mutating func settle(
        request: Int, account: Int, content: UInt64, sourceVersion: UInt64, _ verdict: Verdict,
        _ records: [Record],
        _ decide: (ShopModel, Bool, Bool) -> ShopModel.StockDecision,
        also: (inout ShopModel) -> Void = { _ in }
    ) {
        let brand = Shop.brand(of: account)
        let key = model.key(brand, request)
        let isNew = mainCount(records) > 0
        let known = core.idCount - (isNew ? 1 : 0)
        let lost = model.refusedRequests[key].map(model.mayBeLost) ?? false
        let decisions = (lost ? [true, false] : [true]).map { recall in
            decide(model, recall, known + 1 > epoch.bounds.idsMax)
        }
        let decision = decisions.first { agrees($0.verdict, verdict) } ?? decisions[0]
        guard agrees(decision.verdict, verdict)
        else { return differ("answered \(verdict), expected \(decision.verdict)") }
        var isApplied = false
        if case .apply = decision { isApplied = true }
        switch mainRecord(records, isExpected: isApplied) {
        case .setStock(_, let id, let told, _, _, _, _, _),
            .adjustStock(_, let id, let told, _, _, _), .setPolicy(_, let id, let told, _, _, _),
            .transfer(_, let id, let told, _, _, _, _, _):
            if id != Shop.id(request) || told != content { differ("the record's ids") }
        case nil: break
        default: differ("a stock call made another record")
        }
        if case .refuse(let refusal, let isNew) = decision, isNew || refusal.isReplay {
            dependsOn(
                refusal.isReplay
                    ? model.refusedRequests[key]?.sequence ?? 0 : model.accounts[account].sequence)
        }
        if case .apply = decision { model.makeAccount(account) }
        let target = verdict == .replay ? model.answered[key]?.account ?? account : account
        model.carryOut(
            decision, request: request, account: account, content: content,
            sourceVersion: sourceVersion, at: tick, wall: wall, sequence: sink.lastSequence)
        if case .apply = decision { also(&model) }
        if case .refused = verdict {
        } else {
            var isStale = false
            if case .stale = decision { isStale = true }
            compareView(target, isStale: isStale)
        }
        compareFigures(account)
    }
}
