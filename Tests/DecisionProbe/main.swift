// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore
import StockadeServer

// A tool of the tests: makes decisions and nothing else, as many as its argument says, so that what
// a decision costs can be counted from outside (allocations, instructions, time). With `replay`
// before the number it replays as many records instead, and says how many in a second.
let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "replay" {
    let records = arguments.dropFirst().first.flatMap { Int($0) } ?? 2_000_000
    let legs = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 1
    ReplayProbe(legs: legs).run(records)
} else {
    let decisions = arguments.first.flatMap { Int($0) } ?? 100_000
    var probe = DecisionProbe()
    probe.prepare()
    for number in 0..<decisions { probe.decide(number) }
    print("granted \(probe.granted), refused \(probe.refused), given back \(probe.givenBack)")
}
