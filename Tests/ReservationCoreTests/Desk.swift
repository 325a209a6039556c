// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Synchronization

@testable import ReservationCore

/// A core with somebody who talks to it in single words: codes are strings, ids small numbers, the
/// brand is "acme" and the warehouse "north" unless a test says otherwise.
struct Desk: ~Copyable {
    let core: ReservationCore<Ledger>
    let ledger: Ledger
    var context = DecisionContext()
    /// Milliseconds on the clock.
    var tick: UInt64 = 1_000
    var lines = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    var texts: [UInt8] = []
    private var request: UInt64 = 0

    /// What a line asks for.
    struct Line {
        var sku: String
        var quantity: Int64
        var warehouse = "north"
        var number: UInt32?
    }

    init(_ change: (inout CoreConfiguration) -> Void = { _ in }) {
        ledger = Ledger()
        core = ReservationCore(Desk.configuration(change), sink: ledger)
    }

    /// A desk whose core is made from records, at `tick`.
    init(
        replaying records: [Ledger.Entry], at tick: UInt64,
        _ change: (inout CoreConfiguration) -> Void = { _ in }
    ) throws(ReplayFault) {
        self.tick = tick
        ledger = Ledger(records)
        core = ReservationCore(Desk.configuration(change), sink: ledger)
        for entry in records {
            try core.replay(entry.bytes.span, sequence: entry.sequence, at: entry.time)
        }
        try core.finishReplay(at: Tick(milliseconds: tick))
    }

    private static func configuration(
        _ change: (inout CoreConfiguration) -> Void
    ) -> CoreConfiguration {
        var configuration = CoreConfiguration(hashKey: (1, 2))
        configuration.accountsMax = 50
        configuration.codesMax = 100
        configuration.holdsMax = 1_000
        configuration.idsMax = 5_000
        configuration.refusalRingBytes = 1 << 20
        configuration.holdStripes = 4
        configuration.accountStripes = 8
        change(&configuration)
        return configuration
    }

