// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// One core, one model and one auditor, and the comparison of what they say.
struct SimulationBench: ~Copyable {
    var model: ShopModel
    /// The first difference that was found.
    private(set) var difference: String?
    /// How often each kind of call had each answer.
    var tally: [String: Int] = [:]
    var expiryCount = 0

    let shop: Shop
    var epoch: Epoch
    var sink = RecordingSink()
    var core: ReservationCore<RecordingSink>
    /// All records so far: the journal of this history.
    var history: [RecordingSink.Entry] = []
    var auditor: LedgerAuditor
    var context = DecisionContext()
    var lines = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    /// The clock.
    var tick: Int
    var wall = 1_700_000_000_000
    /// All wheels have gone through this tick.
    var wheelTick: Int
    /// What the last answer waits for before it may leave.
    private(set) var lastAnswer: UInt64 = 0
    private var turns = 0
    private var operation = Operation.wait(milliseconds: 0)
    /// Ids before the operation.
    private var idCountBefore = 0

    init(_ epoch: Epoch, shop: Shop, fault: PlantedFault?) {
        self.epoch = epoch
        self.shop = shop
        model = ShopModel(epoch.bounds, fault: fault)
        core = ReservationCore(epoch.configuration, sink: sink)
        auditor = LedgerAuditor(retention: epoch.configuration.retentionMilliseconds)
        tick = epoch.firstTick
        wheelTick = Int(epoch.configuration.firstTick.milliseconds)
    }

    var now: DecisionTime {
        DecisionTime(
            tick: Tick(milliseconds: UInt64(tick)), wall: WallTime(milliseconds: Int64(wall)))
    }

    // MARK: - Steps

    /// Lets core and model decide an operation and compares what they did.
    mutating func perform(_ operation: Operation, _ chance: inout SeededGenerator) {
        self.operation = operation
        idCountBefore = core.idCount
        lastAnswer = 0
        var refusal: RoomVerdict?
        var grants = 0
        if chance.oneIn(epoch.refusesRoomOneIn) {
            refusal = chance.oneIn(2) ? .stalled : .full
            grants = chance.below(3)
        }
        // A full journal still takes a cancellation in whole, and no other.
        if case .cancel = operation, chance.oneIn(60) { (refusal, grants) = (.full, 0) }
        sink.refuse(with: refusal, after: grants)
        switch operation {
        case .wait(let milliseconds):
            tick += milliseconds
            // The wall clock goes its own way, backwards too.
            wall += milliseconds + chance.within(-3...3)
        case .turnWheels(let loop, let loops): turn(loop, of: loops)
        case .reserve(let ask): reserve(ask)
        case .confirm(let ask): confirm(ask)
        case .release(let brand, let id): release(brand, id)
        case .readReservation(let brand, let id): readReservation(brand, id)
        case .readStock(let account):
            compareStock(account)
            lastAnswer = context.sequence
        case .setStock(let ask): setStock(ask)
        case .adjustStock(let ask): adjustStock(ask)
        case .order(let ask): order(ask)
        case .orderFromHolds(let ask): order(ask)
        case .cancel(let ask): cancel(ask)
        case .readOrder(let brand, let id): readOrder(brand, id)
        case .extend(let ask): extend(ask)
        case .setPolicy(let ask): setPolicy(ask)
        case .transfer(let ask): transfer(ask)
        case .listReservations(let brand, let state): listReservations(brand, state)
        case .listOrders(let brand, let state): listOrders(brand, state)
        }
        sink.refuse(with: nil)
        if sink.openRoom != 0 { differ("\(sink.openRoom) bytes of room are still taken") }
        if sink.spaceSetAside != model.space {
            differ("\(sink.spaceSetAside) bytes are set aside, expected \(model.space)")
        }
        if difference == nil, let violation = auditor.violations.first {
            differ("the records: \(violation)")
        }
    }

    /// Compares every account, and whether the tables count what is in them.
    mutating func compareEverything() {
        for account in 0..<Shop.accounts { compareStock(account) }
        for (number, account) in auditor.accounts {
            let figures = model.accounts[model.made[Int(number)]]
            let told = LedgerAuditor.Account(
                onHand: figures.onHand, held: figures.held, committed: figures.allocated,
                safety: Int(figures.policy.safety), version: figures.version)
            if account != told { differ("account \(number): the records say \(account)") }
        }
        let range = model.idRange(at: tick, wheel: wheelTick)
        if !range.contains(core.idCount) { differ("\(core.idCount) ids, expected \(range)") }
        if core.liveHoldCount != model.live.count {
            differ("\(core.liveHoldCount) live holds, expected \(model.live.count)")
        }
    }

    /// Recounts core and records.
    mutating func audit() {
        auditor.recount()
        for violation in core.audit() + auditor.violations + sink.violations {
            differ("audit: \(violation)")
        }
    }

    // MARK: - Reserve

