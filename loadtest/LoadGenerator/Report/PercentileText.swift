// SPDX-License-Identifier: Apache-2.0

public import Histogram

extension RunRecord {
    /// A `.hgrm` file: HdrHistogram's percentile distribution in milliseconds, five steps per halved
    /// distance to 100%, as its plotters read it.
    public func percentileText(_ latency: Latency) -> String {
        func column(_ text: String, _ width: Int) -> String { TextTable.right(text, width) }
        var text =
            column("Value", 12) + " " + column("Percentile", 14) + " " + column("TotalCount", 10)
            + " " + column("1/(1-Percentile)", 14) + "\n\n"
        for step in latency.percentiles(ticksPerHalfDistance: 5) {
            let share = step.percentileLevelIteratedTo / 100
            text += column(FigureText.fixed(Double(step.value) / 1_000, 3), 12) + " "
            text += column(FigureText.fixed(share, 12), 14) + " "
            text += column(String(step.totalCountToThisValue), 10)
            if share < 1 { text += " " + column(FigureText.fixed(1 / (1 - share), 2), 14) }
            text += "\n"
        }
        let figures = [
            ("Mean", latency.mean / 1_000), ("StdDeviation", latency.stdDeviation / 1_000),
            ("Max", Double(latency.max) / 1_000),
        ].map { ($0.0, column(FigureText.fixed(latency.totalCount == 0 ? 0 : $0.1, 3), 12)) }
        text += "#[Mean    = \(figures[0].1), StdDeviation   = \(figures[1].1)]\n"
        text += "#[Max     = \(figures[2].1), "
        text += "Total count    = \(column(String(latency.totalCount), 12))]\n"
        // 2,048 sub-buckets hold three digits; 22 buckets of them reach an hour.
        text += "#[Buckets = \(column("22", 12)), SubBuckets     = \(column("2048", 12))]\n"
        return text
    }
}
