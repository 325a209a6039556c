// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// What a faulty scenario is told: where, what is wrong, and what to write instead.
@Suite struct ScenarioFaultTests {
    /// A good scenario with one place changed, or a line added.
    struct Mistake: Sendable, CustomTestStringConvertible {
        var old: String
        var new: String
        /// `line:column: text`.
        var faults: [String]

        var testDescription: String { new }

        static func change(_ old: String, _ new: String, _ faults: String...) -> Mistake {
            Mistake(old: old, new: new, faults: faults)
        }

        /// As line 9.
        static func add(_ line: String, _ faults: String...) -> Mistake {
            Mistake(old: "", new: line, faults: faults)
        }
    }

    static let good = """
        version: 1
        name: test
        goods: { skus: 10, flash: 2 }
        load:
          stages:
            - hold: { at: 10/s, for: 10s, name: before }
        journeys:
          order: { weight: 100%, steps: [reserve, confirm] }

        """

    static let structure: [Mistake] = [
        .change("version: 1", "version: 2", "1:10: version must be 1, not '2'"),
        .change("name: test\n", "\n", "1:1: a scenario needs the key 'name'"),
        .change(
            "name: test", "name: a b",
            "2:7: name must be 1 to 64 letters, digits, -, _ or ., not 'a b'"),
        .change(
            "name: test", "name: [a]",
            "2:7: name must be 1 to 64 letters, digits, -, _ or ., not a list"),
        .change("flash: 2", "flsh: 2", "3:20: unknown key 'flsh'; did you mean 'flash'?"),
        .change(
            "flash: 2", "colour: 2", "3:20: unknown key 'colour'; write skus, flash or stock"),
        .change("flash: 2", "skus: 2", "3:10: 'skus' is written twice in this block: keep one"),
        .change(
            "goods: { skus: 10, flash: 2 }", "goods: 7",
            "3:8: goods must be a block with the keys skus, flash or stock, not '7'"),
        .add(
            "target: { conections: 7 }",
            "9:11: unknown key 'conections'; did you mean 'connections'?"),
        .add(
            "target: { address: example.com:80, threads: 65 }",
            "9:20: address must be HOST:PORT with a numeric host, such as 127.0.0.1:50051,"
                + " not 'example.com:80'",
            "9:45: threads must be a number of 1 to 64, not '65'"),
        .add(
            "target: { connections: 2, threads: 4 }",
            "9:27: 4 threads share 2 connections: each thread needs one"),
        .add("seed: -1", "9:7: seed must be a whole number of 0 to 18446744073709551615, not '-1'"),
        .add("seed:", "9:6: seed must be a whole number of 0 to 18446744073709551615, not nothing"),
        .add("brand: ${NIX}", "9:8: the environment has no NIX: set it, or write ${NIX:-default}"),
        .add("brand: a${B", "9:8: 'a${B': the brace after $ isn't closed"),
        .add("brand: ${B?}", "9:8: '${B?}': write ${NAME} or ${NAME:-default}"),
    ]

