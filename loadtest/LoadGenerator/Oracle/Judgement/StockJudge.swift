// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// Judges the stock SKU by SKU: what each account says, and what holds and orders add up to.
struct StockJudge {
    private struct Figures {
        var held: Int64 = 0
        var allocated: Int64 = 0
        /// Units of holds that are held, and of orders without what was cancelled of them.
        var heldByHolds: Int64 = 0
        var ordered: Int64 = 0
        var isThere = false
    }

    private let input: OracleInput
    /// By number; memory for 10 million SKUs is 400 MB, for 100,000 it is 4.
    private var figures: [Figures]
    var log = CheckLog()
    private(set) var heldUnits: Int64 = 0
    /// Without those that were cancelled.
    private(set) var orderedUnits: Int64 = 0
    private(set) var cancelledUnits: Int64 = 0

    /// Of the flash set, without those that were cancelled.
    var flashUnitsSold: Int64 { figures.prefix(input.flash).reduce(0) { $0 &+ $1.ordered } }

    init(_ input: OracleInput) {
        self.input = input
        figures = Array(repeating: Figures(), count: input.dumpPath == nil ? 0 : input.skus)
    }

    mutating func add(_ account: DumpAccount, line: UInt64) {
        guard Int(account.sku) < figures.count else {
            log.fail(.phantom, "dump, line \(line): an account that the run didn't set")
            return
        }
        let sku = Int(account.sku)
        let name = SkuCodes.code(sku)
        let units = input.units(sku)
        if figures[sku].isThere { log.fail(.conservation, "\(name) has two accounts") }
        figures[sku].isThere = true
        figures[sku].held = account.held
        figures[sku].allocated = account.allocated
        if account.onHand != units {
            log.fail(
                .conservation, "\(name): on hand \(account.onHand), it was set to \(units)")
        }
        let free = account.onHand - account.held - account.allocated - account.safety
        if account.available != free || account.available < 0 {
            log.fail(
                .conservation,
                "\(name): available \(account.available) of on hand \(account.onHand) - held "
                    + "\(account.held) - allocated \(account.allocated) - safety \(account.safety)")
        }
    }

    mutating func add(_ hold: DumpHold) {
        guard hold.state == .held else { return }
        for leg in hold.legs {
            heldUnits &+= leg.units
            if Int(leg.sku) < figures.count { figures[Int(leg.sku)].heldByHolds &+= leg.units }
        }
    }

    mutating func add(_ order: DumpOrder) {
        for leg in order.legs {
            let units = leg.units &- leg.cancelled
            orderedUnits &+= units
            cancelledUnits &+= leg.cancelled
            if Int(leg.sku) < figures.count { figures[Int(leg.sku)].ordered &+= units }
        }
    }

    /// Judges the end, when everything was added.
    mutating func finish() {
        for (sku, figure) in figures.enumerated() {
            let name = SkuCodes.code(sku)
            guard figure.isThere else {
                log.fail(.conservation, "\(name) was set and has no account in the dump")
                continue
            }
            if figure.held != figure.heldByHolds || figure.allocated != figure.ordered {
                log.fail(
                    .conservation,
                    "\(name): held \(figure.held) and allocated \(figure.allocated), its holds and "
                        + "orders have \(figure.heldByHolds) and \(figure.ordered)")
            }
            let excess = figure.heldByHolds &+ figure.ordered &- input.units(sku)
            if excess > 0 {
                log.fail(
                    .oversold, count: excess,
                    "\(name): dump: \(figure.heldByHolds) held + \(figure.ordered) sold = "
                        + "\(excess) more than the \(input.units(sku)) that there were")
            }
        }
        soldOut()
    }

    /// After the closing phase nothing is left of the flash set.
    private mutating func soldOut() {
        guard let closing = input.closing, closing.note == nil else { return }
        for (sku, isRefused) in closing.refusedSKUs.enumerated()
        where isRefused && sku < figures.count {
            let figure = figures[sku]
            let left = input.units(sku) &- figure.ordered
            if left > 0 || figure.heldByHolds != 0 {
                log.fail(
                    .undersold, count: max(1, left),
                    "\(SkuCodes.code(sku)): the closing buyer was refused, \(figure.ordered) of "
                        + "\(input.units(sku)) are sold and \(figure.heldByHolds) held")
            }
        }
    }

    /// Why it isn't known whether anything was left; nil: it is.
    func closingGap() -> String? {
        guard let closing = input.closing else { return "no closing phase" }
        if let note = closing.note { return note }
        guard closing.refusedSKUs.count == input.flash else {
            return "the closing phase looked at \(closing.refusedSKUs.count) of \(input.flash) SKUs"
        }
        guard let sku = closing.refusedSKUs.firstIndex(of: false) else { return nil }
        return "the closing phase didn't come to the end of \(SkuCodes.code(sku))"
    }
}
