// SPDX-License-Identifier: Apache-2.0

import Foundation
import StockadeAPI
import Testing

@testable import LoadGenerator

/// Scenarios that are right, and files that want to do harm.
@Suite struct ScenarioFileTests {
    static let shipped = ["flash-sale", "steady", "retry-storm", "orders"]

    /// Every key that there is.
    static let everything = """
        ---
        version: 1
        name: "all.of-it_1"
        target: { address: "${HOST:-127.0.0.1}:${PORT}", connections: 8, max_streams: 50, threads: 2 }
        seed: 18446744073709551615
        brand: acme   # a comment
        goods: { skus: 1_000, flash: 4, stock: { flash: 1.5k, normal: 2m } }
        pick: { flash: { share: 80%, before: 0.1, half_life: 20s, active: 1, rotate: 500ms }, zipf: 0 }
        dealers: { count: 20k, tiers: { key: { share: 1%, orders: 50%, quantity: 1..5, lines: 2 }, rest: { share: 3% } } }
        load:
          arrivals: even
          max_in_flight: 1m
          when_late: { shed: 1.5s }
          stages:
          - warmup: { to: 500/s, over: 3s }
          - hold: { at: 2k/s, for: 1m }
          - ramp: { from: 1/s, to: 2.5k/s, over: 500ms, measured: false }
          - spike: { peak: 60k/s, base: 500/s, rise: 250ms, decay: { power: 0.38, tau: 5s }, for: 60s, name: T0 }
        journeys:
          order:
            weight: 50%
            steps: [get_stock, reserve: { ttl: 2s, quantity: 1..5, lines: 3, fill: partial }, 'again',
              think: { lognormal: { median: 20ms, sigma: 0.6 } },
              choose: [ { weight: 0.3, steps: [] }, { weight: 10%, steps: [abandon] } ]]
          late: { weight: 100%, steps: [release, reserve, think: { uniform: 1ms..2ms }, think: { exponential: 1h }, race] }
          buy: { weight: 50%, steps: [order: { lines: 2, warehouse: any }, again, cancel: { part: 12.5% }] }
        calls: { timeout: 250ms, attempts: 7, give_up: 1h }
        closing: { units_max: 5k }
        checks: { undersold: warn, race: off, oversold: fail, conservation: fail, lost: fail, phantom: fail, duplicate: fail, unknown: warn, expiry: off, postgres: warn }
        slo: ['Reserve.p99.9<10ms', response.max <= 1s, error_rate < 0.1%, achieved >= 99%, recovery_time < 10s]
        abort: ['in_flight > 5k for 3s', lag.p999 > 250us for 1m]
        faults: [ { at: T0+2s, do: kill, restart: 300ms }, { at: 90s, do: cut, share: 50% }, { at: hold, do: stop, for: 1s },
          { at: T0+2s, do: kill_postgres, restart: 1s, optional: true }, { at: 80s, do: stop_postgres, for: 2s } ]
        """

    // MARK: - What is read