    static let sale: [Mistake] = [
        .change("flash: 2", "flash: 11", "3:20: flash must be at most skus, which is 10, not 11"),
        .change("flash: 2", "flash: 51", "3:27: flash must be a number of 0 to 50, not '51'"),
        .change(
            "flash: 2", "stock: { flash: 0 }",
            "3:36: flash must be a number of 1 to 1000000m, not '0'"),
        .change(
            "skus: 10", "skus: 1.5", "3:16: skus must be a number of 1 to 10m, not '1.5'"),
        .add("pick: { zipf: 4 }", "9:15: zipf must be a number of 0 to 3, not '4'"),
        .add("pick: { flash: { active: 1 } }", "9:16: flash needs the key 'share'"),
        .add(
            "pick: { flash: { share: 120% } }",
            "9:25: share must be a share of 0 % to 100 %, such as 20% or 0.2, not '120%'"),
        .add(
            "pick: { flash: { share: 80%, active: 3 } }",
            "9:30: active must be at most goods.flash, which is 2, not 3"),
        .add(
            "pick: { flash: { share: 80%, active: 2, rotate: 5s } }",
            "9:41: the whole flash set is active, so nothing rotates: set active below"
                + " goods.flash, which is 2"),
        .change(
            "goods: { skus: 10, flash: 2 }", "pick: { flash: { share: 0.1 } }",
            "3:18: there is no flash set to pick from: set goods.flash to 1 or more"),
        .change(
            "goods: { skus: 10, flash: 2 }",
            "goods: { skus: 2, flash: 2 }\npick: { flash: { share: 90% } }",
            "4:16: every SKU is a flash one: share and before must be 100% and half_life absent,"
                + " or goods.skus larger than goods.flash"),
        .add(
            "dealers: { count: 1, tiers: { A: { share: 9% }, b: { share: 0%, lines: 0..3 } } }",
            "9:29: 2 tiers need at least as many dealers, not 1",
            "9:31: a tier's name must be 1 to 16 lower-case letters and digits, not 'A'",
            "9:61: share must be a share of above 0 % to 100 %, such as 20% or 0.2, not '0%'",
            "9:72: lines must be a range such as 1..5 or a number, within 1 to 20, not '0..3'"),
        .add(
            "calls: { timeout: 2, attempts: 0, give_up: 2d }",
            "9:19: timeout must be a duration of 1ms to 1h, such as 2s, not '2'",
            "9:32: attempts must be a number of 1 to 1k, not '0'",
            "9:44: give_up must be a duration of 1ms to 24h, such as 30s, not '2d'"),
        .add(
            "closing: on", "9:10: closing must be off, or a block with the key units_max, not 'on'"),
        .change(
            "goods: { skus: 10, flash: 2 }", "closing: { units_max: 1k }",
            "3:10: the closing phase sells out the flash set, and goods.flash is 0: write off"),
    ]

    static let load: [Mistake] = [
        .change(
            "10/s", "10", "6:19: at must be a rate of 0/s to 10m/s, such as 500/s or 2k/s, not '10'"
        ),
        .change(
            "10/s", "11m/s",
            "6:19: at must be a rate of 0/s to 10m/s, such as 500/s or 2k/s, not '11m/s'"),
        .change("10/s", "0/s", "6:5: every stage has the rate 0/s: nobody would come"),
        .change(
            "for: 10s", "for: 25h",
            "6:30: for must be a duration of 1ms to 24h, such as 30s, not '25h'"),
        .change("hold:", "hodl:", "6:7: unknown key 'hodl'; did you mean 'hold'?"),
        .change(
            "name: before }", "}\n      name: before",
            "7:7: a stage has one key, 'hold': 'name' belongs inside it, or to the next one"),
        .change(
            "name: before }", "name: 10s }",
            "6:41: name must be a letter and up to 31 letters, digits, - or _, not '10s'"),
        .change(
            "name: before }", "name: a }\n    - hold: { at: 1/s, for: 1s, name: a }",
            "7:39: two stages are called 'a': give one another name"),
        .change(
            "- hold: { at: 10/s, for: 10s, name: before }",
            "- spike: { peak: 5/s, base: 5/s, rise: 2s, decay: { power: x }, for: 1s }",
            "6:16: peak must be above base, which is 5/s, not 5/s",
            "6:38: rise must be within the stage, which is for 1s, not 2s",
            "6:55: decay needs the key 'tau'", "6:64: power must be a number of 0 to 10, not 'x'"),
        .change(
            "load:\n", "load:\n  arrivals: poison\n  when_late: { shed: 2 }\n",
            "5:13: arrivals must be poisson or even, not 'poison'; did you mean 'poisson'?",
            "6:22: shed must be a duration of 1us to 1h, such as 2s, not '2'"),
        .change(
            "load:\n", "load:\n  when_late: shed\n",
            "5:14: when_late must be send or { shed: 2s }, not 'shed'"),
        .change(
            "    - hold: { at: 10/s, for: 10s, name: before }", "    []",
            "6:5: stages must be a list with at least one item, not a list"),
    ]

