// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore
import Synchronization
import Testing

/// A core that several callers share, and what they share besides.
final class Rush: Sendable {
    static let hot = Shop.account(brand: 0, sku: 0, warehouse: 0)
    static let retention = 5_000
    /// Milliseconds by which one thread's clock may be behind another's. A server's is behind by a
    /// turn at most; here time rushes on while a thread that has read it isn't running.
    static let tickSlack = 4_000

    let seed: UInt64
    let shop = Shop()
    let sink = RecordingSink()
    let core: ReservationCore<RecordingSink>
    private let configuration: CoreConfiguration
    let tick = Atomic<Int>(1)
    let granted = Atomic<Int>(0)
    let confirmed = Atomic<Int>(0)

    init(seed: UInt64, stock: Int) {
        self.seed = seed
        var configuration = CoreConfiguration(hashKey: (seed, ~seed))
        configuration.accountsMax = 200
        configuration.codesMax = 100
        configuration.holdsMax = 4_000
        configuration.idsMax = 400_000
        configuration.retentionMilliseconds = UInt64(Rush.retention)
        configuration.refusalReachMilliseconds = 300
        configuration.refusalRingBytes = 1 << 20
        configuration.holdStripes = 8
        configuration.accountStripes = 16
        self.configuration = configuration
        core = ReservationCore(configuration, sink: sink)
        var caller = Caller(self, thread: -1)
        for brand in 0..<2 {
            for sku in 0..<3 {
                for warehouse in 0..<2 {
                    caller.setStock(
                        Shop.account(brand: brand, sku: sku, warehouse: warehouse), to: stock)
                }
            }
        }
    }

    /// Lets all holds expire, then compares core, records and equations.
    func expectThatEverythingAddsUp(_ comment: Comment? = nil) {
        expectNothingWrong(comment)
        var caller = Caller(self, thread: -2)
        tick.add(2 * 3_600_000, ordering: .relaxed)
        var turns = 0
        while core.liveHoldCount > 0, turns < 1_000 {
            caller.turnWheels()
            turns += 1
        }
        #expect(core.liveHoldCount == 0, comment)
        expectNothingWrong(comment)
    }

    /// A core that is made from the records of several threads, whose ticks step back between them,
    /// is the same.
    private func expectTheSameAfterAReplay(_ comment: Comment?) {
        let other = ReservationCore(configuration, sink: RecordingSink())
        let records = sink.allRecords()
        do throws(ReplayFault) {
            for entry in records {
                try other.replay(entry.bytes.span, sequence: entry.sequence, at: entry.time)
            }
            let now = Tick(milliseconds: UInt64(tick.load(ordering: .relaxed)))
            try other.finishReplay(at: now)
        } catch {
            Issue.record("the replay failed: \(error.explanation)")
            return
        }
        #expect(other.audit().prefix(5) == [], comment)
        #expect(other.liveHoldCount == core.liveHoldCount, comment)
        let texts = shop.texts
        var one = DecisionContext()
        var two = DecisionContext()
        for brand in 0..<2 {
            for sku in 0..<3 {
                let codes = shop.codes(Shop.account(brand: brand, sku: sku, warehouse: 0))
                let verdict = core.readStock(codes, texts: texts.span, in: &one)
                let again = other.readStock(codes, texts: texts.span, in: &two)
                #expect(again == verdict, comment)
                #expect(one.stock == two.stock, comment)
                #expect(one.sequence == two.sequence, comment)
            }
        }
    }

    private func expectNothingWrong(_ comment: Comment?) {
        expectTheSameAfterAReplay(comment)
        var auditor = LedgerAuditor(
            retention: UInt64(Rush.retention), tickSlack: UInt64(Rush.tickSlack))
        for entry in sink.allRecords() { _ = auditor.read(entry) }
        auditor.recount()
        #expect(auditor.violations.prefix(5) == [], comment)
        #expect(core.audit().prefix(5) == [], comment)
        #expect(sink.violations.prefix(5) == [], comment)
        #expect(sink.openRoom == 0, comment)
        let reserves = sink.allRecords().count { $0.bytes[2] == RecordType.reserve.rawValue }
        let confirms = sink.allRecords().count { $0.bytes[2] == RecordType.confirm.rawValue }
        let known = granted.load(ordering: .relaxed)
        #expect(reserves == known, "what was acknowledged is in the records")
        #expect(confirms == confirmed.load(ordering: .relaxed))
        var context = DecisionContext()
        let texts = shop.texts
        for brand in 0..<2 {
            for sku in 0..<3 {
                let codes = shop.codes(Shop.account(brand: brand, sku: sku, warehouse: 0))
                guard core.readStock(codes, texts: texts.span, in: &context) == .done
                else { continue }
                let figures = context.stock.figures
                let found = auditor.accounts.values.contains {
                    $0.version == figures.version && $0.onHand == Int(figures.onHand)
                        && $0.held == Int(figures.held) && $0.committed == Int(figures.allocated)
                }
                #expect(found, "memory and records differ")
            }
        }
    }
}