    @Test func everyKeyArrives() throws {
        let scenario = try read(
            ScenarioFileTests.everything, environment: ["PORT": "50051", "HOST": ""])
        var wanted = Scenario(name: "all.of-it_1")
        wanted.target.address = "127.0.0.1:50051"
        (wanted.target.connections, wanted.target.maxStreams, wanted.target.threads) = (8, 50, 2)
        wanted.seed = .max
        wanted.brand = "acme"
        wanted.goods.flash = 4
        (wanted.goods.flashUnits, wanted.goods.normalUnits) = (1_500, 2_000_000)
        wanted.pick.flashShare = 0.8
        wanted.pick.shareBefore = 0.1
        (wanted.pick.halfLife, wanted.pick.rotation) = (20_000_000_000, 500_000_000)
        (wanted.pick.active, wanted.pick.zipf) = (1, 0)
        wanted.dealers.count = 20_000
        var (key, rest) = (DealerTier(), DealerTier())
        (key.name, rest.name) = ("key", "rest")
        // 1 % and 3 % are a quarter and three; the rest's orders are its share, 3 %.
        (key.share, rest.share) = (0.01 / 0.04, 0.03 / 0.04)
        (key.orders, rest.orders) = (0.5 / 0.53, 0.03 / 0.53)
        (key.quantity, key.lines) = (1...5, 2...2)
        wanted.dealers.tiers = [key, rest]
        wanted.load.arrivals = .even
        wanted.load.maxInFlight = 1_000_000
        wanted.load.whenLate = .shed(after: 1_500_000_000)
        wanted.load.stages = [
            Stage(
                name: "warmup", shape: .ramp(from: 0, to: 500), duration: 3_000_000_000,
                isMeasured: false),
            Stage(name: "hold", shape: .hold(at: 2_000), duration: 60_000_000_000),
            Stage(
                name: "ramp", shape: .ramp(from: 1, to: 2_500), duration: 500_000_000,
                isMeasured: false),
            Stage(
                name: "T0",
                shape: .spike(
                    base: 500, peak: 60_000, rise: 250_000_000, power: 0.38, tau: 5_000_000_000),
                duration: 60_000_000_000),
        ]
        var reserve = Journey.ReserveStep()
        (reserve.lines, reserve.quantity, reserve.timeToLive) = (3...3, 1...5, 2_000)
        reserve.fillMode = .partial
        var order = Journey.ReserveStep()
        order.lines = 2...2
        order.namesWarehouse = false
        wanted.journeys = [
            Journey(
                name: "order", weight: 0.5 / 2,
                steps: [
                    .getStock, .reserve(reserve), .again,
                    .think(.lognormal(median: 20_000_000, sigma: 0.6)),
                    .choose([
                        Journey.Choice(weight: 0.3 / 0.4, steps: []),
                        Journey.Choice(weight: 0.1 / 0.4, steps: [.abandon]),
                    ]),
                ]),
            Journey(
                name: "late", weight: 1 / 2.0,
                steps: [
                    .release, .reserve(Journey.ReserveStep()),
                    .think(.uniform(1_000_000...2_000_000)),
                    .think(.exponential(mean: 3_600_000_000_000)), .race,
                ]),
            Journey(
                name: "buy", weight: 0.5 / 2,
                steps: [.order(order), .again, .cancel(Journey.CancelStep(part: 1_250))]),
        ]
        wanted.calls.timeout = 250_000_000
        (wanted.calls.attempts, wanted.calls.giveUp) = (7, 3_600_000_000_000)
        wanted.closing = ClosingPhase()
        wanted.closing?.unitsMax = 5_000
        wanted.checks = [
            .oversold: .fail, .conservation: .fail, .lost: .fail, .phantom: .fail,
            .duplicate: .fail, .unknown: .warn,
            .expiry: .off, .race: .off, .undersold: .warn, .postgres: .warn,
        ]
        wanted.objectives = [
            Objective(
                text: "Reserve.p99.9<10ms", metric: .response(.reserve, percentile: 99.9),
                comparison: .less, bound: 10_000),
            Objective(
                text: "response.max <= 1s", metric: .response(nil, percentile: 100),
                comparison: .atMost, bound: 1_000_000),
            Objective(
                text: "error_rate < 0.1%", metric: .errorRate, comparison: .less, bound: 0.001),
            Objective(
                text: "achieved >= 99%", metric: .achieved, comparison: .atLeast, bound: 0.99),
            Objective(
                text: "recovery_time < 10s", metric: .recoveryTime, comparison: .less, bound: 10),
        ]
        wanted.aborts = [
            AbortRule(
                condition: Objective(
                    text: "in_flight > 5k", metric: .inFlight, comparison: .greater, bound: 5_000),
                seconds: 3),
            AbortRule(
                condition: Objective(
                    text: "lag.p999 > 250us", metric: .lag(percentile: 99.9),
                    comparison: .greater, bound: 250),
                seconds: 60),
        ]
        wanted.faults = [
            Fault(at: 3_000_000_000, kind: .stop(lasting: 1_000_000_000)),
            Fault(at: 65_500_000_000, kind: .kill(restartAfter: 300_000_000)),
            Fault(
                at: 65_500_000_000, kind: .killPostgres(restartAfter: 1_000_000_000),
                isOptional: true),
            Fault(at: 80_000_000_000, kind: .stopPostgres(lasting: 2_000_000_000)),
            Fault(at: 90_000_000_000, kind: .cut(share: 0.5)),
        ]
        #expect(scenario == wanted)
        #expect(try read(ScenarioFile.write(scenario)) == scenario)
    }