    static let journeys: [Mistake] = [
        .change("[reserve, ", "[", "8:34: confirm needs a reserve before it"),
        .change(
            "[reserve, confirm]", "[race, release]",
            "8:34: race needs a reserve before it",
            "8:40: release needs a reserve before it (or reserve directly after it)"),
        .change(
            "[reserve, confirm]", "[release, get_stock, reserve]",
            "8:34: release needs a reserve before it (or reserve directly after it)"),
        .change(
            "[reserve, confirm]", "[get_stock, again]",
            "8:45: again needs a reserve before it (or an order)"),
        .change(
            "[reserve, confirm]", "[reserve, cancel]",
            "8:43: cancel needs a confirm or an order before it"),
        .change(
            "[reserve, confirm]", "[order, cancel, cancel: { part: 50% }]",
            "8:49: a journey cancels once: in part or in whole"),
        .change(
            "[reserve, confirm]", "[order, confirm]",
            "8:41: confirm needs a reserve before it"),
        .change(
            "[reserve, confirm]", "[reserve, order]",
            "8:43: a journey reserves or orders once: what comes after is another journey"),
        .change(
            "[reserve, confirm]", "[order: { ttl: 2s }]",
            "8:43: unknown key 'ttl'; write lines, quantity, fill or warehouse"),
        .change(
            "[reserve, confirm]", "[reserve, get_stock, again]",
            "8:54: again repeats the call before it, which must be reserve, confirm, release,"
                + " order or cancel, not get_stock"),
        .change(
            "[reserve, confirm]", "[reserve, abandon, confirm]",
            "8:52: nothing can follow here: every way before it has ended"),
        .change(
            "[reserve, confirm]", "[reserve, confirm, reserve]",
            "8:52: a journey reserves or orders once: what comes after is another journey"),
        .change(
            "[reserve, confirm]", "[reserve, confirm, confirm]",
            "8:3: the funnel widens: 'order' has 2.0 times as many Confirms as Reserves; a later"
                + " step can't be more frequent than an earlier one ('again' repeats a call)"),
        .change(
            "[reserve, confirm]",
            "[choose: [{ weight: 1%, steps: [reserve] }, { weight: 1%, steps: [get_stock] }], confirm]",
            "8:114: confirm needs a reserve before it"),
        .change(
            "[reserve, ", "[resreve, ", "8:34: unknown step 'resreve'; did you mean 'reserve'?"),
        .change(
            "steps: [reserve, confirm]", "steps: []",
            "8:33: steps must be a list with at least one item, not a list"),
        .change(
            "weight: 100%", "weight: 60",
            "8:20: weight must be a share of above 0 % to 100 %, such as 20% or 0.2, not '60';"
                + " did you mean '60%'?"),
        .change(
            "weight: 100%", "weight: 1",
            "8:20: weight must be a share of above 0 % to 100 %, such as 20% or 0.2, not '1': that"
                + " could be 1 % or 100 %; write 1% or 100%"),
        .change(
            "weight: 100%", "weight: 101",
            "8:20: weight must be a share of above 0 % to 100 %, such as 20% or 0.2, not '101'"),
        .change(
            "[reserve, ", "[reserve: { ttl: 500ms, fill: some }, ",
            "8:50: ttl must be whole milliseconds of 1s to 24h, such as 2s or 1500ms, not '500ms'",
            "8:63: fill must be all_or_nothing or partial, not 'some'"),
        .change(
            "[reserve, ", "[think: { lognormal: { median: 20ms } }, reserve, ",
            "8:54: lognormal needs the key 'sigma'"),
        .change(
            "[reserve, ", "[think: 20, reserve, ",
            "8:41: think must be a duration of 0s to 1h such as 20ms, or one of uniform,"
                + " exponential, lognormal, not '20'"),
    ]

