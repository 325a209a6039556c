// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore
import StockadeServer

/// One SKU, one dealer: reserves, every third time of a SKU that is sold out, and gives each grant
/// back, so that any number of decisions fits into small tables.
struct DecisionProbe: ~Copyable {
    private let core: ReservationCore<MemorySink>
    private var context = DecisionContext()
    private var texts = ByteWriter(capacity: 256)
    private var lines = FixedList<LineAsk>(capacity: 1)
    private var ranges: [ByteRange] = []
    private(set) var granted = 0
    private(set) var refused = 0
    private(set) var givenBack = 0

    init() {
        var configuration = CoreConfiguration(hashKey: (1, 2))
        configuration.accountsMax = 16
        configuration.codesMax = 16
        configuration.holdsMax = 1_000
        configuration.idsMax = 100_000
        configuration.retentionMilliseconds = 1_000
        configuration.refusalRingBytes = 1 << 20
        core = ReservationCore(configuration, sink: MemorySink())
    }

    /// Defines the codes and sets the stock.
    mutating func prepare() {
        for text in ["brand", "full", "main", "dealer", "empty"] {
            let start = texts.count
            for byte in text.utf8 { texts.append(byte) }
            ranges.append(ByteRange(start: UInt32(start), count: UInt32(text.utf8.count)))
        }
        set(sku: ranges[1], units: 1_000, request: 1)
        set(sku: ranges[4], units: 0, request: 2)
    }

    /// Makes one decision, or two where a grant is given back.
    mutating func decide(_ number: Int) {
        let wantsEmpty = number % 3 == 2
        lines.removeAll()
        lines.append(
            LineAsk(
                sku: wantsEmpty ? ranges[4] : ranges[1], warehouse: ranges[2], quantity: 1,
                line: 1))
        let id = ClientID(high: 1, low: UInt64(number) + 1)
        let now = time(number)
        let command = ReserveCommand(
            id: id, brand: ranges[0], dealer: ranges[3], timeToLiveMilliseconds: 1_000,
            fillMode: .allOrNothing, fingerprint: UInt64(number))
        let release = ReleaseCommand(id: id, brand: ranges[0])
        switch Self.reserve(core, command, lines, texts, now, &context) {
        case .done, .replay:
            granted += 1
            if Self.release(core, release, texts, now, &context) == .done { givenBack += 1 }
        case .refused: refused += 1
        }
        core.turnWheels(loop: 0, of: 1, at: now, in: &context)
    }

    /// A millisecond for each twenty decisions: what has ended is forgotten on the way.
    private func time(_ number: Int) -> DecisionTime {
        DecisionTime(
            tick: Tick(milliseconds: UInt64(number / 20)),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(number / 20)))
    }

    private mutating func set(sku: ByteRange, units: Int64, request: UInt64) {
        let command = SetStockCommand(
            request: ClientID(high: 2, low: request),
            codes: StockCodes(brand: ranges[0], sku: sku, warehouse: ranges[2]), onHand: units,
            sourceVersion: 0, fingerprint: 0)
        let verdict = Self.set(core, command, texts, time(0), &context)
        precondition(verdict == .done)
    }

    private static func reserve(
        _ core: ReservationCore<MemorySink>, _ command: ReserveCommand,
        _ lines: borrowing FixedList<LineAsk>, _ texts: borrowing ByteWriter,
        _ now: DecisionTime, _ context: inout DecisionContext
    ) -> Verdict {
        texts.withBytes { core.reserve(command, lines: lines, texts: $0, at: now, in: &context) }
    }

    private static func release(
        _ core: ReservationCore<MemorySink>, _ command: ReleaseCommand,
        _ texts: borrowing ByteWriter, _ now: DecisionTime, _ context: inout DecisionContext
    ) -> Verdict {
        texts.withBytes { core.release(command, texts: $0, at: now, in: &context) }
    }

    private static func set(
        _ core: ReservationCore<MemorySink>, _ command: SetStockCommand,
        _ texts: borrowing ByteWriter, _ now: DecisionTime, _ context: inout DecisionContext
    ) -> Verdict {
        texts.withBytes { core.setStock(command, texts: $0, at: now, in: &context) }
    }
}