    @Test func jsonIsReadToo() throws {
        let scenario = try read(
            #"{"version":1,"name":"j","load":{"stages":[{"hold":{"at":"5/s","for":"1s"}}]},"#
                + #""journeys":{"look":{"weight":"100%","steps":["get_stock"]}},"closing":"off"}"#)
        #expect(scenario.load.stages.map(\.name) == ["hold"])
        #expect(scenario.journeys.map(\.steps) == [[.getStock]])
    }

    @Test func overridesChangeTheFile() throws {
        let scenario = try read(
            try ScenarioFileTests.text("flash-sale.yaml"),
            overrides: [
                "load.stages.1.hold.at=5k/s", "seed=7", "closing=off", "brand=x", "slo=[]",
                "journeys.browse.steps=[get_stock, think: 5ms]", "checks.race=warn",
            ])
        #expect(scenario.load.stages[1].shape == .hold(at: 5_000))
        #expect((scenario.seed, scenario.brand) == (7, "x"))
        #expect(scenario.closing == nil && scenario.objectives == [])
        #expect(scenario.checks == [.race: .warn])
        #expect(scenario.journeys[1].steps == [.getStock, .think(.fixed(5_000_000))])
    }

    @Test(
        arguments: [
            ("250us", 250_000), ("1.5s", 1_500_000_000), ("0s", 0), ("1_000ms", 1_000_000_000),
            ("5124095h", 18_446_742_000_000_000_000), ("1ns", 1),
            ("1.000000001s", 1_000_000_001), ("15500ms", 15_500_000_000), ("0.5ns", nil),
            ("1", nil),
            ("s", nil), ("-1s", nil), ("1 s", nil), ("1e3s", nil), ("1.s", nil), (".5s", nil),
            ("1..5s", nil), ("_1s", nil), ("1_s", nil), ("5124096h", nil),
            ("99999999999999999999s", nil),
            ("١s", nil), ("1S", nil),
        ] as [(String, UInt64?)])
    func durationsAreExactOrNothing(text: String, nanoseconds: UInt64?) {
        #expect(Quantity.duration(text) == nanoseconds)
        guard let nanoseconds else { return }
        #expect(Quantity.duration(Quantity.text(duration: nanoseconds)) == nanoseconds)
    }

    @Test func durationsAreWrittenShort() {
        let times: [UInt64] = [
            0, 1, 250_000, 999_999_999, 1_500_000_000, 1_000_000_001, 90_000_000_000,
            120_000_000_000, .max,
        ]
        #expect(
            times.map { Quantity.text(duration: $0) } == [
                "0s", "1ns", "250us", "999999999ns", "1.5s", "1.000000001s", "90s", "2m",
                "18446744073.709551615s",
            ])
    }

    @Test(arguments: ["inf", "nan", "0x10", "1e999", "-1", "", "+1", "1e", "١"])
    func numbersAreNumbers(text: String) {
        #expect(Quantity.number(text) == nil)
        #expect(Quantity.count(text) == nil)
        #expect(Quantity.rate(text + "/s") == nil)
    }

    // MARK: - The files that are shipped