    static let rules: [Mistake] = [
        .add(
            "checks: { oversold: never }", "9:21: oversold must be fail, warn or off, not 'never'"),
        .add(
            "slo: ['Reserve.p99']",
            "9:7: 'Reserve.p99' compares nothing: write a bound such as 'Reserve.p99 < 10ms'"),
        .add(
            "slo: ['Reserv.p99 < 1s']",
            "9:7: unknown figure 'Reserv.p99'; did you mean 'Reserve'?"),
        .add(
            "slo: ['Reserve < 1s']",
            "9:7: 'Reserve' needs a percentile: write Reserve.p50, .p90, .p95, .p99, .p999, .p99.9"
                + " or .max"),
        .add(
            "slo: ['Reserve.p99 < 10']",
            "9:7: the bound must be a duration such as 10ms, not '10'"),
        .add(
            "slo: ['error_rate < 1']",
            "9:7: the bound must be a share of 0 % to 100 % such as 0.1%, not '1': that could be 1 % or"
                + " 100 %; write 1% or 100%"),
        .add(
            "slo: ['achieved >= 99']",
            "9:7: the bound must be a share of 0 % to 100 % such as 0.1%, not '99'; did you mean '99%'?"
        ),
        .add(
            "slo: ['error_rate <= 100%', 'error_rate < 0%', 'achieved >= 0']",
            "9:7: 'error_rate <= 100%' is always true, as a share is 0 % to 100 %: write a bound that"
                + " a run can keep or miss, such as 'error_rate < 1%'",
            "9:29: 'error_rate < 0%' is never true, as a share is 0 % to 100 %: write a bound that a"
                + " run can keep or miss, such as 'error_rate < 1%'",
            "9:48: 'achieved >= 0' is always true, as a share is 0 % to 100 %: write a bound that a"
                + " run can keep or miss, such as 'achieved >= 99%'"),
        .add(
            "abort: ['error_rate > 100% for 5s', 'error_rate > 20 for 5s']",
            "9:9: 'error_rate > 100%' is never true, as a share is 0 % to 100 %: write a bound that a"
                + " run can keep or miss, such as 'error_rate < 1%'",
            "9:37: the bound must be a share of 0 % to 100 % such as 0.1%, not '20'; did you mean"
                + " '20%'?"),
        .add(
            "slo: ['achieved <= 99%']",
            "9:7: 'achieved <= 99%' bounds the wrong side: an slo says what must hold, here >= a"
                + " bound"),
        .add(
            "slo: ['in_flight < 5000']",
            "9:7: in_flight is for abort: how many are open is no quality by itself"),
        .add(
            "abort: ['error_rate > 20%']",
            "9:9: 'error_rate > 20%' doesn't say for how long: write a condition and for, such as"
                + " 'error_rate > 20% for 5s'"),
        .add(
            "abort: ['error_rate > 20% for 500ms']",
            "9:9: 'error_rate > 20% for 500ms': the time after for must be whole seconds of 1s to"
                + " 1h"),
        .add(
            "faults: [{ at: bfore+1s, do: cut, share: 9% }]",
            "9:16: no stage is called 'bfore'; did you mean 'before'?"),
        .add(
            "faults: [{ at: 10s, do: cut, share: 9% }]",
            "9:16: this is at 10s, but the run ends at 10s"),
        .add(
            "faults: [{ at: before+9s, do: stop, for: 2s }]",
            "9:16: this lasts until 11s, but the run ends at 10s"),
        .add(
            "faults: [{ at: 2s, do: stop, for: 2s }, { at: 3s, do: kill, restart: 1s }]",
            "9:47: the server is still stopped by the stop at 2s: begin at 4s or later"),
        .add(
            "faults: [{ at: 3s, do: cut, share: 9% }, { at: 2s, do: kill, restart: 2s }]",
            "9:16: the server is still down by the kill at 2s: begin at 4s or later"),
        .add(
            "faults: [{ at: 2s, do: kil, restart: 1s }, { at: 3, do: stop, restart: 1s }]",
            "9:24: do must be kill, stop, cut, kill_postgres or stop_postgres, not 'kil'; did you mean"
                + " 'kill'?",
            "9:44: stop needs the key 'for'",
            "9:50: at must be a duration since the start such as 5s, or STAGE+duration such as"
                + " T0+2s, not '3'",
            "9:63: stop has no 'restart': it has 'for'"),
        .add(
            "faults: [{ at: 2s, do: stop_postgres, for: 2s }, { at: 3s, do: kill_postgres, restart: 1s }]",
            "9:56: Postgres is still stopped by the stop_postgres at 2s: begin at 4s or later"),
        .add(
            "faults: [{ at: 2s, do: kill_postgres, for: 2s }, { at: 3s, do: stop_postgres, for: 8s }]",
            "9:10: kill_postgres needs the key 'restart'",
            "9:39: kill_postgres has no 'for': it has 'restart'",
            "9:56: this lasts until 11s, but the run ends at 10s"),
        .add(
            "faults: [{ at: 2s, do: kill, restart: 1s, optional: true }]",
            "9:43: kill has no 'optional': only a fault of Postgres can be left out"),
        .add(
            "faults: [{ at: 2s, do: stop_postgres, for: 1s, optional: yes }]",
            "9:58: optional must be true or false, not 'yes'"),
        // The server and Postgres may be down together.
        .add(
            "faults: [{ at: 2s, do: kill, restart: 2s }, { at: 3s, do: kill_postgres, restart: 1s }]"
        ),
    ]

