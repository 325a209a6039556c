// SPDX-License-Identifier: Apache-2.0

import Effects
import Glibc
import Journal
import Primitives
import Transport

/// Orders as a server would write them: each a Reserve and, some orders later, its Confirm, over
/// one brand's SKUs. Which lines an order has follows from its number.
struct OrderStream: ~Copyable {
    private static let dealers = 100
    private static let stock: Int64 = 1_000_000_000
    private static let timeToLive: UInt32 = 3_600_000

    private struct Account {
        var sku: UInt32
        var held: Int64 = 0
        var allocated: Int64 = 0
        var version: UInt64 = 1
    }

    private let queue: CommitQueue
    private let clock: RunClock
    private let linesMax: Int
    /// A Confirm comes so many orders after its Reserve.
    private let gap: Int
    private var record = ByteWriter(capacity: RecordHeader.recordByteCountMax)
    private var accounts: [Account] = []
    private var brand: UInt32 = 0
    private var warehouse: UInt32 = 0
    private var firstDealer: UInt32 = 0
    private var codes: UInt32 = 0
    private(set) var reserved = 0
    private(set) var confirmed = 0
    private(set) var lines = 0
    /// Of the last record.
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
        warehouse = define(brand, kind: 3, "north")
        firstDealer = codes
        for dealer in 0..<OrderStream.dealers { _ = define(brand, kind: 4, "dealer-\(dealer)") }
        for number in 0..<skus {
            let sku = define(brand, kind: 2, "sku-\(1_000_000 + number)")
            accounts.append(Account(sku: sku))
            RecordWriting.setStock(
                brand: brand, request: id(of: number, 1), fingerprint: 1, account: UInt32(number),
                sku: sku, warehouse: warehouse, sourceVersion: 0,
                figures: StockFigures(
                    onHand: OrderStream.stock, held: 0, allocated: 0, safety: 0, version: 1),
                into: &record)
            append()
        }
        queue.submit()
    }

    /// The next order's Reserve, and the Confirm whose turn it is.
    mutating func step() {
        reserve(reserved)
        reserved += 1
        if reserved - confirmed > gap { confirmNext() }
    }

    /// Asks for a commit.
    func submit() { queue.submit() }

    /// The Confirms that are left.
    mutating func finish() {
        while confirmed < reserved { confirmNext() }
        queue.submit()
    }

    private mutating func confirmNext() {
        confirm(confirmed)
        confirmed += 1
    }

    private mutating func define(_ brand: UInt32, kind: UInt8, _ text: String) -> UInt32 {
        let number = codes
        codes += 1
        RecordWriting.define(
            brand: brand, number: number, kind: kind, text: Array(text.utf8).span, into: &record)
        append()
        return number
    }

    private func legs(of order: Int) -> Int {
        1 + Int(truncatingIfNeeded: OrderStream.mixed(UInt64(order)) >> 40) % linesMax
    }

    /// Different ones for all legs of an order.
    private func account(of order: Int, leg: Int) -> Int {
        let chance = Int(truncatingIfNeeded: OrderStream.mixed(UInt64(order)) >> 16)
        return (chance + leg * 7) % accounts.count
    }

    private mutating func reserve(_ order: Int) {
        let count = legs(of: order)
        lines += count
        RecordWriting.beginReserve(
            brand: brand, reservation: id(of: order, 2), fingerprint: UInt64(order),
            dealer: firstDealer + UInt32(order % OrderStream.dealers),
            timeToLive: OrderStream.timeToLive, fillMode: 1, legCount: count, accountCount: count,
            into: &record)
        appendLegs(of: order, count)
        for leg in 0..<count {
            let account = account(of: order, leg: leg)
            accounts[account].held += 1
            accounts[account].version += 1
            RecordWriting.addHeld(
                account: UInt32(account), held: accounts[account].held,
                version: accounts[account].version, into: &record)
        }
        RecordHeader.end(&record)
        append()
    }

    private mutating func confirm(_ order: Int) {
        let count = legs(of: order)
        RecordWriting.beginConfirm(
            brand: brand, reservation: id(of: order, 2), order: id(of: order, 3), legCount: count,
            accountCount: count, into: &record)
        appendLegs(of: order, count)
        for leg in 0..<count {
            let account = account(of: order, leg: leg)
            accounts[account].held -= 1
            accounts[account].allocated += 1
            accounts[account].version += 1
            RecordWriting.addHeldAndCommitted(
                account: UInt32(account), held: accounts[account].held,
                committed: accounts[account].allocated, version: accounts[account].version,
                into: &record)
        }
        RecordHeader.end(&record)
        append()
    }

    private mutating func appendLegs(of order: Int, _ count: Int) {
        for leg in 0..<count {
            record.append(
                RecordLeg(
                    line: UInt32(leg + 1), account: UInt32(account(of: order, leg: leg)),
                    amount: 1, isShort: false))
        }
    }

    private mutating func append() {
        while !queue.takeRoom(record.count) {
            queue.submit()
            usleep(200)
        }
        let now = clock.now
        lastSequence = queue.append(record, tick: now.tick, wall: now.wall)
    }

    /// Ids in no order, as clients draw them.
    private func id(of number: Int, _ kind: UInt64) -> ClientID {
        ClientID(
            high: OrderStream.mixed(UInt64(number) &* 4 &+ kind),
            low: UInt64(number) &+ 1 | kind << 62)
    }

    /// SplitMix64's last step: numbers in a row come out as if drawn.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var value = number &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
