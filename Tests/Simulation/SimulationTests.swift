// SPDX-License-Identifier: Apache-2.0

import Testing

/// Core and model live through the same random histories and must agree on every answer.
@Suite struct SimulationTests {
    @Test(arguments: SimulationPlan.seeds())
    func stockSurvivesAnyHistory(seed: UInt64) {
        let simulation = StockSimulation(seed: seed, steps: SimulationPlan.steps)
        let clock = ContinuousClock()
        let began = clock.now
        let (outcome, tally) = simulation.run()
        let replay = SimulationPlan.replayLine(
            seed: seed, steps: simulation.steps, test: "stockSurvivesAnyHistory")
        #expect(outcome == .agreesWithModel, "replay: \(replay)")
        let seconds = Double((clock.now - began) / .milliseconds(1)) / 1_000
        print(
            "seed \(seed): \(simulation.steps) operations in \(seconds) s,",
            "\(tally.epochs) epochs, \(tally.restarts) restarts, \(tally.expiries) expiries")
    }

    /// A history in which something never happens proves nothing about it.
    @Test func historiesMeetEverything() {
        var verdicts: [String: Int] = [:]
        var expiries = 0
        for seed in 1...12 as ClosedRange<UInt64> {
            let (outcome, tally) = StockSimulation(seed: seed, steps: 40_000).run()
            #expect(outcome == .agreesWithModel)
            verdicts.merge(tally.verdicts, uniquingKeysWith: +)
            expiries += tally.expiries
        }
        for name in SimulationTests.mustHappen {
            #expect(verdicts[name, default: 0] > 0, "\(name) never happened")
        }
        #expect(expiries > 500)
    }

    /// Calls with their answers.
    static let mustHappen = [
        "reserve done", "reserve replay", "reserve insufficientStock", "reserve skuNotFound",
        "reserve warehouseNotFound", "reserve idempotencyKeyReused", "reserve alreadyReleased",
        "confirm done", "confirm replay", "confirm alreadyConfirmed", "confirm alreadyReleased",
        "confirm reservationExpired", "confirm reservationNotFound", "confirm exceedsReservation",
        "confirm idempotencyKeyReused", "release done", "release replay",
        "release alreadyConfirmed", "release reservationNotFound", "readReservation done",
        "readReservation reservationNotFound", "setStock done", "setStock replay",
        "setStock idempotencyKeyReused", "adjustStock done", "adjustStock replay",
        "adjustStock insufficientStock", "adjustStock versionMismatch",
        "adjustStock warehouseNotFound", "reserve tooManyHolds", "reserve idTableFull",
        "reserve tableFull", "setStock idTableFull", "setStock tableFull", "confirm invalidField",
        "reserve journalStalled", "reserve journalFull", "confirm journalStalled",
        "release journalStalled", "setStock journalFull",
        "adjustStock journalFull", "order done", "order replay", "order insufficientStock",
        "order idempotencyKeyReused", "order idTableFull", "order tableFull", "order skuNotFound",
        "order journalFull", "orderFromHolds done", "orderFromHolds replay",
        "orderFromHolds idempotencyKeyReused", "orderFromHolds reservationNotFound",
        "orderFromHolds reservationExpired", "orderFromHolds alreadyConfirmed",
        "orderFromHolds alreadyReleased", "orderFromHolds invalidField",
        "orderFromHolds journalStalled", "cancel done", "cancel replay",
        "cancel idempotencyKeyReused", "cancel orderNotFound", "cancel orderStateConflict",
        "cancel exceedsReservation", "cancel invalidField", "cancel journalStalled",
        "cancel journalFull", "readOrder done", "readOrder orderNotFound", "extend done",
        "extend replay", "extend idempotencyKeyReused", "extend reservationNotFound",
        "extend reservationExpired", "extend alreadyConfirmed", "extend alreadyReleased",
        "extend invalidField", "setPolicy done", "setPolicy replay",
        "setPolicy skuNotFound", "setPolicy warehouseNotFound", "transfer done",
        "transfer replay", "transfer insufficientStock", "transfer warehouseNotFound",
        "transfer quantityOutOfRange", "listReservations", "listOrders", "reserve creditExceeded",
        "reserve batchTooLarge", "reserve purchaseLimitExceeded", "order creditExceeded",
        "order purchaseLimitExceeded",
    ]
}