    @Test(arguments: shipped)
    func aWrittenScenarioReadsTheSame(name: String) throws {
        let scenario = try read(try ScenarioFileTests.text(name + ".yaml"))
        #expect(scenario.name == name)
        let written = ScenarioFile.write(scenario)
        let again = try read(written)
        #expect(again == scenario)
        #expect(ScenarioFile.write(again) == written)
    }

    @Test func theFlashSaleIsWhatItSays() throws {
        let scenario = try read(try ScenarioFileTests.text("flash-sale.yaml"))
        #expect(scenario.duration <= 20_000_000_000)
        guard case .spike(let base, let peak, _, let power, _) = scenario.load.stages[2].shape
        else { return #expect(Bool(false), "the third stage isn't the step") }
        #expect(peak / base == 122)
        #expect(power == 0.38)
        let rush = scenario.rushBegin
        #expect(
            scenario.faults == [
                Fault(at: rush + 1_500_000_000, kind: .kill(restartAfter: 300_000_000)),
                Fault(
                    at: rush + 4_000_000_000, kind: .killPostgres(restartAfter: 1_000_000_000),
                    isOptional: true),
            ])
        #expect(scenario.calls.attempts >= 50 && scenario.closing != nil)
    }

    // MARK: - Files that want to do harm

    @Test(arguments: [
        ("a: &x 1", "1:4: anchors and aliases (& and *) aren't read: write it out, or quote it"),
        ("a: *x", "1:4: anchors and aliases (& and *) aren't read: write it out, or quote it"),
        ("a: 'b' #'\nb: &x 1", "2:4: anchors and aliases"),
        ("a: [b\n 'c, &x 1, d']", "2:2: a comma or a closing bracket is missing before this"),
        ("a: b\n  'c: &x ''", "2:3: this goes on with the value above"),
        ("a:\n    b\n  [c\nd,'e: &x ''", "2:5: this has no key"),
        ("a: 'b\n c'", "1:4: the quotation isn't closed on its line"),
        ("a: \"b\\\n c\"", "1:4: the quotation isn't closed on its line"),
        ("? [a]\n: b", "1:1: '?' isn't read: write key: value"),
        ("{[a]: b}", "1:5: a key is missing before this ':'"),
        ("a: !!binary x", "1:4: tags (!) aren't read"),
        ("a: |\n  b", "1:4: texts over several lines"),
        ("%YAML 1.1\n---\na: b", "1:1: a value can't begin with '%': quote it"),
        ("a: b\u{7}", "1:5: U+7 can't be in a scenario"),
        ("a: { b: ${C} }", "1:9: quote it: inside brackets ${...} has to be '${...}'"),
        ("a: 1\n--- \nb: 1", "2:1: this isn't YAML: expected a single document in the stream"),
        ("a: [", "2:1: this isn't YAML"),
        ("", "1:1: the file is empty; a scenario begins with version: 1"),
        ("hello", "1:1: a scenario must be a block with the keys version, name"),
        (String(repeating: "[", count: 100_000), "1:49: brackets nested more than 48 deep"),
        (String(repeating: "- ", count: 100_000), "1:101: a block begins beyond column 100"),
        (String(repeating: "#", count: 1 << 20) + "\n", "1:1: more than 1 MiB"),
    ])
    func whatScenariosDoNotNeedIsRefused(text: String, start: String) {
        let fault = faults(text).first
        #expect(fault?.hasPrefix(start) == true, "\(fault ?? "none")")
    }

