// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// A ledger that knows nothing but what the records say: it applies their amounts, compares with
/// the figures that they carry, and evaluates the equations at each of them.
///
/// Made of plain dictionaries and without a bound of its own: the journal's length and the retention
/// bound it. After a violation it goes on with the record's figure, so that one fault is told once.
struct LedgerModel {
    /// Where a record lies.
    struct Place: Sendable {
        var sequence: UInt64
        var tick: UInt64
        var wall: Int64
    }

    /// Milliseconds within which an id has at most one effect.
    let retention: UInt64
    /// How far ticks may step back between loops, in milliseconds.
    let tickStepBack: UInt64
    /// Keeps what was forgotten, for a dump of everything.
    let keepsForgotten: Bool

    /// What is wrong.
    var violations = ViolationList()
    /// Records by type; the index is the type's number.
    var recordCounts = [UInt64](repeating: 0, count: 1 + Int(RecordType.transfer.rawValue))
    var lastSequence: UInt64 = 0
    var highestTick: UInt64 = 0
    /// Unix milliseconds of the last record.
    var lastWall: Int64 = 0

    var codes: [ModelCode] = []
    var codeNumbers: [ModelCode: UInt32] = [:]
    var accounts = ChunkedRows<ModelAccount>()
    /// Where an account's row is, by its number.
    var accountRows: [UInt32: Int] = [:]
    /// Which number an account's codes have.
    var accountNumbers: [AccountKey: UInt32] = [:]

    var holds = ChunkedRows<ModelHold>()
    var freeHolds: [UInt32] = []
    /// Rows of the holds that are remembered.
    var holdRows: [EntryKey: UInt32] = [:]
    var endedHolds = WaitingQueue<UInt32>()
    var orders = ChunkedRows<ModelOrder>()
    var freeOrders: [UInt32] = []
    /// Rows of the orders that are remembered.
    var orderRows: [EntryKey: UInt32] = [:]
    var endedOrders = WaitingQueue<UInt32>()
    var outcomes: [EntryKey: ModelOutcome] = [:]
    var oldOutcomes = WaitingQueue<EntryKey>()
    /// With `keepsForgotten`.
    var forgottenOutcomes: [(key: EntryKey, outcome: ModelOutcome)] = []

    /// The record that is being applied.
    var place = Place(sequence: 0, tick: 0, wall: 0)
    var type = RecordType.define
    /// Units per account of the record that is being applied.
    var sums: [UInt32: Int64] = [:]

    /// An account's codes.
    struct AccountKey: Hashable {
        var brand: UInt32
        var sku: UInt32
        var warehouse: UInt32
    }

    init(retention: UInt64, keepsForgotten: Bool) {
        self.retention = retention
        self.keepsForgotten = keepsForgotten
        tickStepBack = AuditLimits.tickStepBack(retention: retention)
    }

    /// Applies one more record.
    ///
    /// - Throws: `RecordError` when the bytes aren't a record of this version; nothing was applied.
    mutating func apply(_ bytes: Span<UInt8>, at place: Place) throws(RecordError) {
        apply(try Record(bytes), at: place)
    }

