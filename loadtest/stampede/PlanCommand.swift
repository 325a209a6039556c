// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LoadGenerator

/// `stampede plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Says what a scenario will do, without connecting.",
        discussion: """
            Expected values: a run scatters around them, and refused reservations make no further calls. \
            Exit codes: 0, 1 the file can't be read, 2 the scenario has faults.
            """)

    @OptionGroup var scenario: ScenarioArguments

    func run() throws {
        let parsed = try scenario.read()
        let forecast = RunForecast(parsed)
        print(
            "\(parsed.name): \(seconds(forecast.seconds)) of load"
                + (forecast.closingPause > 0
                    ? ", then \(seconds(forecast.closingPause)) until holds have run out, and the closing phase"
                    : ""))
        print(
            "journeys     \(count(forecast.journeys)), at most \(count(forecast.peakRate)) a second, "
                + "\(seconds(forecast.peakSecond)) after the start")
        for kind in CallKind.allCases where forecast.calls[Int(kind.rawValue)] > 0 {
            let calls = forecast.calls[Int(kind.rawValue)]
            print(
                "\(kind.name.padded(to: 12)) \(count(calls)) calls, at most "
                    + "\(count(calls / forecast.journeys * forecast.peakRate)) a second")
        }
        if parsed.goods.flash > 0 {
            let units = Double(forecast.flashUnits)
            print(
                "flash set    \(parsed.goods.flash) SKUs, \(count(units)) units, "
                    + "\(count(forecast.flashDemand)) asked for: "
                    + (forecast.flashDemand > units ? "sells out" : "does not sell out"))
        }
        for journey in parsed.journeys {
            print("journey      \(journey.name): \(percent(journey.weight))")
        }
        for objective in parsed.objectives {
            print("must hold    \(text(objective))")
        }
        for rule in parsed.aborts {
            print("stopped when \(text(rule.condition)) for \(rule.seconds) s")
        }
        for fault in parsed.faults {
            print(
                "fault        at \(seconds(Double(fault.at) / 1_000_000_000)): \(text(fault.kind))"
                    + (fault.isOptional ? " (left out without a Postgres)" : ""))
        }
        print(
            "connections  \(forecast.connections), on \(parsed.target.threads) threads, "
                + "\(parsed.target.maxStreams) calls in flight on each at most")
        print(
            "memory       \(forecast.tableBytes >> 20) MiB of tables, and some 30 MiB; "
                + "ledger on disk \(Int(forecast.ledgerBytes) >> 20) MiB")
    }

    /// As it was written, and in percent where it wasn't.
    private func text(_ bound: Objective) -> String {
        guard bound.metric.isShare, !bound.text.contains("%") else { return bound.text }
        return "\(bound.text) (\(percent(bound.bound)))"
    }

    private func text(_ kind: Fault.Kind) -> String {
        switch kind {
        case .kill(let pause): "kill -9, started again after \(seconds(Double(pause) / 1e9))"
        case .stop(let time): "SIGSTOP for \(seconds(Double(time) / 1e9))"
        case .cut(let share): "\(percent(share)) of the connections cut"
        case .killPostgres(let pause):
            "kill -9 of Postgres, started again after \(seconds(Double(pause) / 1e9))"
        case .stopPostgres(let time): "SIGSTOP to Postgres for \(seconds(Double(time) / 1e9))"
        }
    }

    private func seconds(_ seconds: Double) -> String {
        let thousandths = Int((seconds * 1_000).rounded())
        if thousandths % 1_000 == 0 { return "\(thousandths / 1_000) s" }
        return "\(Double(thousandths) / 1_000) s"
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    private func count(_ number: Double) -> String {
        var digits = String(Int(number.rounded()))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits = String(digits.dropLast(3))
        }
        return ([digits] + groups).joined(separator: ",")
    }
}

extension String {
    fileprivate func padded(to length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}
