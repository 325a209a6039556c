// SPDX-License-Identifier: Apache-2.0

import Effects
import Glibc
import Primitives
import ReservationCore
import StockadeServer

/// A core with so many accounts and live holds of one line, in tables made for no more than these:
/// what the process takes then, less what it takes with fewer, is what one of them takes.
struct MemoryProbe: ~Copyable {
    private let core: ReservationCore<MemorySink>
    private let accounts: Int
    private let holds: Int
    private var context = DecisionContext()
    private var texts = ByteWriter(capacity: 256)
    private var lines = FixedList<LineAsk>(capacity: 1)
    /// Milliseconds; outcomes of the preparation are forgotten on the way.
    private var tick: UInt64 = 1

    /// - Parameters:
    ///   - accounts: each of a SKU of its own.
    ///   - holds: of one unit each, of the first account.
    ///   - codes: room for so many, of which `accounts` and three more are used.
    init(accounts: Int, holds: Int, codes: Int) {
        self.accounts = accounts
        self.holds = holds
        var configuration = CoreConfiguration(hashKey: (1, 2))
        configuration.accountsMax = accounts
        configuration.codesMax = codes
        configuration.holdsMax = holds
        configuration.idsMax = 2 * holds + 10_000
        configuration.retentionMilliseconds = 1_000
        configuration.refusalRingBytes = 1 << 20
        core = ReservationCore(configuration, sink: MemorySink())
    }

    /// Makes everything and says how much memory the process has taken at most.
    consuming func run() {
        for number in 0..<accounts { makeAccount(number) }
        for number in 0..<holds { hold(number) }
        var usage = rusage()
        let isKnown = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
        precondition(isKnown && core.liveHoldCount == holds)
        print("accounts \(accounts), holds \(holds), resident \(usage.ru_maxrss * 1_024) bytes")
    }

    private mutating func makeAccount(_ number: Int) {
        let codes = self.codes(number)
        let command = SetStockCommand(
            request: ClientID(high: 2, low: UInt64(number) + 1), codes: codes,
            onHand: Int64(max(holds, 1)), sourceVersion: 0, fingerprint: 0)
        if number % 1_000 == 0 { tick += 1_001 }
        let verdict = Self.set(core, command, texts, time, &context)
        precondition(verdict == .done)
        core.turnWheels(loop: 0, of: 1, at: time, in: &context)
    }

    private mutating func hold(_ number: Int) {
        let codes = self.codes(0)
        let dealer = text("dealer")
        lines.removeAll()
        lines.append(LineAsk(sku: codes.sku, warehouse: codes.warehouse, quantity: 1, line: 1))
        let command = ReserveCommand(
            id: ClientID(high: 1, low: UInt64(number) + 1), brand: codes.brand, dealer: dealer,
            timeToLiveMilliseconds: 3_600_000, fillMode: .allOrNothing,
            fingerprint: UInt64(number))
        let verdict = Self.reserve(core, command, lines, texts, time, &context)
        precondition(verdict == .done)
    }

    private var time: DecisionTime {
        DecisionTime(
            tick: Tick(milliseconds: tick),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(tick)))
    }

    private mutating func codes(_ number: Int) -> StockCodes {
        texts.removeAll()
        let start = texts.count
        texts.append("sku-")
        texts.appendDecimal(UInt64(number))
        let sku = ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
        return StockCodes(brand: text("brand"), sku: sku, warehouse: text("main"))
    }

    private mutating func text(_ text: StaticString) -> ByteRange {
        let start = texts.count
        texts.append(text)
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    private static func reserve(
        _ core: ReservationCore<MemorySink>, _ command: ReserveCommand,
        _ lines: borrowing FixedList<LineAsk>, _ texts: borrowing ByteWriter,
        _ now: DecisionTime, _ context: inout DecisionContext
    ) -> Verdict {
        texts.withBytes { core.reserve(command, lines: lines, texts: $0, at: now, in: &context) }
    }

    private static func set(
        _ core: ReservationCore<MemorySink>, _ command: SetStockCommand,
        _ texts: borrowing ByteWriter, _ now: DecisionTime, _ context: inout DecisionContext
    ) -> Verdict {
        texts.withBytes { core.setStock(command, texts: $0, at: now, in: &context) }
    }
}