    /// Applies one more record.
    mutating func apply(_ record: Record, at place: Place) {
        self.place = place
        type = record.type
        if place.sequence != lastSequence &+ 1 {
            violate(.sequence, "has sequence \(place.sequence), which follows \(lastSequence)")
        }
        lastSequence = place.sequence
        highestTick = max(highestTick, place.tick)
        lastWall = place.wall
        recordCounts[Int(type.rawValue)] += 1
        forgetOld()
        switch record {
        case .define(let brand, let number, let kind, let text):
            define(ModelCode(kind: kind, brand: brand, text: text), as: number)
        case .setStock(
            let brand, let request, _, let number, let sku, let warehouse, let version,
            let figures):
            setStock(
                request, AccountKey(brand: brand, sku: sku, warehouse: warehouse), number,
                sourceVersion: version, figures)
        case .adjustStock(let brand, let request, _, let number, let delta, let figures):
            adjustStock(request, of: brand, number, delta, figures)
        case .reserve(
            let brand, let id, _, let dealer, let timeToLive, let fillMode, let legs, let figures):
            reserve(
                EntryKey(id: id, brand: brand), dealer: dealer, timeToLive: timeToLive,
                fillMode: fillMode, legs, figures)
        case .confirm(let brand, let id, let order, let legs, let figures):
            confirm(EntryKey(id: id, brand: brand), order: order, legs, figures)
        case .release(let brand, let id, let legs, let figures):
            giveBack(EntryKey(id: id, brand: brand), as: .released, legs, figures)
        case .expire(let brand, let id, let legs, let figures):
            giveBack(EntryKey(id: id, brand: brand), as: .expired, legs, figures)
        case .order(let brand, let id, _, let dealer, let fillMode, let legs, let figures):
            order(
                EntryKey(id: id, brand: brand), dealer: dealer, fillMode: fillMode, legs, figures)
        case .orderFromHolds(
            let brand, let id, _, let dealer, let parts, let legs, let figures):
            order(EntryKey(id: id, brand: brand), dealer: dealer, from: parts, legs, figures)
        case .cancel(let brand, let id, let request, _, _, let legs, let figures):
            cancel(EntryKey(id: id, brand: brand), request: request, legs, figures)
        case .extend(let brand, let id, let request, _, let deadline):
            extend(EntryKey(id: id, brand: brand), request: request, to: deadline)
        case .setPolicy(let brand, let request, _, let number, let policy, let figures):
            setPolicy(request, of: brand, number, policy, figures)
        case .transfer(
            let brand, let request, _, let quantity, let from, let to, let fromFigures,
            let toFigures):
            transfer(
                request, of: brand, quantity, from: (from, fromFigures), to: (to, toFigures))
        }
    }

    /// Notes a tick that a block carries besides its records.
    mutating func pass(_ tick: UInt64) { highestTick = max(highestTick, tick) }

    /// Notes that a server began at `tick`: deadlines would come late if time had gone back.
    mutating func begin(epoch: UInt64, at tick: UInt64) {
        if tick < highestTick {
            violations.add(
                .tick, at: lastSequence,
                "epoch \(epoch) begins at tick \(tick), though tick \(highestTick) was reached "
                    + "before it")
        }
        pass(tick)
    }

    // MARK: - Telling

    /// Notes a violation of the record that is being applied.
    mutating func violate(_ rule: Violation.Rule, _ explanation: String) {
        violations.add(
            rule, at: place.sequence, "record \(place.sequence) (\(type)) \(explanation)")
    }

    /// A code for people.
    func name(_ code: UInt32) -> String {
        Int(code) < codes.count ? "\"\(codes[Int(code)].name)\"" : "number \(code)"
    }

    /// An account for people.
    func name(ofAccount number: UInt32) -> String {
        guard let row = accountRows[number] else { return "account \(number)" }
        let account = accounts[row]
        return "account \(number) (brand \(name(account.brand)), SKU \(name(account.sku)), "
            + "warehouse \(name(account.warehouse)))"
    }

    /// An order for people.
    func name(ofOrder key: EntryKey) -> String {
        "order \(key.id.hex) of brand \(name(key.brand))"
    }

    /// A reservation for people.
    func name(_ hold: EntryKey) -> String {
        "reservation \(hold.id.hex) of brand \(name(hold.brand))"
    }
}

extension Record {
    /// Its type, as its header has it.
    var type: RecordType {
        switch self {
        case .define: .define
        case .setStock: .setStock
        case .adjustStock: .adjustStock
        case .reserve: .reserve
        case .confirm: .confirm
        case .release: .release
        case .expire: .expire
        case .order: .order
        case .orderFromHolds: .orderFromHolds
        case .cancel: .cancel
        case .extend: .extend
        case .setPolicy: .setPolicy
        case .transfer: .transfer
        }
    }
}
