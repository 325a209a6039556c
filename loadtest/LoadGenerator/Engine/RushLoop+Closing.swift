// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Primitives
internal import StockadeAPI
internal import Transport

/// The closing phase: journeys that follow each other, one SKU each, instead of arrivals.
extension RushLoop {
    /// The scenario of a closing phase: nobody comes by a clock, a journey reserves one unit and confirms it.
    static func closingScenario(_ scenario: Scenario) -> Scenario {
        var closing = scenario
        closing.load.stages = [
            Stage(name: "closing", shape: .hold(at: 0), duration: 1, isMeasured: false)
        ]
        closing.load.whenLate = .send
        closing.load.maxInFlight = max(1, scenario.goods.flash)
        closing.target.threads = 1
        closing.target.connections = 1
        var reserve = Journey.ReserveStep()
        reserve.lines = 1...1
        reserve.quantity = 1...1
        closing.journeys = [
            Journey(name: "closing", weight: 1, steps: [.reserve(reserve), .confirm])
        ]
        closing.dealers = Dealers()
        closing.calls.attempts = max(scenario.calls.attempts, 100)
        return closing
    }

    /// Lets the first journey of every SKU begin, once.
    mutating func beginClosing(_ port: inout LoopPort) {
        guard begunCount == 0, let desk = closing, !control.stops else { return }
        begunCount = 1
        for sku in desk.buyers.indices {
            let slot = journeys.take()
            journeys.rows[slot].closingSku = Int32(sku)
            renewClosing(slot)
        }
    }

    /// The buyer takes another unit.
    mutating func renewClosing(_ slot: Int) {
        guard let desk = closing else { return }
        var row = JourneyRow()
        row.closingSku = journeys.rows[slot].closingSku
        row.isOpen = true
        row.number = desk.number(of: Int(row.closingSku))
        row.lineCount = 1
        // Its line isn't drawn.
        row.reserve = 0
        row.due = stockade_monotonic_nanoseconds()
        lines[slot * plan.linesMax] = LineRow(sku: UInt32(row.closingSku), requested: 1)
        journeys.rows[slot] = row
        thinking.push(UInt32(slot), due: row.due)
    }
}
