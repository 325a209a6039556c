// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// Orders, extensions, policies, transfers and lists, in core and model side by side.
extension SimulationBench {
    // MARK: - Making orders

    mutating func order(_ ask: ReserveAsk) {
        fill(ask.lines)
        let command = CreateOrderCommand(
            id: Shop.id(ask.id), brand: shop.brand(ask.brand), dealer: shop.dealer(ask.dealer),
            fillMode: ask.fillMode, fingerprint: ask.content)
        let (now, texts) = (now, shop.texts)
        let verdict = core.createOrder(
            command, lines: lines, texts: texts.span, at: now, in: &context)
        count("order", verdict)
        let key = model.key(ask.brand, ask.id)
        let records = observe(own: nil, mayCollect: true)
        if wasRefusedRoom(verdict, records) { return }
        let known = core.idCount - (verdict == .done ? 1 : 0)
        var legsFull = false
        if case .refused(let refusal) = verdict, refusal.limit == .legs {
            let range = model.legRange(at: tick, wheel: wheelTick)
            legsFull = range.upperBound + CoreLimits.linesPerDecisionMax > legsMax
        }
        let lost = model.refusedOrders[key].map(model.mayBeLost) ?? false
        let decisions = (lost ? [true, false] : [true]).map { recall in
            model.decide(
                ask, isOrder: true, at: tick, recall: recall,
                room: ShopModel.Room(
                    holdsFull: false, idsFull: known + 1 > epoch.bounds.idsMax,
                    legsFull: legsFull))
        }
        let decision = decisions.first { agrees($0.verdict, verdict) } ?? decisions[0]
        guard agrees(decision.verdict, verdict)
        else { return differ("answered \(verdict), expected \(decision.verdict)") }
        checkCollected(decision, records)
        if case .refuse(let refusal, let isNew) = decision {
            if isNew { dependsOn(model.lastChange(of: ask)) }
            if refusal.isReplay { dependsOn(model.refusedOrders[key]?.sequence ?? 0) }
        }
        let main = mainRecord(records, isExpected: verdict == .done)
        if case .order(_, let id, let content, let dealer, let fillMode, _, _) = main {
            let isRight =
                id == command.id && content == ask.content
                && dealer == model.codes[ShopModel.codeKey(3, brand: ask.brand, ask.dealer)]
                && fillMode == ask.fillMode.rawValue
            if !isRight { differ("the record says something else: \(String(describing: main))") }
        } else if main != nil {
            differ("an order made another record")
        }
        model.carryOutOrder(
            decision, of: ask, at: tick, wall: wall, sequence: sink.lastSequence)
        if case .refused = verdict {} else { compareOrder(key, ask.brand, ask.id) }
        for account in model.accounts(of: ask).prefix(3) { compareFigures(account) }
    }

    /// Cells for legs that the core has.
    private var legsMax: Int { epoch.bounds.idsMax / 2 + 2 * CoreLimits.linesPerDecisionMax }

    /// Cells for notes that the core has, half of them for events.
    private var notesMax: Int { epoch.bounds.idsMax / 16 + 2 * CoreLimits.eventsPerOrderMax }

    mutating func order(_ ask: OrderAsk) {
        let command = CreateOrderCommand(
            id: Shop.id(ask.id), brand: shop.brand(ask.brand), dealer: shop.dealer(ask.dealer),
            fillMode: .allOrNothing, fingerprint: ask.content)
        var ids = FixedList<ClientID>(capacity: CoreLimits.reservationsPerOrderMax)
        for id in ask.reservations { ids.append(Shop.id(id)) }
        let (now, texts) = (now, shop.texts)
        let verdict = core.createOrder(
            command, from: ids, texts: texts.span, at: now, in: &context)
        count("orderFromHolds", verdict)
        let key = model.key(ask.brand, ask.id)
        let records = observe(own: nil, mayCollect: true)
        if wasRefusedRoom(verdict, records) { return }
        if case .refused(let refusal) = verdict, isFull(refusal, for: ask) { return }
        let lost = model.refusedOrders[key].map(model.mayBeLost) ?? false
        let decisions = (lost ? [true, false] : [true]).map { recall in
            model.decide(ask, at: tick, recall: recall)
        }
        let decision = decisions.first { agrees($0.verdict, verdict) } ?? decisions[0]
        guard agrees(decision.verdict, verdict)
        else { return differ("answered \(verdict), expected \(decision.verdict)") }
        if case .refuse(let refusal, let isNew) = decision {
            if isNew { dependsOn(model.lastChange(of: ask, at: tick)) }
            if refusal.isReplay { dependsOn(model.refusedOrders[key]?.sequence ?? 0) }
        }
        let main = mainRecord(records, isExpected: verdict == .done)
        if case .orderFromHolds(_, let id, let content, _, let holds, _, _) = main {
            let isRight =
                id == command.id && content == ask.content
                && holds.map(\.reservation) == ask.reservations.map(Shop.id)
            if !isRight { differ("the record says something else: \(String(describing: main))") }
        } else if main != nil {
            differ("an order of holds made another record")
        }
        model.carryOut(decision, of: ask, at: tick, wall: wall, sequence: sink.lastSequence)
        if case .refused = verdict {} else { compareOrder(key, ask.brand, ask.id) }
        for id in ask.reservations.prefix(2) {
            guard let hold = model.hold(model.key(ask.brand, id), at: tick) else { continue }
            for leg in hold.legs.prefix(2) { compareFigures(leg.account) }
        }
    }

