// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How values lie along one side of a plot.
struct ChartScale {
    /// A value with its words.
    struct Tick {
        var value: Double
        var label: String
    }

    private let isLogarithmic: Bool
    private let low: Double
    private let high: Double
    /// Where `low` is drawn.
    var start = 0.0
    /// Where `high` is drawn.
    var end = 1.0
    let ticks: [Tick]
    /// What the values are.
    let unit: String

    /// Where a value is drawn; values beyond an end are drawn at it.
    func place(_ value: Double) -> Double {
        let inside = min(max(value, low), high)
        let share =
            isLogarithmic
            ? (log10(inside) - log10(low)) / (log10(high) - log10(low))
            : (inside - low) / (high - low)
        return start + share * (end - start)
    }

    /// From 0 to a round number at or above `highest`, in at most six steps of 1, 2 or 5.
    static func counts(upTo highest: Double, unit: String, suffix: String = "") -> ChartScale {
        let wanted = max(highest, 1)
        let power = pow(10, floor(log10(wanted / 6)))
        let step = max(1, [1, 2, 5, 10].map { $0 * power }.first { $0 * 6 >= wanted } ?? wanted)
        let count = Int((wanted / step).rounded(.up))
        let ticks = (0...count).map { number in
            let value = Double(number) * step
            return Tick(value: value, label: FigureText.count(value) + (value > 0 ? suffix : ""))
        }
        return ChartScale(
            isLogarithmic: false, low: 0, high: Double(count) * step, ticks: ticks, unit: unit)
    }

    /// Whole decades of microseconds around a range; with 2 and 5 between where they are few.
    static func latency(_ range: ClosedRange<Double>) -> ChartScale {
        let lowest = floor(log10(max(range.lowerBound, 1)) + 1e-9)
        let highest = max(lowest + 1, ceil(log10(max(range.upperBound, 1)) - 1e-9))
        let between: [Double] = highest - lowest <= 2 ? [1, 2, 5] : [1]
        var ticks: [Tick] = []
        for exponent in Int(lowest)...Int(highest) {
            for factor in between where factor == 1 || exponent < Int(highest) {
                let value = factor * pow(10, Double(exponent))
                ticks.append(Tick(value: value, label: FigureText.microsecondsTick(value)))
            }
        }
        return ChartScale(
            isLogarithmic: true, low: pow(10, lowest), high: pow(10, highest), ticks: ticks,
            unit: "latency")
    }

    /// Seconds since the start.
    static func time(upTo extent: Double) -> ChartScale {
        let steps: [Double] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600,
            43_200, 86_400,
        ]
        let step = steps.first { extent / $0 <= 10 } ?? (extent / 10 / 86_400).rounded(.up) * 86_400
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let label: (Int) -> String
        let unit: String
        if extent <= 120 {
            label = { "\($0)" }
            unit = "seconds since the start"
        } else if extent <= 7_200 {
            label = { "\($0 / 60):\(two($0 % 60))" }
            unit = "minutes:seconds since the start"
        } else {
            label = { "\($0 / 3_600):\(two($0 / 60 % 60))" }
            unit = "hours:minutes since the start"
        }
        let ticks = (0...Int(extent / step)).map { number in
            Tick(value: Double(number) * step, label: label(Int(Double(number) * step)))
        }
        return ChartScale(isLogarithmic: false, low: 0, high: extent, ticks: ticks, unit: unit)
    }

    /// `1 / (1 - p)` from 0% to 99.99%, a decade per nine.
    static var percentiles: ChartScale {
        let ticks = [
            (1.0, "0%"), (2, "50%"), (10, "90%"), (100, "99%"), (1_000, "99.9%"),
            (10_000, "99.99%"),
        ].map { Tick(value: $0.0, label: $0.1) }
        return ChartScale(
            isLogarithmic: true, low: 1, high: 10_000, ticks: ticks, unit: "percentile of the calls"
        )
    }
}