    mutating func reserve(_ ask: ReserveAsk) {
        fill(ask.lines)
        let command = ReserveCommand(
            id: Shop.id(ask.id), brand: shop.brand(ask.brand), dealer: shop.dealer(ask.dealer),
            timeToLiveMilliseconds: UInt64(ask.timeToLive), fillMode: ask.fillMode,
            fingerprint: ask.content)
        let (now, texts) = (now, shop.texts)
        let verdict = core.reserve(
            command, lines: lines, texts: texts.span, at: now, in: &context)
        count("reserve", verdict)
        let key = model.key(ask.brand, ask.id)
        let records = observe(own: key, mayCollect: true)
        if wasRefusedRoom(verdict, records) { return }

        // What the core may choose: whether a small ring still has a refusal. The rest is decided.
        let known = core.idCount - (verdict == .done ? 2 : 0)
        let legsMax = epoch.bounds.idsMax / 2 + 2 * CoreLimits.linesPerDecisionMax
        var legsFull = false
        if case .refused(let refusal) = verdict, refusal.limit == .legs {
            let range = model.legRange(at: tick, wheel: wheelTick)
            legsFull = range.upperBound + 2 * CoreLimits.linesPerDecisionMax > legsMax
        }
        let recall = model.refusedHolds[key].map(model.mayBeLost) ?? false ? [true, false] : [true]
        let decisions = recall.map { recall in
            model.decide(
                ask, at: tick, recall: recall,
                room: ShopModel.Room(
                    holdsFull: model.live.count + 1 > epoch.bounds.holdsMax,
                    idsFull: known + 2 > epoch.bounds.idsMax, legsFull: legsFull))
        }
        let decision = decisions.first { agrees($0.verdict, verdict) } ?? decisions[0]
        guard agrees(decision.verdict, verdict)
        else { return differ("answered \(verdict), expected \(decision.verdict)") }
        checkCollected(decision, records)
        if case .refuse(let refusal, let isNew) = decision {
            if isNew { dependsOn(model.lastChange(of: ask)) }
            if refusal.isReplay { dependsOn(model.refusedHolds[key]?.sequence ?? 0) }
        }
        let main = mainRecord(records, isExpected: verdict == .done)
        if case .reserve(_, let id, let content, let dealer, let timeToLive, let fillMode, _, _) =
            main
        {
            let isRight =
                id == command.id && content == ask.content
                && dealer == model.codes[ShopModel.codeKey(3, brand: ask.brand, ask.dealer)]
                && Int(timeToLive) == expectedTimeToLive(decision, ask)
                && fillMode == ask.fillMode.rawValue
            if !isRight { differ("the record says something else: \(String(describing: main))") }
        } else if main != nil {
            differ("a Reserve made another record")
        }
        model.carryOut(
            decision, of: ask, at: tick, wall: wall, sequence: sink.lastSequence)
        if case .refused = verdict {} else { compareHold(key, ask.brand, ask.id) }
        for account in model.accounts(of: ask).prefix(3) { compareFigures(account) }
    }

    mutating func fill(_ asked: [LineOfReserve]) {
        lines.removeAll()
        for line in asked {
            if let special = line.special {
                let codes = shop.codes(special)
                lines.append(
                    LineAsk(
                        sku: codes.sku, warehouse: codes.warehouse,
                        quantity: Int64(line.quantity), line: UInt32(line.line), kind: codes.kind))
                continue
            }
            lines.append(
                LineAsk(
                    sku: shop.sku(line.sku),
                    warehouse: line.warehouse.map(shop.warehouse) ?? .empty,
                    quantity: Int64(line.quantity), line: UInt32(line.line)))
        }
    }

    mutating func fill(_ asked: [LineOfConfirm]) {
        lines.removeAll()
        for line in asked {
            lines.append(
                LineAsk(
                    sku: line.sku.map(shop.sku) ?? .empty,
                    warehouse: line.warehouse.map(shop.warehouse) ?? .empty,
                    quantity: Int64(line.quantity), line: UInt32(line.line)))
        }
    }

    private func expectedTimeToLive(
        _ decision: ShopModel.ReserveDecision, _ ask: ReserveAsk
    ) -> Int? {
        if case .grant(let legs) = decision { model.timeToLive(ask, legs) } else { nil }
    }

    /// Who is short must have collected what is due, up to 256.
    mutating func checkCollected(
        _ decision: ShopModel.ReserveDecision, _ records: [Record]
    ) {
        let isShort =
            switch decision {
            case .replay: false
            case .refuse(let refusal, let isNew): isNew || refusal.limit == .legsPerDecision
            case .grant(let legs): legs.contains { $0.granted < $0.asked }
            }
        guard isShort, expiries(records) < CoreLimits.expiriesPerTurnMax,
            isWithinOneTurn(from: wheelTick)
        else { return }
        wheelTick = tick
        if model.anyDue(at: tick) { differ("short of stock while a hold is due") }
    }

    // MARK: - Ends