    @Test(arguments: structure + sale + load + journeys + rules)
    func everyFaultSaysWhereAndWhat(mistake: Mistake) throws {
        let good = ScenarioFaultTests.good
        var text = good + mistake.new + "\n"
        if !mistake.old.isEmpty {
            let place = try #require(good.firstRange(of: mistake.old))
            text = good.replacingCharacters(in: place, with: mistake.new)
        }
        #expect(faults(of: text) == mistake.faults)
    }

    @Test func theGoodOneIsGood() {
        #expect(faults(of: ScenarioFaultTests.good) == [])
    }

    @Test func overridesHaveTheirOwnPlaces() {
        let overrides = [
            "load.stages.0.hold.at=5", "seed", "lod.x=1", "load.stages.7.hold.at=5/s", "..=1",
            "name.x=1", "pick.flash={ share: 50%, actve: 1 }",
        ]
        let found = faults(of: ScenarioFaultTests.good, overrides: overrides)
        #expect(
            found == [
                "load.stages.0.hold.at:1:23: at must be a rate of 0/s to 10m/s, such as 500/s or"
                    + " 2k/s, not '5'",
                "seed:1:1: 'seed' sets nothing: write path=value, such as seed=7",
                "lod.x:1:7: unknown key 'lod'; did you mean 'load'?",
                "load.stages.7.hold.at:1:23: '7' is no index of that list; write 0 to 0",
                "..:1:1: '..' is no path: write keys with points between, such as"
                    + " load.stages.0.hold.at",
                "name.x:1:8: 'test' has no 'x' in it",
                "pick.flash:1:26: unknown key 'actve'; did you mean 'active'?",
            ])
    }

    @Test func twentyFaultsAreEnough() {
        let many = (1...30).map { "nonsense-\($0): 1\n" }.joined()
        #expect(faults(of: ScenarioFaultTests.good + many).count == 20)
    }

    @Test func whatAFileSaysIsRepeatedWithoutItsControlCharacters() {
        #expect(
            faults(
                of: ScenarioFaultTests.good
                    + "seed: \"\\e[2J\(String(repeating: "x", count: 99))\"\n")
                == [
                    "9:7: seed must be a whole number of 0 to 18446744073709551615, not '?[2J"
                        + String(repeating: "x", count: 36) + "…'"
                ])
    }

    private func faults(of text: String, overrides: [String] = []) -> [String] {
        do {
            _ = try ScenarioFile.read(
                text, file: "", overrides: overrides, environment: ["EMPTY": ""])
            return []
        } catch {
            return error.faults.map {
                let text = $0.description
                return String(text.dropFirst(text.hasPrefix("--set ") ? 6 : 1))
            }
        }
    }
}

extension String {
    fileprivate func replacingCharacters(
        in range: Range<String.Index>, with text: String
    ) -> String {
        String(self[..<range.lowerBound]) + text + self[range.upperBound...]
    }
}