    var now: DecisionTime {
        DecisionTime(
            tick: Tick(milliseconds: tick),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(tick)))
    }

    static func id(_ number: UInt64) -> ClientID { ClientID(high: 0xabcd, low: number) }

    /// What was granted to each line of the last answer.
    var granted: [Int64] { (0..<context.legs.count).map { context.legs[$0].granted } }

    // MARK: - Calls

    mutating func reserve(
        _ id: UInt64, _ asked: [Line], mode: FillMode = .allOrNothing, ttl: UInt64 = 10_000,
        brand: String = "acme", dealer: String = "dan", content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = ReserveCommand(
            id: Desk.id(id), brand: text(brand), dealer: text(dealer),
            timeToLiveMilliseconds: ttl, fillMode: mode, fingerprint: content)
        add(asked)
        let (now, texts) = (now, texts)
        return core.reserve(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func confirm(
        _ id: UInt64, order: UInt64, _ asked: [Line] = [], brand: String = "acme"
    ) -> Verdict {
        begin()
        let command = ConfirmCommand(
            id: Desk.id(id), brand: text(brand), order: Desk.id(order))
        add(asked)
        let (now, texts) = (now, texts)
        return core.confirm(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func release(_ id: UInt64, brand: String = "acme") -> Verdict {
        begin()
        let command = ReleaseCommand(id: Desk.id(id), brand: text(brand))
        let (now, texts) = (now, texts)
        return core.release(command, texts: texts.span, at: now, in: &context)
    }

    mutating func read(_ id: UInt64, brand: String = "acme") -> Verdict {
        begin()
        let brand = text(brand)
        let (now, texts) = (now, texts)
        return core.readReservation(
            Desk.id(id), brand: brand, texts: texts.span, at: now, in: &context)
    }

    mutating func set(
        _ sku: String, _ onHand: Int64, at warehouse: String = "north", version: UInt64 = 0,
        request: UInt64? = nil, brand: String = "acme", content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = SetStockCommand(
            request: nextRequest(request), codes: codes(brand, sku, warehouse), onHand: onHand,
            sourceVersion: version, fingerprint: content)
        let (now, texts) = (now, texts)
        return core.setStock(command, texts: texts.span, at: now, in: &context)
    }

    mutating func adjust(
        _ sku: String, _ delta: Int64, at warehouse: String = "north", expecting: UInt64? = nil,
        request: UInt64? = nil, brand: String = "acme", content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = AdjustStockCommand(
            request: nextRequest(request), codes: codes(brand, sku, warehouse), delta: delta,
            expectedVersion: expecting, fingerprint: content)
        let (now, texts) = (now, texts)
        return core.adjustStock(command, texts: texts.span, at: now, in: &context)
    }

    /// The figures of an account; nil when it isn't there.
    mutating func stock(
        _ sku: String, at warehouse: String = "north", brand: String = "acme"
    ) -> StockFigures? {
        begin()
        let codes = codes(brand, sku, warehouse)
        let texts = texts
        guard core.readStock(codes, texts: texts.span, in: &context) == .done else { return nil }
        return context.stock.figures
    }

    mutating func available(_ sku: String) -> Int64? { stock(sku)?.available }

    mutating func turn() {
        let now = now
        core.turnWheels(loop: 0, of: 1, at: now, in: &context)
    }

    // MARK: - Texts

    mutating func begin() {
        texts.removeAll(keepingCapacity: true)
        lines.removeAll()
    }

    mutating func text(_ text: String) -> ByteRange {
        let start = texts.count
        texts += Array(text.utf8)
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    mutating func codes(_ brand: String, _ sku: String, _ warehouse: String) -> StockCodes {
        StockCodes(brand: text(brand), sku: text(sku), warehouse: text(warehouse))
    }

    mutating func add(_ asked: [Line]) {
        for (index, line) in asked.enumerated() {
            let (sku, warehouse) = (text(line.sku), text(line.warehouse))
            lines.append(
                LineAsk(
                    sku: sku, warehouse: warehouse, quantity: line.quantity,
                    line: line.number ?? UInt32(index + 1)))
        }
    }

    mutating func nextRequest(_ given: UInt64?) -> ClientID {
        request += 1
        return ClientID(high: 0xeeee, low: given ?? 1_000_000 + request)
    }
}

/// Keeps the records and refuses room when told to.
final class Ledger: EffectSink {
    /// A record as it was appended.
    struct Entry {
        var bytes: [UInt8]
        var time: DecisionTime
        var sequence: UInt64
    }

    private struct State {
        var entries: [Entry] = []
        var verdict = RoomVerdict.granted
        var refusedPurposes: [RoomPurpose] = [.begins, .ends]
        var spaceSetAside = 0
    }

    private let state = Mutex(State())

    /// Goes on after `entries`.
    init(_ entries: [Entry] = []) { state.withLock { $0.entries = entries } }

    func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict {
        state.withLock { $0.refusedPurposes.contains(purpose) ? $0.verdict : .granted }
    }

    func returnRoom(_ byteCount: Int) {}

    func setAside(_ byteCount: Int) { state.withLock { $0.spaceSetAside += byteCount } }

    func giveBack(_ byteCount: Int) { state.withLock { $0.spaceSetAside -= byteCount } }

    func submit() {}

    func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64 {
        let bytes = record.withBytes { span in
            var bytes: [UInt8] = []
            for index in 0..<span.count { bytes.append(span[index]) }
            return bytes
        }
        return state.withLock {
            let sequence = ($0.entries.last?.sequence ?? 0) + 1
            $0.entries.append(Entry(bytes: bytes, time: time, sequence: sequence))
            return sequence
        }
    }

    /// Refuses room for `purposes` from now on; `.granted` ends that.
    func answer(_ verdict: RoomVerdict, for purposes: [RoomPurpose] = [.begins, .ends]) {
        state.withLock {
            $0.verdict = verdict
            $0.refusedPurposes = purposes
        }
    }

    /// The records so far.
    var entries: [Entry] { state.withLock { $0.entries } }

    /// The bytes of the records so far.
    var records: [[UInt8]] { entries.map(\.bytes) }

    /// Bytes set aside for what has begun and not ended.
    var spaceSetAside: Int { state.withLock { $0.spaceSetAside } }

    /// The types of the records so far.
    var types: [RecordType?] { records.map { RecordType(rawValue: $0[2]) } }
}

extension Verdict {
    /// Why not, or nil.
    var reason: RefusalReason? {
        if case .refused(let refusal) = self { refusal.reason } else { nil }
    }

    /// The refusal, or nil.
    var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
