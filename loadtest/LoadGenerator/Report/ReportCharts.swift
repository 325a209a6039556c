// SPDX-License-Identifier: Apache-2.0

/// The charts of a report over time.
extension RunRecord {
    /// Columns in which the pointer reads figures off.
    private static let readingsMax = 120

    /// Offered, sent and answered calls per second.
    func rateChart() -> ReportFigure {
        func series(_ name: String, _ style: String, _ count: (Slice) -> Int) -> ChartSeries {
            ChartSeries(
                name, style: style, slices.map { (Double($0.second) + 0.5, Double(count($0))) })
        }
        let lines = [
            series("offered (due)", "due", \.due), series("sent", "s0", \.sent),
            series("ok", "s1", \.ok), series("refused", "s2", \.refused),
            series("failed", "s3", \.failed),
        ]
        let highest = lines.map(\.highest).max() ?? 0
        var chart = TimeChart(
            "rate", self, y: .counts(upTo: highest, unit: "calls per second", suffix: "/s"))
        chart.add(lines)
        chart.add(
            readings { slices, time in
                // A column of several seconds shows the one in which most was due.
                guard let top = slices.max(by: { $0.due < $1.due }) else { return time }
                return "\(time): offered \(FigureText.grouped(top.due)), "
                    + "sent \(FigureText.grouped(top.sent)), ok \(FigureText.grouped(top.ok)), "
                    + "refused \(FigureText.grouped(top.refused)), "
                    + "failed \(FigureText.grouped(top.failed)) per second"
            })
        let top = slices.max { $0.due < $1.due }
        let worst = slices.max { $0.failed < $1.failed }
        var words = "At most \(FigureText.count(top?.due ?? 0)) calls per second were due"
        words += top.map { ", \(FigureText.seconds(Double($0.second))) after the start" } ?? ""
        if let worst, worst.failed > 0 {
            words += "; at most \(FigureText.count(worst.failed)) failed in a second, "
            words += "\(FigureText.seconds(Double(worst.second))) after the start"
        } else {
            words += "; none failed"
        }
        return ReportFigure(
            heading: "Rate", svg: chart.plot.svg(title: "Calls per second", description: words),
            caption: words + "." + thinning(.extremes), legend: lines.map { ($0.name, $0.style) })
    }

    /// Percentiles of each second on a logarithmic axis.
    func latencyChart() -> ReportFigure {
        func series(_ name: String, _ style: String, _ value: (Slice) -> UInt64) -> ChartSeries {
            ChartSeries(
                name, style: style,
                slices.map {
                    (Double($0.second) + 0.5, value($0) == 0 ? nil : Double(value($0)))
                })
        }
        let lines = [
            series("p50", "s1", \.p50), series("p90", "s4", \.p90), series("p99", "s0", \.p99),
            series("p99.9", "s5", \.p999), series("max", "s3", \.max),
        ]
        let lowest = lines.compactMap(\.lowest).min() ?? 100
        let highest = lines.map(\.highest).max() ?? 0
        var chart = TimeChart(
            "latency", self, y: .latency(lowest...max(lowest, highest)), height: 240)
        chart.addArea(lines[0], lines[2], style: "a0", keeping: .highest)
        chart.add(lines, keeping: .highest)
        chart.add(
            readings { slices, time in
                guard let top = slices.max(by: { $0.p99 < $1.p99 }), top.max > 0 else {
                    return "\(time): no call ended"
                }
                return "\(time): p50 \(FigureText.microseconds(top.p50)), "
                    + "p90 \(FigureText.microseconds(top.p90)), "
                    + "p99 \(FigureText.microseconds(top.p99)), "
                    + "p99.9 \(FigureText.microseconds(top.p999)), "
                    + "max \(FigureText.microseconds(top.max))"
            })
        var words = "Response from when a call was due, of the calls that ended in each second"
        if let worst = slices.max(by: { $0.p99 < $1.p99 }), worst.p99 > 0 {
            words += "; the highest p99 is \(FigureText.microseconds(worst.p99)), "
            words += "\(FigureText.seconds(Double(worst.second))) after the start"
        }
        return ReportFigure(
            heading: "Latency",
            svg: chart.plot.svg(title: "Percentiles of the response over time", description: words),
            caption: words + "." + thinning(.highest),
            legend: lines.map { ($0.name, $0.style) })
    }

    /// What was under way, and what went round again.
    func flightChart() -> ReportFigure {
        func series(_ name: String, _ style: String, _ count: (Slice) -> Int) -> ChartSeries {
            ChartSeries(
                name, style: style, slices.map { (Double($0.second) + 0.5, Double(count($0))) })
        }
        var lines = [
            series("in flight at the end of the second", "s0", \.inFlight),
            series("retries per second", "s2", \.retried),
        ]
        if journeys.shed > 0 { lines.append(series("journeys shed per second", "s3", \.shed)) }
        let highest = lines.map(\.highest).max() ?? 0
        var chart = TimeChart(
            "flight", self, y: .counts(upTo: highest, unit: "calls"), height: 170)
        chart.add(lines)
        chart.add(
            readings { slices, time in
                guard let top = slices.max(by: { $0.inFlight < $1.inFlight }) else { return time }
                return "\(time): in flight \(FigureText.grouped(top.inFlight)), "
                    + "retries \(FigureText.grouped(slices.map(\.retried).max() ?? 0)) per second"
            })
        let words =
            "At most \(FigureText.count(lines[0].highest)) calls were in flight at once, "
            + "and \(FigureText.count(lines[1].highest)) attempts were repeated in a second"
        return ReportFigure(
            heading: "In flight and retries",
            svg: chart.plot.svg(title: "Calls in flight and retries", description: words),
            caption: words + "." + thinning(.extremes), legend: lines.map { ($0.name, $0.style) })
    }

    /// Says so where seconds were left out.
    private func thinning(_ keeping: ChartSeries.Keeping) -> String {
        guard slices.count > ChartSeries.pointsMax else { return "" }
        let (words, kept) =
            keeping == .extremes ? ("lowest and the highest", 2) : ("highest", 1)
        return " Of \(FigureText.grouped(slices.count)) seconds the \(words) of each "
            + "\(FigureText.grouped(slices.count * kept / ChartSeries.pointsMax)) are drawn; "
            + "timeseries.csv has all."
    }

    private func readings(_ text: (ArraySlice<Slice>, String) -> String) -> [TimeChart.Reading] {
        let columns = min(slices.count, Self.readingsMax)
        return (0..<columns).map { column in
            let part =
                slices[column * slices.count / columns..<(column + 1) * slices.count / columns]
            let from = part.first?.second ?? 0
            let to = (part.last?.second ?? 0) + 1
            let time =
                to - from == 1
                ? FigureText.seconds(Double(from))
                : "\(FigureText.seconds(Double(from))) to \(FigureText.seconds(Double(to)))"
            return TimeChart.Reading(
                from: Double(from), to: Double(to), text: text(part, time))
        }
    }
}
