// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import LoadGenerator

/// Orders at once and cancellations among a journey's steps.
@Suite struct OrderStepTests {
    @Test(
        arguments: [
            (0, 7, 7), (10_000, 7, 7), (5_000, 7, 4), (5_000, 1, 1), (1, 1_000_000_000, 100_000),
            (1, 1, 1), (3_400, 0, 0),
        ] as [(UInt16, UInt32, UInt32)])
    func aPartIsRoundedUp(part: UInt16, granted: UInt32, cancelled: UInt32) {
        var line = LineRow()
        line.granted = granted
        #expect(line.cancelled(part: part) == cancelled)
    }

    @Test func anOrderTakesLinesAsAReservationDoes() {
        var order = Journey.ReserveStep()
        order.lines = 7...7
        let program = JourneyProgram([
            Journey(
                name: "buy", weight: 1,
                steps: [.order(order), .again, .cancel(Journey.CancelStep(part: 5_000))])
        ])
        #expect(program.operations == [.order(0), .again, .cancel(5_000), .end])
        #expect(program.reserves == [order])
        #expect(program.firstReserve == [0])
        #expect(program.firstCall == [.createOrder])
    }

    /// An order doesn't expire: nothing waits for it.
    @Test func onlyReservationsLive() {
        var scenario = Scenario(name: "test")
        scenario.journeys = [
            Journey(
                name: "buy", weight: 1, steps: [.order(Journey.ReserveStep()), .cancel(.init())])
        ]
        let identity = RunIdentity(runID: 1, seed: 1)
        #expect(RunPlan(scenario, identity: identity).longestTimeToLive == 0)
        var reserve = Journey.ReserveStep()
        reserve.timeToLive = 2_000
        scenario.journeys.append(
            Journey(name: "reserve", weight: 1, steps: [.reserve(reserve), .confirm]))
        #expect(RunPlan(scenario, identity: identity).longestTimeToLive == 2_000)
    }

    @Test func callsAreForecast() throws {
        var scenario = Scenario(name: "test")
        scenario.load.stages = [
            Stage(name: "hold", shape: .hold(at: 100), duration: 1_000_000_000)
        ]
        scenario.journeys = [
            Journey(
                name: "buy", weight: 1,
                steps: [
                    .order(Journey.ReserveStep()),
                    .choose([
                        Journey.Choice(weight: 0.25, steps: [.cancel(Journey.CancelStep())]),
                        Journey.Choice(weight: 0.75, steps: []),
                    ]),
                ])
        ]
        let forecast = RunForecast(scenario)
        #expect(abs(forecast.calls[Int(CallKind.createOrder.rawValue)] - 100) < 1e-6)
        #expect(abs(forecast.calls[Int(CallKind.cancelOrder.rawValue)] - 25) < 1e-6)
        #expect(forecast.calls[Int(CallKind.reserve.rawValue)] == 0)
    }
}