    /// Whether a refusal for want of room in the slabs can be right.
    private mutating func isFull(_ refusal: Refusal, for ask: OrderAsk) -> Bool {
        switch refusal.limit {
        case .notes:
            let known = model.notesMost().reservations
            if known + ask.reservations.count <= notesMax / 2 {
                differ("no room for notes, of which there are at most \(known)")
            }
        case .legs:
            let range = model.legRange(at: tick, wheel: wheelTick)
            if range.upperBound + CoreLimits.linesPerDecisionMax <= legsMax {
                differ("no room for legs, of which there are at most \(range.upperBound)")
            }
        default: return false
        }
        return true
    }

    mutating func readOrder(_ brand: Int, _ id: Int) {
        let (now, texts) = (now, shop.texts)
        let verdict = core.readOrder(
            Shop.id(id), brand: shop.brand(brand), texts: texts.span, at: now, in: &context)
        count("readOrder", verdict)
        _ = observe(own: nil, mayCollect: false)
        let key = model.key(brand, id)
        guard model.order(key, at: tick) != nil else {
            if !agrees(.refused(Refusal(.orderNotFound)), verdict) {
                differ("order \(id) answered \(verdict), expected that it isn't there")
            }
            return
        }
        guard verdict == .done else { return differ("order \(id) answered \(verdict)") }
        compareOrder(key, brand, id)
    }

    /// Compares the order in the context.
    mutating func compareOrder(_ key: Int, _ brand: Int, _ id: Int) {
        guard let order = model.order(key, at: tick) else { return differ("an unexpected order") }
        let view = context.order
        if view.id != Shop.id(id) { differ("the order's id") }
        if view.brand != model.codes[ShopModel.codeKey(0, brand: 0, brand)] { differ("the brand") }
        if view.dealer != model.codes[ShopModel.codeKey(3, brand: brand, order.dealer)] {
            differ("the order's dealer")
        }
        if view.state != (order.ended == nil ? .accepted : .cancelled) {
            differ("the order's state")
        }
        if Int(view.created.milliseconds) != order.created { differ("the order's creation") }
        // A wall clock that steps back shows the creation.
        if Int(view.changed.milliseconds) != max(order.changed, order.created) {
            differ("the order's change")
        }
        if view.sequence != order.sequence { differ("the order's sequence") }
        dependsOn(order.sequence)
        if context.orderLegs.count != order.legs.count {
            return differ("\(context.orderLegs.count) legs, expected \(order.legs.count)")
        }
        for (index, leg) in order.legs.enumerated() {
            let told = context.orderLegs[index]
            let isSame =
                Int(told.line) == leg.line && told.account == model.accounts[leg.account].number
                && Int(told.quantity) == leg.quantity && Int(told.cancelled) == leg.cancelled
            if !isSame { differ("leg \(index) is \(told), expected \(leg)") }
        }
        let reservations = (0..<context.orderReservations.count).map {
            context.orderReservations[$0]
        }
        if reservations != order.reservations.map(Shop.id) { differ("the order's reservations") }
        compareEvents(order)
    }

    private mutating func compareEvents(_ order: ShopModel.Order) {
        let told = (0..<context.orderEvents.count).map { context.orderEvents[$0] }
        if context.order.areEventsComplete {
            if told != order.events { differ("events \(told), expected \(order.events)") }
            return
        }
        if order.events.count <= CoreLimits.eventsPerOrderMax,
            model.notesMost().events < notesMax - notesMax / 2
        {
            differ("events were lost though there was room")
        }
        // What is left is in order, and true.
        var next = order.events.startIndex
        for event in told {
            guard let place = order.events[next...].firstIndex(of: event)
            else { return differ("an event that never was: \(event)") }
            next = place + 1
        }
    }

