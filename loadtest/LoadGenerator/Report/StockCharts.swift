// SPDX-License-Identifier: Apache-2.0

/// The charts of what was left of the flash SKUs.
extension RunRecord {
    /// SKUs with a colour and a name of their own.
    static let namedSkusMax = 6
    private static let stockPointsMax = 4_800

    /// Units that nobody has, by SKU.
    func burnDownChart() -> ReportFigure {
        let styles = ["s0", "s1", "s2", "s3", "s4", "s5"]
        let limit = max(40, min(ChartSeries.pointsMax, Self.stockPointsMax / burnDown.count))
        // What the closing phase sells comes after the axis' end.
        let end = extent
        var lines: [ChartSeries] = burnDown.prefix(200).enumerated().map { number, stock in
            var line = ChartSeries(
                EscapedText.plain(stock.sku, limit: 40),
                style: number < Self.namedSkusMax ? styles[number] : "other",
                stock.points.filter { $0.seconds <= end }.map { ($0.seconds, Double($0.available)) }
            )
            line.thin(to: limit)
            return line
        }
        let highest = max(
            lines.map(\.highest).max() ?? 0, Double(burnDown.map(\.units).max() ?? 0))
        var chart = TimeChart(
            "burndown", self, y: .counts(upTo: highest, unit: "units left"), height: 190)
        // The named ones on top.
        lines.reverse()
        chart.add(lines)
        lines.reverse()
        var legend = lines.prefix(Self.namedSkusMax).map { ($0.name, $0.style) }
        if lines.count > Self.namedSkusMax {
            legend.append(("\(burnDown.count - Self.namedSkusMax) more SKUs", "other"))
        }
        let soldOut = burnDown.compactMap(\.soldOutSeconds)
        var words = "\(soldOut.count) of \(burnDown.count) flash SKUs sold out"
        if let first = soldOut.min(), let last = soldOut.max() {
            words += ", \(FigureText.seconds(first)) to \(FigureText.seconds(last)) after the start"
        }
        return ReportFigure(
            heading: "Burn-down of the flash SKUs",
            svg: chart.plot.svg(title: "Units left of each flash SKU", description: words),
            caption: words + ". Units that nobody has, as the server said once a second.",
            legend: legend)
    }

    /// All flash SKUs together: sold, held and left, one above the other.
    func stockChart() -> ReportFigure {
        let sums = stockSums()
        let units = Double(burnDown.reduce(0) { $0 + $1.units })
        let highest = max(units, sums.map { $0.sold + $0.held + $0.available }.max() ?? 0)
        var chart = TimeChart(
            "stock", self, y: .counts(upTo: highest, unit: "units"), height: 150)
        func level(_ value: (StockSum) -> Double) -> ChartSeries {
            ChartSeries("", style: "", sums.map { ($0.seconds, value($0)) })
        }
        let levels = [
            level { _ in 0 }, level { $0.sold }, level { $0.sold + $0.held },
            level { $0.sold + $0.held + $0.available },
        ]
        for (place, style) in ["f0", "f1", "f2"].enumerated() {
            chart.addArea(levels[place], levels[place + 1], style: style)
        }
        let last = sums.last
        let words =
            "At the end of the stages \(FigureText.grouped(Int64(last?.sold ?? 0))) units are sold, "
            + "\(FigureText.grouped(Int64(last?.held ?? 0))) held and "
            + "\(FigureText.grouped(Int64(last?.available ?? 0))) left, "
            + "of \(FigureText.grouped(Int64(units)))"
        return ReportFigure(
            heading: "Where the units of the flash SKUs are",
            svg: chart.plot.svg(title: "Units sold, held and left", description: words),
            caption: words + ".",
            legend: [("left", "f2"), ("held", "f1"), ("sold", "f0")])
    }

    /// What all flash SKUs held at a time.
    private struct StockSum {
        var seconds: Double
        var available = 0.0
        var held = 0.0
        var sold = 0.0
    }

    /// Each SKU's latest reading at evenly spaced times.
    private func stockSums() -> [StockSum] {
        let begin = burnDown.compactMap { $0.points.first?.seconds }.max() ?? 0
        let end = min(extent, burnDown.compactMap { $0.points.last?.seconds }.max() ?? 0)
        guard end > begin else { return [] }
        let steps = min(300, max(1, Int((end - begin).rounded())))
        var sums = (0...steps).map { step in
            StockSum(seconds: begin + (end - begin) * Double(step) / Double(steps))
        }
        for stock in burnDown where !stock.points.isEmpty {
            var place = 0
            for step in sums.indices {
                while place + 1 < stock.points.count,
                    stock.points[place + 1].seconds <= sums[step].seconds
                {
                    place += 1
                }
                let point = stock.points[place]
                sums[step].available += Double(point.available)
                sums[step].held += Double(point.held)
                sums[step].sold += Double(point.allocated)
            }
        }
        return sums
    }
}