    /// The check of the text and the parser see the same tokens: nothing that has an anchor passes
    /// the check, whatever stands around it.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func noAnchorSlipsThrough(seed: UInt64) {
        let pieces = [
            "a", "b", "'", "\"", "''", "\\", ": ", ":", "- ", "-", "? ", "[", "]", "{", "}", ",",
            " ",
            "  ", "\n", "\n  ", "\n    ", "\n- ", "\na: ", "#", " # ", "\t", "\r\n", "---\n", "$",
            "\u{85}", "\u{2028}",
        ]
        var random = SplitMix(state: seed)
        var passed = 0
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0...random.below(14) { text += pieces[random.below(pieces.count)] }
            text += ["&x 1", "&x", "[&x 1]", "&x ''"][random.below(4)]
            for _ in 0..<random.below(5) { text += pieces[random.below(pieces.count)] }
            guard YAMLSubset.fault(in: text) == nil else { continue }
            passed += 1
            do {
                _ = try YAMLNode.read(text, source: 0)
            } catch {
                #expect(error.text != YAMLSubset.noAliases, "\(text.debugDescription)")
            }
        }
        // Those in which the anchor is part of a text or a comment.
        #expect(passed > 100)
    }

    @Test func nestingAtTheBoundsIsRead() {
        let deep = String(repeating: "[", count: 48) + String(repeating: "]", count: 48)
        let blocks = (0..<50).map { String(repeating: "  ", count: $0) + "a:\n" }.joined()
        for text in ["a: " + deep, blocks, String(repeating: "- ", count: 50) + "a"] {
            #expect(YAMLSubset.fault(in: text) == nil)
            #expect(throws: Never.self) { try YAMLNode.read(text, source: 0) }
        }
    }

    @Test func theEnvironmentCannotFloodTheReader() {
        let values = [String](repeating: "'${BIG}'", count: 2_000).joined(separator: ", ")
        let found = faults(
            "a: [\(values)]", environment: ["BIG": String(repeating: "x", count: 10_000)])
        #expect(found.contains { $0.contains("the environment's values are too long") })
    }

    /// Flips bytes and deletes, doubles, swaps and cuts lines: whatever comes of it, it is read or
    /// refused, and what is read can be written and read again.
    @Test(arguments: shipped, 0..<4 as Range<UInt64>)
    func damagedFilesAreReadOrRefused(name: String, seed: UInt64) throws {
        let original = try ScenarioFileTests.text(name + ".yaml")
        var random = SplitMix(state: seed &* 7_919 &+ UInt64(name.utf8.count))
        var readable = 0
        for round in 0..<100 {
            var bytes = Array(original.utf8)
            for _ in 0...random.below(3) {
                switch random.below(3) {
                case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
                case 1:
                    let marks = Array("[]{}:,-&*!|>'\"#%? \n\t09ksm./".utf8)
                    bytes.insert(marks[random.below(marks.count)], at: random.below(bytes.count))
                default:
                    var lines = bytes.split(
                        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                    let line = random.below(lines.count)
                    switch random.below(4) {
                    case 0: lines.remove(at: line)
                    case 1: lines.insert(lines[line], at: random.below(lines.count))
                    case 2: lines.swapAt(line, random.below(lines.count))
                    default: lines[line] = lines[line].dropLast(random.below(8))
                    }
                    bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
                }
            }
            do {
                let scenario = try read(String(decoding: bytes, as: UTF8.self))
                readable += 1
                #expect(
                    try read(ScenarioFile.write(scenario)) == scenario,
                    "seed \(seed), round \(round)")
            } catch let faults as ScenarioFaults {
                #expect(!faults.faults.isEmpty)
            }
        }
        // Damage in comments does no harm: if nothing was readable, nothing was tested.
        #expect(readable > 5 && readable < 95)
    }

    // MARK: -

    static func text(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.appending(path: "loadtest/scenarios/\(name)"), encoding: .utf8)
    }

    private func read(
        _ text: String, overrides: [String] = [], environment: [String: String] = [:]
    ) throws -> Scenario {
        try ScenarioFile.read(
            text, file: "test", overrides: overrides, environment: environment)
    }

    private func faults(_ text: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try ScenarioFile.read(text, file: "", overrides: [], environment: environment)
            return []
        } catch {
            return error.faults.map { String($0.description.dropFirst()) }
        }
    }
}

/// Random numbers that a seed repeats.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((word ^ word >> 31) % UInt64(bound))
    }
}
