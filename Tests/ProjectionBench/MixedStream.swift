// SPDX-License-Identifier: Apache-2.0

import Effects
import Glibc
import Journal
import Primitives

/// Records of every type, one kind of business after the other: for a test that the tables take
/// them, not for a measurement. Two warehouses have each SKU.
struct MixedStream: ~Copyable {
    private struct Account {
        var sku: UInt32
        var figures: StockFigures
    }

    /// What is done later with what was begun.
    private enum Step {
        case confirm(Int)
        case cancel(Int, isRest: Bool)
        case extend(Int)
        case join(Int)
    }

    private static let stock: Int64 = 1_000_000
    private static let timeToLive: UInt32 = 3_600_000

    private let queue: CommitQueue
    private let clock: RunClock
    private let linesMax: Int
    private let gap: Int
    private var record = ByteWriter(capacity: RecordHeader.recordByteCountMax)
    private var accounts: [Account] = []
    private var waiting: [(due: Int, step: Step)] = []
    private var codes: UInt32 = 0
    private var brand: UInt32 = 0
    private var dealer: UInt32 = 0
    private var count = 0
    private var requests: UInt64 = 0
    private(set) var lastSequence: UInt64 = 0

    init(_ queue: CommitQueue, clock: RunClock, linesMax: Int, gap: Int) {
        self.queue = queue
        self.clock = clock
        self.linesMax = linesMax
        self.gap = gap
    }

    /// Names the codes and sets the stock.
    mutating func prepare(skus: Int) {
        brand = define(0, kind: 1, "acme")
        let warehouses = [define(brand, kind: 3, "north"), define(brand, kind: 3, "east")]
        dealer = define(brand, kind: 4, "dealer")
        for number in 0..<skus {
            let sku = define(brand, kind: 2, "sku-\(number)")
            for warehouse in warehouses {
                accounts.append(
                    Account(
                        sku: sku,
                        figures: StockFigures(
                            onHand: MixedStream.stock, held: 0, allocated: 0, safety: 0,
                            version: 1)))
                RecordWriting.setStock(
                    brand: brand, request: request(), fingerprint: 1,
                    account: UInt32(accounts.count - 1), sku: sku, warehouse: warehouse,
                    sourceVersion: 0, figures: accounts[accounts.count - 1].figures, into: &record)
                append()
            }
        }
    }

    /// The next business, and what is due of those before.
    mutating func step() {
        let number = count
        count += 1
        switch number % 8 {
        case 0, 7:
            reserve(number)
            later(.confirm(number))
        case 1: order(number)
        case 2:
            order(number)
            later(.cancel(number, isRest: false))
        case 3:
            order(number)
            later(.cancel(number, isRest: false))
            later(.cancel(number, isRest: true))
        case 4:
            reserve(number)
            reserve(number + 1)
            later(.join(number))
        case 5: transfer(number)
        default:
            setPolicy(number)
            reserve(number)
            later(.extend(number))
            later(.confirm(number))
        }
        while let first = waiting.first, first.due <= count { run(waiting.removeFirst().step) }
    }

    /// What is left, and all of it on disk.
    mutating func finish() {
        while !waiting.isEmpty { run(waiting.removeFirst().step) }
        queue.submit()
    }

    private mutating func later(_ step: Step) { waiting.append((due: count + gap, step: step)) }

    private mutating func run(_ step: Step) {
        switch step {
        case .confirm(let number): confirm(number)
        case .cancel(let number, let isRest): cancel(number, isRest: isRest)
        case .extend(let number): extend(number)
        case .join(let number): join(number)
        }
    }

    // MARK: - Records

    /// Each line of 3 units; every other business takes them from both warehouses.
    private func legs(_ number: Int) -> [RecordLeg] {
        (0..<1 + number % linesMax).flatMap { line -> [RecordLeg] in
            let sku = (number * 3 + line * 7) % (accounts.count / 2)
            let isSplit = number % 2 == 1
            return (isSplit ? [0, 1] : [0]).map { place in
                RecordLeg(
                    line: UInt32(line + 1), account: UInt32(2 * sku + place),
                    amount: isSplit ? UInt32(1 + place) : 3, isShort: false)
            }
        }
    }

    /// Appends legs and then each account's figures, after `body` changed them for a leg's units.
    private mutating func end(
        _ legs: [RecordLeg], withCommitted: Bool, _ body: (inout StockFigures, Int64) -> Void
    ) {
        for leg in legs { record.append(leg) }
        for number in Set(legs.map(\.account)).sorted() {
            let index = Int(number)
            for leg in legs where leg.account == number {
                body(&accounts[index].figures, Int64(leg.amount))
            }
            accounts[index].figures.version += 1
            let figures = accounts[index].figures
            if withCommitted {
                RecordWriting.addHeldAndCommitted(
                    account: number, held: figures.held, committed: figures.allocated,
                    version: figures.version, into: &record)
            } else {
                RecordWriting.addHeld(
                    account: number, held: figures.held, version: figures.version, into: &record)
            }
        }
        RecordHeader.end(&record)
        append()
    }

