// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Histogram

/// Latency over the share of the calls that were at least as fast.
extension RunRecord {
    private static let curvePoints = 120

    /// A curve per kind of call, its service dashed; bounds as triangles.
    func percentileChart() -> ReportFigure {
        let styles = ["s0", "s1", "s2", "s3"]
        var curves: [(name: String, style: String, points: [ChartPoint])] = []
        for call in calls {
            let style = styles[Int(call.kind.rawValue) % styles.count].dropFirst()
            curves.append(
                ("\(call.kind.name), response", "r\(style)", Self.curve(call.response)))
            curves.append(("\(call.kind.name), service", "q\(style)", Self.curve(call.service)))
        }
        curves.removeAll { $0.points.isEmpty }
        let bounds = boundPoints
        let heights = curves.flatMap { $0.points.map(\.y) } + bounds.map(\.point.y)
        let lowest = heights.min() ?? 100
        var plot = ChartPlot(
            "percentiles", x: .percentiles, y: .latency(lowest...max(lowest, heights.max() ?? 0)),
            top: 10, height: 250)
        for tick in plot.x.ticks {
            let place = ChartPlot.number(plot.x.place(tick.value))
            plot.draw(
                "<line class=\"grid\" x1=\"\(place)\" y1=\"\(ChartPlot.number(plot.top))\" "
                    + "x2=\"\(place)\" y2=\"\(ChartPlot.number(plot.bottom))\"/>")
        }
        plot.drawAxes()
        for curve in curves {
            plot.drawLine(
                ChartSeries(
                    curve.name, style: curve.style, curve.points.map { ($0.x, Optional($0.y)) }))
        }
        for bound in bounds {
            let x = plot.x.place(bound.point.x)
            let y = plot.y.place(bound.point.y)
            plot.draw(
                "<path class=\"bound\" d=\"M\(ChartPlot.number(x - 6)),\(ChartPlot.number(y - 10))"
                    + "h12l-6,10z\"><title>\(EscapedText.html(bound.text))</title></path>")
        }
        var legend = curves.map { ($0.name, $0.style) }
        if !bounds.isEmpty { legend.append(("an objective's bound", "bound")) }
        let all = response
        let words =
            "All calls of the measured stages: p50 \(Quantile.text(all, 50)), "
            + "p99 \(Quantile.text(all, 99)), p99.9 \(Quantile.text(all, 99.9)), "
            + "max \(Quantile.text(all, 100))"
        return ReportFigure(
            heading: "Percentiles",
            svg: plot.svg(title: "Latency by percentile and kind of call", description: words),
            caption: words + ". Response counts from when a call was due, service from when it "
                + "was written; a curve ends where fewer than one call lies beyond.",
            legend: legend)
    }

    /// Bounds of a response's percentile, where the chart has a place for them.
    private var boundPoints: [(point: ChartPoint, text: String)] {
        objectives.prefix(20).compactMap { result in
            guard case .response(_, let percentile) = result.objective.metric,
                percentile < 100, result.objective.bound >= 1
            else { return nil }
            return (
                ChartPoint(x: min(10_000, 100 / (100 - percentile)), y: result.objective.bound),
                result.objective.text
            )
        }
    }

    /// Steps of equal length on the chart, in one pass over the histogram.
    private static func curve(_ latency: Latency) -> [ChartPoint] {
        let total = Double(latency.totalCount)
        guard total > 0 else { return [] }
        let end = min(4, log10(total))
        var points: [ChartPoint] = []
        for value in latency.recordedValues() {
            while points.count <= curvePoints {
                let exponent = end * Double(points.count) / Double(curvePoints)
                let share = 1 - pow(10, -exponent)
                guard Double(value.totalCountToThisValue) + 1e-6 >= share * total else { break }
                points.append(ChartPoint(x: pow(10, exponent), y: max(1, Double(value.value))))
            }
        }
        return points
    }
}
