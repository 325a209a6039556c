// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// A journal in memory and how fast it is replayed: 70 % grants over 100,000 accounts, 15 %
/// confirmations, 10 % releases and 5 % expiries, in a random order.
struct ReplayProbe: ~Copyable {
    private static let accounts = 100_000
    private static let dealers = 500
    private let legs: Int
    private let sink = BlockSink()
    private var context = DecisionContext()
    private var texts = ByteWriter(capacity: 16 * 1_024)
    private var lines = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    private var state: UInt64 = 0x1234_5678_9abc_def0
    private var tick: UInt64 = 1

    init(legs: Int) { self.legs = legs }

    /// Writes `count` records and replays them, once without and once with time.
    consuming func run(_ count: Int) {
        var configuration = CoreConfiguration(hashKey: (3, 4))
        configuration.accountsMax = 200_000
        configuration.codesMax = 200_000
        configuration.holdsMax = count
        configuration.idsMax = 2 * count * legs + 200_000
        configuration.legsMax = 2 * count * legs + 1_000
        configuration.refusalRingBytes = 1 << 20
        write(count, configuration)
        let blocks = sink.blocks
        let records = blocks.reduce(0) { $0 + $1.count }
        let bytes = blocks.reduce(0) { $0 + $1.bytes.count }
        for _ in 0..<3 {
            let core = ReservationCore(configuration, sink: sink)
            let clock = ContinuousClock()
            let began = clock.now
            do throws(ReplayFault) {
                for block in blocks {
                    try core.replay(
                        block.bytes.span, from: 16, firstSequence: block.firstSequence,
                        count: block.count, base: block.base)
                }
                let replayed = clock.now
                try core.finishReplay(at: Tick(milliseconds: tick))
                let seconds = (replayed - began) / .seconds(1)
                let finishing = (clock.now - replayed) / .seconds(1)
                print(
                    "replayed \(records) records, \(bytes) bytes in \(seconds) s:",
                    "\(Int(Double(records) / seconds)) records/s; finished in \(finishing) s;",
                    "\(core.liveHoldCount) live holds, \(core.idCount) ids")
            } catch {
                print("failed: \(error.explanation)")
            }
        }
    }

    private mutating func next() -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: state >> 33)
    }

    private mutating func write(_ count: Int, _ configuration: CoreConfiguration) {
        let core = ReservationCore(configuration, sink: sink)
        for account in 0..<ReplayProbe.accounts { set(account, in: core) }
        var open: [Int] = []
        var made = 0
        for _ in 0..<count {
            if next() % 20 == 0 { tick += 1 }
            switch next() % 100 {
            case 0..<70:
                made += 1
                reserve(made, in: core)
                // Every fourteenth is left for its deadline.
                if next() % 14 != 0 { open.append(made) }
            case 70..<86: if let id = pick(&open) { confirm(id, in: core) }
            case 86..<96: if let id = pick(&open) { release(id, in: core) }
            default:
                core.turnWheels(loop: 0, of: 1, at: now, in: &context)
            }
        }
    }

    private mutating func pick(_ open: inout [Int]) -> Int? {
        guard !open.isEmpty else { return nil }
        // Most holds end soon: a dealer confirms within seconds.
        let place = open.count - 1 - next() % min(open.count, 20_000)
        open.swapAt(place, open.count - 1)
        return open.removeLast()
    }

    private var now: DecisionTime {
        DecisionTime(
            tick: Tick(milliseconds: tick),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(tick)))
    }

    private mutating func text(_ text: String) -> ByteRange {
        let start = texts.count
        for byte in text.utf8 { texts.append(byte) }
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    private func id(_ kind: UInt64, _ number: Int) -> ClientID {
        ClientID(high: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, low: kind)
    }

    private mutating func set(_ account: Int, in core: ReservationCore<BlockSink>) {
        texts.removeAll()
        let codes = StockCodes(
            brand: text("brand"), sku: text("SKU-\(account)"), warehouse: text("main"))
        let command = SetStockCommand(
            request: id(1, account + 1), codes: codes, onHand: 1_000_000_000, sourceVersion: 0,
            fingerprint: 1)
        let now = now
        Self.with(texts, &context) { core.setStock(command, texts: $0, at: now, in: &$1) }
    }

    private mutating func reserve(_ number: Int, in core: ReservationCore<BlockSink>) {
        texts.removeAll()
        let brand = text("brand")
        let dealer = text("dealer-\(number % ReplayProbe.dealers)")
        let warehouse = text("main")
        lines.removeAll()
        for line in 0..<legs {
            let sku = text("SKU-\(next() % ReplayProbe.accounts)")
            lines.append(
                LineAsk(sku: sku, warehouse: warehouse, quantity: 1, line: UInt32(line + 1)))
        }
        let command = ReserveCommand(
            id: id(2, number), brand: brand, dealer: dealer, timeToLiveMilliseconds: 20_000,
            fillMode: .allOrNothing, fingerprint: UInt64(number))
        let now = now
        let verdict = Self.reserve(core, command, lines, texts, now, &context)
        precondition(verdict == .done)
    }

    private static func reserve(
        _ core: ReservationCore<BlockSink>, _ command: ReserveCommand,
        _ lines: borrowing FixedList<LineAsk>, _ texts: borrowing ByteWriter,
        _ now: DecisionTime, _ context: inout DecisionContext
    ) -> Verdict {
        texts.withBytes { core.reserve(command, lines: lines, texts: $0, at: now, in: &context) }
    }

    private static func confirm(
        _ core: ReservationCore<BlockSink>, _ command: ConfirmCommand,
        _ lines: borrowing FixedList<LineAsk>, _ texts: borrowing ByteWriter,
        _ now: DecisionTime, _ context: inout DecisionContext
    ) {
        _ = texts.withBytes {
            core.confirm(command, lines: lines, texts: $0, at: now, in: &context)
        }
    }

    private static func with(
        _ texts: borrowing ByteWriter, _ context: inout DecisionContext,
        _ body: (Span<UInt8>, inout DecisionContext) -> Verdict
    ) {
        _ = texts.withBytes { body($0, &context) }
    }

    private mutating func confirm(_ number: Int, in core: ReservationCore<BlockSink>) {
        texts.removeAll()
        lines.removeAll()
        let command = ConfirmCommand(
            id: id(2, number), brand: text("brand"), order: id(3, number))
        let now = now
        Self.confirm(core, command, lines, texts, now, &context)
    }

    private mutating func release(_ number: Int, in core: ReservationCore<BlockSink>) {
        texts.removeAll()
        let command = ReleaseCommand(id: id(2, number), brand: text("brand"))
        let now = now
        Self.with(texts, &context) { core.release(command, texts: $0, at: now, in: &$1) }
    }
}
