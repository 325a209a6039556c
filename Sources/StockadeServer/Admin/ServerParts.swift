// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives
internal import Projection
internal import ReservationCore
internal import Transport

/// What the administration side may look at, as far as it is there yet.
struct ServerParts: Sendable {
    /// The loops, once they are made.
    struct Loops: Sendable {
        var controls: [LoopControl]
        var meters: [LoopMeter]
        var services: [ServiceMeter]
        var core: any CoreWatch
        var clock: TickClock
        var drain: @Sendable () -> Void
    }

    /// The journal, once it takes records.
    struct Journal: Sendable {
        var queue: CommitQueue
        var tally: JournalTally
        var durable: DurableSequence
        var epoch: UInt64
    }

    var loops: Loops?
    var journal: Journal?
    var postgres: ProjectionStatus?
}

/// What is asked of a core, whatever its sink.
protocol CoreWatch: Sendable {
    func tableUse() -> TableUse
    func refusalReachMilliseconds(at now: DecisionTime) -> UInt64
    func hotStock(_ account: UInt32) -> HotStock?
}

/// How much of each table is in use, and how much there is.
struct TableUse: Sendable {
    var accounts: (now: Int, max: Int)
    var codes: (now: Int, max: Int)
    var holds: (now: Int, max: Int)
    var ids: (now: Int, max: Int)
}

/// An account that many reservations take from.
struct HotStock: Sendable {
    var brand: String
    var sku: String
    var warehouse: String
    var figures: StockFigures
    var weight: UInt64 = 0
}

extension ReservationCore: CoreWatch {
    func tableUse() -> TableUse {
        let now = occupancy()
        return TableUse(
            accounts: (now.accounts, now.accountsMax), codes: (now.codes, now.codesMax),
            holds: (now.holds, now.holdsMax), ids: (now.ids, now.idsMax))
    }

    func hotStock(_ account: UInt32) -> HotStock? {
        guard let figures = figures(ofAccount: account) else { return nil }
        var brand = ByteWriter(capacity: CoreLimits.codeByteCountMax)
        var sku = ByteWriter(capacity: CoreLimits.codeByteCountMax)
        var warehouse = ByteWriter(capacity: CoreLimits.codeByteCountMax)
        copyCodes(ofAccount: account, brand: &brand, sku: &sku, warehouse: &warehouse)
        return HotStock(
            brand: brand.string, sku: sku.string, warehouse: warehouse.string, figures: figures)
    }
}

extension ByteWriter {
    /// The bytes as text; what isn't UTF-8 is replaced.
    var string: String {
        withBytes { bytes in
            String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
        }
    }
}