    mutating func confirm(_ ask: ConfirmAsk) {
        fill(ask.lines)
        let command = ConfirmCommand(
            id: Shop.id(ask.id), brand: shop.brand(ask.brand), order: Shop.id(ask.order))
        let (now, texts) = (now, shop.texts)
        let verdict = core.confirm(
            command, lines: lines, texts: texts.span, at: now, in: &context)
        count("confirm", verdict)
        let key = model.key(ask.brand, ask.id)
        let records = observe(own: key, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        let decision = model.decide(ask, at: tick)
        guard agrees(decision.verdict, verdict)
        else { return differ("answered \(verdict), expected \(decision.verdict)") }
        let main = mainRecord(records, isExpected: verdict == .done)
        if case .confirm(_, let id, let order, _, _) = main {
            if id != command.id || order != command.order { differ("the record's ids") }
        } else if main != nil {
            differ("a Confirm made another record")
        }
        model.carryOut(decision, of: ask, at: tick, wall: wall, sequence: sink.lastSequence)
        guard let hold = model.hold(key, at: tick) else { return }
        dependsOn(hold.sequence)
        if case .refused = verdict {} else { compareHold(key, ask.brand, ask.id) }
        for leg in hold.legs.prefix(3) { compareFigures(leg.account) }
    }

    mutating func release(_ brand: Int, _ id: Int) {
        let (now, texts) = (now, shop.texts)
        let verdict = core.release(
            ReleaseCommand(id: Shop.id(id), brand: shop.brand(brand)), texts: texts.span,
            at: now, in: &context)
        count("release", verdict)
        let key = model.key(brand, id)
        let wasHeld = model.holds[key]?.state == .held
        let records = observe(own: key, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        let isEnding = wasHeld && model.holds[key]?.state == .held
        let expected = model.decideRelease(key, at: tick)
        guard agrees(expected, verdict)
        else { return differ("answered \(verdict), expected \(expected)") }
        let main = mainRecord(records, isExpected: isEnding)
        if case .release(_, let released, _, _) = main {
            if released != Shop.id(id) { differ("the record's id") }
        } else if main != nil {
            differ("a Release made another record")
        }
        model.carryOutRelease(key, at: tick, wall: wall, sequence: sink.lastSequence)
        if let hold = model.hold(key, at: tick) { dependsOn(hold.sequence) }
        if case .refused = verdict {} else { compareHold(key, brand, id) }
    }

    mutating func readReservation(_ brand: Int, _ id: Int) {
        let (now, texts) = (now, shop.texts)
        let verdict = core.readReservation(
            Shop.id(id), brand: shop.brand(brand), texts: texts.span, at: now, in: &context)
        count("readReservation", verdict)
        let key = model.key(brand, id)
        let records = observe(own: key, mayCollect: false)
        if wasRefusedRoom(verdict, records) { return }
        _ = mainRecord(records, isExpected: false)
        guard model.hold(key, at: tick) != nil else {
            if !agrees(.refused(Refusal(.reservationNotFound)), verdict) {
                differ("answered \(verdict), expected that it isn't there")
            }
            return
        }
        guard verdict == .done else { return differ("answered \(verdict), expected to read it") }
        compareHold(key, brand, id)
    }

    mutating func turn(_ loop: Int, of loops: Int) {
        let now = now
        core.turnWheels(loop: loop, of: loops, at: now, in: &context)
        let records = observe(own: nil, mayCollect: true)
        _ = mainRecord(records, isExpected: false)
        let expired = expiries(records)
        if expired > CoreLimits.expiriesPerTurnMax { differ("\(expired) expiries in one turn") }
        let wasRefused = sink.refuse(with: nil) > 0
        // Far fewer rows exist than one turn may move.
        guard loops == 1, expired < CoreLimits.expiriesPerTurnMax, !wasRefused,
            isWithinOneTurn(from: wheelTick)
        else { return }
        wheelTick = tick
        if model.anyDue(at: tick) { differ("a hold is due after the wheels were turned") }
        turns += 1
        guard turns % 8 == 0 else { return }
        let range = model.idRange(at: tick, wheel: wheelTick)
        if !range.contains(core.idCount) {
            differ("\(core.idCount) ids after the wheels were turned, expected \(range)")
        }
    }

    /// Whether a turn's moves reach from `tick` to now for sure: for each row twice two levels down,
    /// to its deadline and to the end of its retention, and the two ticks at which it is there; and a
    /// move for each 1,024 empty ticks.
    func isWithinOneTurn(from earlier: Int) -> Bool {
        let stretches = ((tick - earlier) / 1_024 + 2) * epoch.configuration.holdStripes
        // A turn forgets rows that it has moved.
        let rows = max(idCountBefore, core.idCount)
        return 6 * rows + stretches < CoreLimits.wheelMovesPerTurnMax
    }

    // MARK: - What was found

    mutating func differ(_ text: String) {
        guard difference == nil else { return }
        difference = "at tick \(tick), \(operation): \(text)"
    }

    mutating func count(_ call: String, _ verdict: Verdict) {
        lastAnswer = context.sequence
        switch verdict {
        case .done: tally["\(call) done", default: 0] += 1
        case .replay: tally["\(call) replay", default: 0] += 1
        case .refused(let refusal): tally["\(call) \(refusal.reason)", default: 0] += 1
        }
    }
}
