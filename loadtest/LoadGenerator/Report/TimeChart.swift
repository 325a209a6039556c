// SPDX-License-Identifier: Apache-2.0

/// A plot over the time of a run: the stages as bands behind it, what happened as lines across it.
struct TimeChart {
    /// Stages and events that are drawn; the tables have more.
    static let marksMax = 60
    private static let stagesMax = 40
    private static let lanesMax = 4

    /// What the pointer reads off at a time.
    struct Reading {
        var from: Double
        var to: Double
        var text: String
    }

    private(set) var plot: ChartPlot

    init(_ identity: String, _ record: RunRecord, y: ChartScale, height: Double = 210) {
        var time = ChartScale.time(upTo: record.extent)
        time.start = ChartPlot.left
        time.end = ChartPlot.right
        let labels = Self.labels(record, time)
        let lanes = labels.map { $0.lane + 1 }.max() ?? 0
        plot = ChartPlot(
            identity, x: time, y: y, top: 24 + Double(lanes) * 15, height: height)
        drawStages(record)
        plot.drawAxes()
        drawEvents(labels)
    }

    mutating func add(_ series: [ChartSeries], keeping: ChartSeries.Keeping = .extremes) {
        for one in series {
            var thin = one
            thin.thin(keeping: keeping)
            plot.drawLine(thin)
        }
    }

    /// Fills what lies between two lines with gaps at the same places.
    mutating func addArea(
        _ lower: ChartSeries, _ upper: ChartSeries, style: String,
        keeping: ChartSeries.Keeping = .extremes
    ) {
        var (low, high) = (lower, upper)
        low.thin(keeping: keeping)
        high.thin(keeping: keeping)
        guard low.parts.count == high.parts.count else { return }
        for (low, high) in zip(low.parts, high.parts) {
            plot.drawArea(low, high, style: style)
        }
    }

    /// Invisible columns whose titles browsers show.
    mutating func add(_ readings: [Reading]) {
        for reading in readings {
            let from = plot.x.place(reading.from)
            plot.draw(
                "<rect class=\"read\" x=\"\(ChartPlot.number(from))\" "
                    + "y=\"\(ChartPlot.number(plot.top))\" "
                    + "width=\"\(ChartPlot.number(plot.x.place(reading.to) - from))\" "
                    + "height=\"\(ChartPlot.number(plot.bottom - plot.top))\">"
                    + "<title>\(EscapedText.html(reading.text))</title></rect>")
        }
    }

    private mutating func drawStages(_ record: RunRecord) {
        for (number, stage) in record.stages.prefix(Self.stagesMax).enumerated() {
            let from = plot.x.place(stage.begin)
            let width = plot.x.place(stage.begin + stage.seconds) - from
            let name = EscapedText.plain(stage.name, limit: 64)
            let note = stage.isMeasured ? "" : ", not measured"
            plot.draw(
                "<rect class=\"band band\(number % 2)\" x=\"\(ChartPlot.number(from))\" y=\"2\" "
                    + "width=\"\(ChartPlot.number(width))\" "
                    + "height=\"\(ChartPlot.number(plot.bottom - 2))\">"
                    + "<title>\(EscapedText.html(name + note))</title></rect>")
            guard let label = Self.fitting([name + note, name], into: width - 6) else { continue }
            plot.draw(
                "<text class=\"stage\" x=\"\(ChartPlot.number(from + width / 2))\" y=\"15\" "
                    + "text-anchor=\"middle\">\(EscapedText.html(label))</text>")
        }
    }

    /// The first text that fits, else as much of the last as is still worth reading.
    private static func fitting(_ texts: [String], into width: Double) -> String? {
        let cells = Int(width / 6.8)
        if let text = texts.first(where: { TextWidth.of($0) <= cells }) { return text }
        return cells >= 4 ? texts.last.map { TextWidth.cut($0, to: cells) } : nil
    }

    // MARK: - Events

    private struct Label {
        var event: RunEvent
        /// Row above the plot; -1: there was no room for words.
        var lane: Int
        /// Where the words begin.
        var begin: Double
    }

    private static func labels(_ record: RunRecord, _ time: ChartScale) -> [Label] {
        var ends = [Double](repeating: 0, count: lanesMax)
        let events = record.events.filter { $0.seconds >= 0 && $0.seconds <= record.extent }
        return events.prefix(marksMax).map { event in
            let place = time.place(event.seconds)
            let width = Double(TextWidth.of(EscapedText.plain(event.kind, limit: 24))) * 6.8 + 8
            let begin = min(place + 4, ChartPlot.right - width)
            let lane = ends.firstIndex { $0 <= begin } ?? -1
            if lane >= 0 { ends[lane] = begin + width }
            return Label(event: event, lane: lane, begin: begin)
        }
    }

    private mutating func drawEvents(_ labels: [Label]) {
        func height(_ label: Label) -> Double { 34 + Double(max(label.lane, 0)) * 15 }
        // All lines before any words, so that none crosses them.
        for label in labels {
            let place = ChartPlot.number(plot.x.place(label.event.seconds))
            plot.draw(
                "<line class=\"mark\" x1=\"\(place)\" "
                    + "y1=\"\(ChartPlot.number(height(label) - 10))\" "
                    + "x2=\"\(place)\" y2=\"\(ChartPlot.number(plot.bottom))\"/>")
        }
        for label in labels where label.lane >= 0 {
            plot.draw(
                "<text class=\"event\" x=\"\(ChartPlot.number(label.begin))\" "
                    + "y=\"\(ChartPlot.number(height(label)))\">"
                    + "\(EscapedText.html(label.event.kind, limit: 24))"
                    + "<title>\(EscapedText.html(label.event.text, limit: 200))</title></text>")
        }
    }
}