    private func accountCount(_ legs: [RecordLeg]) -> Int { Set(legs.map(\.account)).count }

    private mutating func reserve(_ number: Int) {
        let legs = legs(number)
        RecordWriting.beginReserve(
            brand: brand, reservation: id(number, 2), fingerprint: 1, dealer: dealer,
            timeToLive: MixedStream.timeToLive, fillMode: 1, legCount: legs.count,
            accountCount: accountCount(legs), into: &record)
        end(legs, withCommitted: false) { $0.held += $1 }
    }

    private mutating func confirm(_ number: Int) {
        let legs = legs(number)
        RecordWriting.beginConfirm(
            brand: brand, reservation: id(number, 2), order: id(number, 3), legCount: legs.count,
            accountCount: accountCount(legs), into: &record)
        end(legs, withCommitted: true) {
            $0.held -= $1
            $0.allocated += $1
        }
    }

    private mutating func order(_ number: Int) {
        let legs = legs(number)
        RecordWriting.beginOrder(
            brand: brand, order: id(number, 3), fingerprint: 1, dealer: dealer, fillMode: 1,
            legCount: legs.count, accountCount: accountCount(legs), into: &record)
        end(legs, withCommitted: true) { $0.allocated += $1 }
    }

    /// One unit of each leg, or what that left.
    private mutating func cancel(_ number: Int, isRest: Bool) {
        let legs = legs(number).compactMap { leg -> RecordLeg? in
            var leg = leg
            leg.amount = isRest ? leg.amount - 1 : 1
            return leg.amount > 0 ? leg : nil
        }
        RecordWriting.beginCancel(
            brand: brand, order: id(number, 3), request: request(), fingerprint: 1,
            cause: UInt8(number / 8 % 9), legCount: legs.count, accountCount: accountCount(legs),
            into: &record)
        end(legs, withCommitted: true) { $0.allocated -= $1 }
    }

    /// Two reservations become an order, whose lines are numbered anew.
    private mutating func join(_ number: Int) {
        let own = [legs(number), legs(number + 1)]
        var all: [RecordLeg] = []
        var (line, last) = (UInt32(0), UInt32(0))
        for legs in own {
            last = 0
            for var leg in legs {
                if leg.line != last { line += 1 }
                last = leg.line
                leg.line = line
                all.append(leg)
            }
        }
        RecordWriting.beginOrderFromHolds(
            brand: brand, order: id(number, 3), fingerprint: 1, dealer: dealer, holdCount: 2,
            legCount: all.count, accountCount: accountCount(all), into: &record)
        for (place, legs) in own.enumerated() {
            record.append(
                RecordHold(reservation: id(number + place, 2), legCount: UInt32(legs.count)))
        }
        end(all, withCommitted: true) {
            $0.held -= $1
            $0.allocated += $1
        }
    }

    private mutating func extend(_ number: Int) {
        let deadline = clock.now.tick.advanced(
            byMilliseconds: UInt64(MixedStream.timeToLive) + 60_000)
        RecordWriting.extend(
            brand: brand, reservation: id(number, 2), request: request(), fingerprint: 1,
            deadline: deadline, into: &record)
        append()
    }

    private mutating func transfer(_ number: Int) {
        let from = 2 * (number % (accounts.count / 2))
        let units = Int64(number % 50 + 1)
        accounts[from].figures.onHand -= units
        accounts[from].figures.version += 1
        accounts[from + 1].figures.onHand += units
        accounts[from + 1].figures.version += 1
        RecordWriting.transfer(
            brand: brand, request: request(), fingerprint: 1, quantity: units,
            from: UInt32(from), to: UInt32(from + 1), fromFigures: accounts[from].figures,
            toFigures: accounts[from + 1].figures, into: &record)
        append()
    }

    private mutating func setPolicy(_ number: Int) {
        let index = number % accounts.count
        accounts[index].figures.safety = Int64(number % 10)
        accounts[index].figures.version += 1
        RecordWriting.setPolicy(
            brand: brand, request: request(), fingerprint: 1, account: UInt32(index),
            policy: StockPolicy(
                safety: accounts[index].figures.safety, backorderLimit: Int64(number),
                lowWater: 1, highWater: 2, holdTimeToLiveMilliseconds: 60_000),
            figures: accounts[index].figures, into: &record)
        append()
    }

    // MARK: - Parts

    private mutating func define(_ brand: UInt32, kind: UInt8, _ text: String) -> UInt32 {
        let number = codes
        codes += 1
        RecordWriting.define(
            brand: brand, number: number, kind: kind, text: Array(text.utf8).span, into: &record)
        append()
        return number
    }

    private mutating func append() {
        while !queue.takeRoom(record.count) {
            queue.submit()
            usleep(200)
        }
        let now = clock.now
        lastSequence = queue.append(record, tick: now.tick, wall: now.wall)
    }

    private mutating func request() -> ClientID {
        requests += 1
        return ClientID(high: 1, low: requests)
    }

    private func id(_ number: Int, _ kind: UInt64) -> ClientID {
        ClientID(high: kind, low: UInt64(number) + 1)
    }
}
