// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Synchronization

@testable import Audit
@testable import ReservationCore

/// A real core, talked to in short words; what it writes is judged.
struct JudgedDesk: ~Copyable {
    let core: ReservationCore<KeptRecords>
    let records = KeptRecords()
    var context = DecisionContext()
    var tick: UInt64 = 1_000
    private var lines = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    private var texts: [UInt8] = []
    private var request: UInt64 = 0

    /// A line; no warehouse: from wherever it is.
    struct Line {
        var sku: String
        var warehouse: String
        var quantity: Int64
        var number: UInt32
    }

    init() {
        var configuration = CoreConfiguration(hashKey: (1, 2))
        configuration.accountsMax = 50
        configuration.codesMax = 100
        configuration.holdsMax = 1_000
        configuration.idsMax = 5_000
        configuration.refusalRingBytes = 1 << 20
        configuration.holdStripes = 4
        configuration.accountStripes = 8
        core = ReservationCore(configuration, sink: records)
    }

    var now: DecisionTime {
        DecisionTime(
            tick: Tick(milliseconds: tick),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(tick)))
    }

    static func id(_ number: UInt64) -> ClientID { ClientID(high: 0xabcd, low: number) }

    mutating func set(_ sku: String, at warehouse: String, to units: Int64) -> Verdict {
        let codes = codes(sku, warehouse)
        let command = SetStockCommand(
            request: nextRequest(), codes: codes, onHand: units, sourceVersion: 0, fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.setStock(command, texts: texts.span, at: now, in: &context)
    }

    mutating func policy(_ sku: String, at warehouse: String, safety: Int64) -> Verdict {
        let codes = codes(sku, warehouse)
        let command = SetStockPolicyCommand(
            request: nextRequest(), codes: codes, policy: StockPolicy(safety: safety),
            fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.setStockPolicy(command, texts: texts.span, at: now, in: &context)
    }

    mutating func transfer(
        _ sku: String, _ units: Int64, from giver: String, to taker: String
    ) -> Verdict {
        begin([])
        let command = TransferStockCommand(
            request: nextRequest(), brand: text("acme"), sku: text(sku),
            fromWarehouse: text(giver), toWarehouse: text(taker), quantity: units, fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.transferStock(command, texts: texts.span, at: now, in: &context)
    }

    mutating func reserve(_ id: UInt64, _ asked: [Line], _ mode: FillMode) -> Verdict {
        begin(asked)
        let command = ReserveCommand(
            id: JudgedDesk.id(id), brand: text("acme"), dealer: text("dan"),
            timeToLiveMilliseconds: 5_000, fillMode: mode, fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.reserve(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func order(_ id: UInt64, _ asked: [Line], _ mode: FillMode) -> Verdict {
        begin(asked)
        let command = CreateOrderCommand(
            id: JudgedDesk.id(id), brand: text("acme"), dealer: text("dan"), fillMode: mode,
            fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.createOrder(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func order(_ id: UInt64, from reservations: [UInt64]) -> Verdict {
        begin([])
        let command = CreateOrderCommand(
            id: JudgedDesk.id(id), brand: text("acme"), dealer: text("dan"),
            fillMode: .allOrNothing, fingerprint: 1)
        var ids = FixedList<ClientID>(capacity: CoreLimits.reservationsPerOrderMax)
        for id in reservations { ids.append(JudgedDesk.id(id)) }
        let (now, texts) = (now, texts)
        return core.createOrder(command, from: ids, texts: texts.span, at: now, in: &context)
    }

    mutating func confirm(_ id: UInt64, order: UInt64, _ asked: [Line]) -> Verdict {
        begin(asked)
        let command = ConfirmCommand(
            id: JudgedDesk.id(id), brand: text("acme"), order: JudgedDesk.id(order))
        let (now, texts) = (now, texts)
        return core.confirm(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func release(_ id: UInt64) -> Verdict {
        begin([])
        let command = ReleaseCommand(id: JudgedDesk.id(id), brand: text("acme"))
        let (now, texts) = (now, texts)
        return core.release(command, texts: texts.span, at: now, in: &context)
    }

    mutating func extend(_ id: UInt64, by milliseconds: UInt64) -> Verdict {
        begin([])
        let command = ExtendCommand(
            request: nextRequest(), reservation: JudgedDesk.id(id), brand: text("acme"),
            timeToLiveMilliseconds: milliseconds, fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.extend(command, texts: texts.span, at: now, in: &context)
    }

    /// Without lines all that is left.
    mutating func cancel(_ order: UInt64, _ asked: [Line]) -> Verdict {
        begin(asked)
        let command = CancelOrderCommand(
            request: nextRequest(), order: JudgedDesk.id(order), brand: text("acme"), cause: 3,
            fingerprint: 1)
        let (now, texts) = (now, texts)
        return core.cancelOrder(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    /// Lets what is due expire.
    mutating func turn() {
        let now = now
        core.turnWheels(loop: 0, of: 1, at: now, in: &context)
    }

    // MARK: - Texts

    private mutating func begin(_ asked: [Line]) {
        texts.removeAll(keepingCapacity: true)
        lines.removeAll()
        for line in asked {
            let (sku, warehouse) = (text(line.sku), text(line.warehouse))
            lines.append(
                LineAsk(
                    sku: sku, warehouse: warehouse, quantity: line.quantity, line: line.number))
        }
    }

    private mutating func text(_ text: String) -> ByteRange {
        let start = texts.count
        texts += Array(text.utf8)
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    private mutating func codes(_ sku: String, _ warehouse: String) -> StockCodes {
        begin([])
        return StockCodes(brand: text("acme"), sku: text(sku), warehouse: text(warehouse))
    }

    private mutating func nextRequest() -> ClientID {
        request += 1
        return ClientID(high: 0xeeee, low: request)
    }
}

/// Keeps every record.
final class KeptRecords: EffectSink {
    /// A record as it was appended.
    struct Entry {
        var bytes: [UInt8]
        var time: DecisionTime
    }

    private let state = Mutex<[Entry]>([])

    /// The records so far.
    var entries: [Entry] { state.withLock { $0 } }

    func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict { .granted }
    func returnRoom(_ byteCount: Int) {}
    func setAside(_ byteCount: Int) {}
    func giveBack(_ byteCount: Int) {}
    func submit() {}

    func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64 {
        let bytes = record.withBytes { span in (0..<span.count).map { span[$0] } }
        return state.withLock {
            $0.append(Entry(bytes: bytes, time: time))
            return UInt64($0.count)
        }
    }
}