    // MARK: - Requests

    mutating func cancel(_ ask: CancelAsk) {
        fill(ask.lines)
        let command = CancelOrderCommand(
            request: Shop.id(ask.request), order: Shop.id(ask.order), brand: shop.brand(ask.brand),
            cause: ask.cause, fingerprint: ask.content)
        let (now, tick, texts) = (now, tick, shop.texts)
        let verdict = core.cancelOrder(
            command, lines: lines, texts: texts.span, at: now, in: &context)
        count("cancel", verdict)
        let records = observe(own: nil, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        // What is cancelled in whole may go on a little further.
        let most =
            epoch.bounds.idsMax + (ask.lines.isEmpty ? epoch.bounds.idsMax / 48 + 8 : 0)
        let orderKey = model.key(ask.brand, ask.order)
        let isApplied = settle(
            ask.request, ask.brand, ask.content, idsMax: most, verdict, records,
            sequence: model.order(orderKey, at: tick)?.sequence ?? 0
        ) { model, recall, idsFull in
            model.decide(ask, at: tick, recall: recall, idsFull: idsFull)
        }
        if case .cancel(_, let id, let request, let content, let cause, _, _) =
            mainRecord(records, isExpected: isApplied)
        {
            let isRight =
                id == command.order && request == command.request && content == ask.content
                && cause == ask.cause
            if !isRight { differ("the record says something else") }
        } else if isApplied {
            differ("a cancellation made another record")
        }
        if isApplied { model.carryOut(ask, at: tick, wall: wall, sequence: sink.lastSequence) }
        guard let order = model.order(orderKey, at: tick) else { return }
        if case .refused = verdict {} else { compareOrder(orderKey, ask.brand, ask.order) }
        for leg in order.legs.prefix(3) { compareFigures(leg.account) }
    }

    mutating func extend(_ ask: ExtendAsk) {
        let command = ExtendCommand(
            request: Shop.id(ask.request), reservation: Shop.id(ask.id),
            brand: shop.brand(ask.brand), timeToLiveMilliseconds: UInt64(ask.timeToLive),
            fingerprint: ask.content)
        let (now, tick, texts) = (now, tick, shop.texts)
        let verdict = core.extend(command, texts: texts.span, at: now, in: &context)
        count("extend", verdict)
        let holdKey = model.key(ask.brand, ask.id)
        // A request that was met before doesn't come to the hold.
        let records = observe(own: nil, mayCollect: true)
        if wasRefusedRoom(verdict, records) { return }
        let isApplied = settle(
            ask.request, ask.brand, ask.content, idsMax: epoch.bounds.idsMax, verdict, records,
            sequence: model.hold(holdKey, at: tick)?.sequence ?? 0
        ) { model, recall, idsFull in
            model.decide(ask, at: tick, recall: recall, idsFull: idsFull)
        }
        if case .extend(_, let id, let request, let content, _) =
            mainRecord(records, isExpected: isApplied)
        {
            if id != command.reservation || request != command.request || content != ask.content {
                differ("the record says something else")
            }
        } else if isApplied {
            differ("an extension made another record")
        }
        if isApplied { model.carryOut(ask, at: tick, sequence: sink.lastSequence) }
        if case .refused = verdict { return }
        if model.hold(holdKey, at: tick) != nil { compareHold(holdKey, ask.brand, ask.id) }
    }

    /// Settles a request that changes no figure of one account; whether it takes effect.
    private mutating func settle(
        _ request: Int, _ brand: Int, _ content: UInt64, idsMax: Int, _ verdict: Verdict,
        _ records: [Record], sequence: UInt64,
        _ decide: (ShopModel, Bool, Bool) -> ShopModel.RequestDecision
    ) -> Bool {
        let key = model.key(brand, request)
        let known = core.idCount - (mainCount(records) > 0 ? 1 : 0)
        let lost = model.refusedRequests[key].map(model.mayBeLost) ?? false
        let decisions = (lost ? [true, false] : [true]).map { recall in
            decide(model, recall, known + 1 > idsMax)
        }
        let decision = decisions.first { agrees($0.verdict, verdict) } ?? decisions[0]
        guard agrees(decision.verdict, verdict) else {
            differ("answered \(verdict), expected \(decision.verdict)")
            return false
        }
        switch decision {
        case .apply: return true
        case .replay: dependsOn(model.answered[key]?.sequence ?? 0)
        case .refuse(let refusal, let isNew):
            if refusal.isReplay { dependsOn(model.refusedRequests[key]?.sequence ?? 0) }
            if isNew {
                dependsOn(sequence)
                model.refuse(
                    refusal, request: request, brand: brand, content: content,
                    sequence: sequence, at: tick)
            }
        }
        return false
    }

    mutating func setPolicy(_ ask: PolicyAsk) {
        let command = SetStockPolicyCommand(
            request: Shop.id(ask.request), codes: shop.codes(ask.account), policy: ask.policy,
            fingerprint: ask.content)
        let (now, tick, texts) = (now, tick, shop.texts)
        let verdict = core.setStockPolicy(command, texts: texts.span, at: now, in: &context)
        count("setPolicy", verdict)
        let records = observe(own: nil, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        settle(
            request: ask.request, account: ask.account, content: ask.content, sourceVersion: 0,
            verdict, records
        ) { model, recall, idsFull in
            model.decide(ask, at: tick, recall: recall, idsFull: idsFull)
        } also: { model in
            model.carryOutPolicy(ask)
        }
    }

    mutating func transfer(_ ask: TransferAsk) {
        let command = TransferStockCommand(
            request: Shop.id(ask.request), brand: shop.brand(Shop.brand(of: ask.from)),
            sku: shop.sku(Shop.sku(of: ask.from)),
            fromWarehouse: shop.warehouse(Shop.warehouse(of: ask.from)),
            toWarehouse: shop.warehouse(Shop.warehouse(of: ask.to)),
            quantity: Int64(ask.quantity), fingerprint: ask.content)
        let (now, tick, texts) = (now, tick, shop.texts)
        let verdict = core.transferStock(command, texts: texts.span, at: now, in: &context)
        count("transfer", verdict)
        let records = observe(own: nil, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        let other = context.otherStock
        let (wall, sequence) = (wall, sink.lastSequence)
        settle(
            request: ask.request, account: ask.from, content: ask.content, sourceVersion: 0,
            verdict, records
        ) { model, recall, idsFull in
            model.decide(ask, at: tick, recall: recall, idsFull: idsFull)
        } also: { model in
            model.carryOutTransfer(ask, wall: wall, sequence: sequence)
        }
        if verdict == .done {
            let expected = model.accounts[ask.to]
            if other.figures.onHand != Int64(expected.onHand)
                || other.figures.version != expected.version
            {
                differ("the other account is \(other), expected \(expected)")
            }
        }
        compareFigures(ask.to)
    }

    // MARK: - Lists

    mutating func listReservations(_ brand: Int, _ state: HoldState?) {
        let filter = ReservationFilter(
            brand: shop.brand(brand), state: state, dealer: .empty, sku: .empty,
            expiringBefore: nil)
        var cursor = ListCursor()
        var found: [UInt64] = []
        var progress = ListProgress.more
        while progress == .more {
            let (now, texts) = (now, shop.texts)
            progress = core.listReservations(
                filter, from: &cursor, limit: 100, texts: texts.span, at: now, in: &context)
            for index in 0..<context.listed.count { found.append(context.listed[index].high) }
        }
        tally["listReservations", default: 0] += 1
        var expected: [UInt64] = []
        for id in 0..<Shop.idsPerBrand {
            guard let hold = model.hold(model.key(brand, id), at: tick) else { continue }
            let own: HoldState = model.isDue(hold, at: tick) ? .expired : hold.state
            if state == nil || state == own { expected.append(Shop.id(id).high) }
        }
        if found.sorted() != expected.sorted() {
            differ("lists \(found.count) reservations, expected \(expected.count)")
        }
    }

    mutating func listOrders(_ brand: Int, _ state: OrderState?) {
        let filter = OrderFilter(
            brand: shop.brand(brand), state: state, dealer: .empty, createdAfter: nil,
            createdBefore: nil)
        var cursor = ListCursor()
        var found: [UInt64] = []
        var progress = ListProgress.more
        while progress == .more {
            let (now, texts) = (now, shop.texts)
            progress = core.listOrders(
                filter, from: &cursor, limit: 100, texts: texts.span, at: now, in: &context)
            for index in 0..<context.listed.count { found.append(context.listed[index].high) }
        }
        tally["listOrders", default: 0] += 1
        var expected: [UInt64] = []
        for id in 0..<Shop.idsPerBrand {
            guard let order = model.order(model.key(brand, id), at: tick) else { continue }
            let own: OrderState = order.ended == nil ? .accepted : .cancelled
            if state == nil || state == own { expected.append(Shop.id(id).high) }
        }
        if found.sorted() != expected.sorted() {
            differ("lists \(found.count) orders, expected \(expected.count)")
        }
    }
}
