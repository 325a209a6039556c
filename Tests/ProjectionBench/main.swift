// SPDX-License-Identifier: Apache-2.0

import Glibc

// A tool of ops/bench: a real journal, and a projector that brings Postgres up to it. What it has
// found is one line of JSON, and before it measures it says `ready` and waits for `go`.
let usage = """
    usage: projection-bench write DATA ORDERS [OPTION…]
           projection-bench fill CONNINFO DATA [OPTION…]
           projection-bench movements CONNINFO DATA BRAND SKU WAREHOUSE FROM LIMIT AT_ONCE
           projection-bench paced CONNINFO DATA ORDERS_PER_SECOND SECONDS [OPTION…]
      --lines N   an order has 1 to N lines (3)
      --skus N    of so many SKUs (1000)
      --gap N     a Confirm comes N orders after its Reserve (0)
      --rows N    a transaction has N rows at most (the projector's own limit)
      --mixed 1   write records of every type instead, for a test
    """

func run(_ arguments: [String]) throws {
    var places: [String] = []
    var bench = ProjectionBench(data: "")
    var rest = arguments[...]
    while let word = rest.popFirst() {
        guard word.hasPrefix("--") else {
            places.append(word)
            continue
        }
        guard let value = rest.popFirst().flatMap({ Int($0) }), value >= 0 else {
            throw BenchFault(description: usage)
        }
        switch word {
        case "--lines": bench.linesMax = value
        case "--skus": bench.skus = value
        case "--gap": bench.gap = value
        case "--mixed": bench.isMixed = value > 0
        case "--rows" where value > 0: bench.rowsMax = value
        default: throw BenchFault(description: usage)
        }
    }
    guard bench.linesMax > 0, bench.skus >= 7 * bench.linesMax, let mode = places.first else {
        throw BenchFault(description: usage)
    }
    let numbers = places.compactMap { Int($0) }
    switch (mode, places.count, numbers.count) {
    case ("write", 3, 1):
        bench.data = places[1]
        try bench.write(orders: numbers[0])
    case ("fill", 3, 0):
        bench.conninfo = places[1]
        bench.data = places[2]
        try bench.fill()
    case ("paced", 5, 2):
        bench.conninfo = places[1]
        bench.data = places[2]
        try bench.pace(numbers[0], seconds: numbers[1])
    case ("movements", 9, 3):
        try MovementAsking(
            conninfo: places[1], data: places[2], brand: places[3], sku: places[4],
            warehouse: places[5], first: UInt64(numbers[0]), limit: numbers[1],
            atOnce: numbers[2]
        ).run()
    default: throw BenchFault(description: usage)
    }
}

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch {
    Report.tell("\(error)")
    exit(1)
}
