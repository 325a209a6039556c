// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore
import StockadeServer

// A tool of the tests: makes decisions and nothing else, as many as its argument says, so that what
// a decision costs can be counted from outside (allocations, instructions, time). With `replay`
// before the number it replays as many records instead, and says how many in a second. With `memory`
// and numbers of accounts, holds and codes it makes as many, and says what the process takes.
let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "replay" {
    let records = arguments.dropFirst().first.flatMap { Int($0) } ?? 2_000_000
    let legs = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 1
    ReplayProbe(legs: legs).run(records)
} else if arguments.first == "memory" {
    let counts = arguments.dropFirst().compactMap { Int($0) }
    guard counts.count == 3, counts.allSatisfy({ $0 > 0 }) else {
        fatalError("memory wants numbers of accounts, holds and codes")
    }
    MemoryProbe(accounts: counts[0], holds: counts[1], codes: counts[2]).run()
} else {
    let decisions = arguments.first.flatMap { Int($0) } ?? 100_000
    var probe = DecisionProbe()
    probe.prepare()
    for number in 0..<decisions { probe.decide(number) }
    print("granted \(probe.granted), refused \(probe.refused), given back \(probe.givenBack)")
}
