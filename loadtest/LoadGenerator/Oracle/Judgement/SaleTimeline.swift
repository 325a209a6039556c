// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// What buyers surely have of each SKU at each time, by their answers alone: never more than there is.
///
/// A grant counts from its answer on; until forever when it was confirmed, until the Release was sent
/// when that was acknowledged. So does an order that was made at once; what may have been cancelled of an
/// order counts until that was sent. Any other is counted only for half of its time to live: the server's
/// clock starts before the answer, and a stopped process may start it earlier still.
struct SaleTimeline {
    /// A shorter time to live isn't counted at all.
    private static let timeToLiveMin: UInt64 = 10_000_000_000
    /// What the server gives to a reservation that names no time to live.
    private static let defaultMilliseconds: UInt64 = 900_000

    private var sorter: RowSorter<StockEvent>
    private(set) var unitsGranted: Int64 = 0

    init(_ input: OracleInput) {
        sorter = RowSorter(
            folder: input.workFolder, name: "sale", memoryBytes: input.sortMemoryBytes)
    }

    mutating func add(_ item: ReservationCase) throws(OracleFault) {
        guard let grant = item.taking else { return }
        for row in item.rows[grant.rows] { unitsGranted &+= row.granted }
        let begin = grant.head.answered
        guard begin > 0, let end = end(item, grant), end > begin else { return }
        for row in item.rows[grant.rows] where row.granted > 0 {
            try sorter.add(StockEvent(time: begin, units: row.granted, sku: row.sku))
            if end != .max {
                try sorter.add(StockEvent(time: end, units: -row.granted, sku: row.sku))
            }
        }
        guard end == .max, let cancel = item.first(.cancelOrder), cancel.mayHaveWorked
        else { return }
        for row in item.rows[cancel.rows] where row.requested > 0 {
            try sorter.add(
                StockEvent(time: max(begin, row.sent), units: -row.requested, sku: row.sku))
        }
    }

    /// Until when a grant surely stands; `.max`: forever.
    private func end(_ item: ReservationCase, _ grant: ReservationCase.Call) -> UInt64? {
        if grant.kind == .createOrder { return .max }
        // What contradicts itself is judged elsewhere.
        if item.confirmation != nil { return item.giveBack == nil ? .max : nil }
        let releases = item.calls.filter { $0.kind == .release }
        let released = releases.map(\.head.sent).min() ?? .max
        if item.giveBack != nil { return released }
        let milliseconds =
            grant.head.timeToLive == 0
            ? SaleTimeline.defaultMilliseconds : UInt64(grant.head.timeToLive)
        let nanoseconds = milliseconds * 1_000_000
        guard nanoseconds >= SaleTimeline.timeToLiveMin else { return nil }
        return min(released, grant.head.sent &+ nanoseconds / 2)
    }

    /// Goes through the time of each SKU.
    mutating func judge(_ input: OracleInput, _ log: inout CheckLog) throws(OracleFault) {
        var events = try sorter.finish()
        var sku = UInt32.max
        var units: Int64 = 0
        var has: Int64 = 0
        var most: (excess: Int64, time: UInt64) = (0, 0)
        func note(_ log: inout CheckLog) {
            guard most.excess > 0 else { return }
            log.fail(
                .oversold, count: most.excess,
                "\(OracleText.sku(sku)): at \(OracleText.seconds(most.time)) s buyers had "
                    + "\(units &+ most.excess) of the \(units) that there were, by their answers")
        }
        while let event = try events.next() {
            if event.sku != sku {
                note(&log)
                sku = event.sku
                units = Int(sku) < input.skus ? input.units(Int(sku)) : 0
                has = 0
                most = (0, 0)
            }
            has &+= event.units
            if has &- units > most.excess { most = (has &- units, event.time) }
        }
        note(&log)
    }
}
