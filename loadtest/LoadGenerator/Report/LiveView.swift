// SPDX-License-Identifier: Apache-2.0

/// A run while it goes on, on a terminal: a block of lines that is drawn over itself once a second.
public struct LiveView {
    private static let statusesMax = 6
    private static let eventsMax = 3
    private static let sparksMax = 60

    private let columns: Int
    private let linesMax: Int
    private let paint: Paint
    private var drawnLines = 0

    /// - Parameters:
    ///   - columns: of the terminal; no line is longer.
    ///   - rows: of the terminal; the block leaves one for the cursor.
    ///   - colour: false: ASCII, and no code but those that move the cursor.
    public init(columns: Int, rows: Int, colour: Bool) {
        self.columns = max(columns, 1)
        linesMax = max(rows - 1, 1)
        paint = Paint(isOn: colour)
    }

    /// The next picture, with the codes that put it over the one before. `now` is seconds since the
    /// start, `duration` the seconds of all stages together.
    public mutating func frame(_ record: RunRecord, now: Double, duration: Double) -> String {
        let lines = picture(record, now: now, duration: duration).prefix(linesMax)
        var text = drawnLines > 0 ? "\u{1b}[\(drawnLines)A\r" : ""
        // Clearing comes first: after the last column it would take that column's character away.
        for line in lines { text += "\u{1b}[2K\(line.text)\r\n" }
        if lines.count < drawnLines { text += "\u{1b}[J" }
        drawnLines = lines.count
        return text
    }

    private func picture(_ record: RunRecord, now: Double, duration: Double) -> [LiveLine] {
        let whole = record.slices.prefix { Double($0.second + 1) <= now + 0.1 }
        let slices = whole.isEmpty ? record.slices[...] : whole
        let slice = slices.last ?? Slice()
        var lines = [head(record, now), bar(now, duration), empty]
        lines += rates(slices, slice)
        lines += answers(slice)
        lines.append(generator(slice))
        lines.append(empty)
        lines += soFar(record)
        let events = record.events.suffix(Self.eventsMax)
        let room = linesMax - lines.count - (events.isEmpty ? 0 : events.count + 1) - 1
        if !record.burnDown.isEmpty, room > 0 {
            lines.append(empty)
            lines += stock(record.burnDown, room)
        }
        if !events.isEmpty { lines.append(empty) }
        for event in events {
            var line = labelled(FigureText.seconds(event.seconds))
            line.add(EscapedText.plain(event.kind, limit: 24), .magenta)
            line.add("  " + EscapedText.plain(event.text, limit: 200))
            lines.append(line)
        }
        return lines
    }

    // MARK: - Parts

    private var empty: LiveLine { LiveLine(columns, paint) }

    private func labelled(_ label: String) -> LiveLine {
        var line = empty
        line.add("  " + TextTable.left(label, 11))
        return line
    }

    private func head(_ record: RunRecord, _ now: Double) -> LiveLine {
        var line = empty
        line.addBold(EscapedText.plain(record.name, limit: 64))
        line.add("  run \(EscapedText.plain(record.runID, limit: 32))")
        let stage = record.stage(at: now)
        if !stage.isEmpty {
            line.add("  stage ")
            line.addBold(EscapedText.plain(stage, limit: 64))
        }
        return line
    }

    private func bar(_ now: Double, _ duration: Double) -> LiveLine {
        let share = duration > 0 ? min(max(now / duration, 0), 1) : 0
        let words =
            " \(FigureText.seconds(max(now, 0).rounded(.down))) of "
            + "\(FigureText.seconds(duration)), \(Int(share * 100))%"
        var line = empty
        let width = max(columns - TextWidth.of(words), 0)
        line.add(Sparkline.bar(share, width: width), .blue)
        line.add(words)
        return line
    }

    private func rates(_ slices: ArraySlice<Slice>, _ slice: Slice) -> [LiveLine] {
        let recent = slices.suffix(Self.sparksMax)
        func line(_ label: String, _ figure: String, _ values: [Double]) -> LiveLine {
            var line = labelled(label)
            line.add(TextTable.right(figure, 9) + "  ")
            line.add(Sparkline.text(values, width: line.room), .cyan)
            return line
        }
        // One scale for both, so that what is missing shows.
        let highest = Double(recent.map { max($0.due, $0.sent) }.max() ?? 0)
        func rate(_ label: String, _ count: (Slice) -> Int) -> LiveLine {
            var line = labelled(label)
            line.add(TextTable.right(FigureText.count(count(slice)) + "/s", 9) + "  ")
            let values = recent.map { Double(count($0)) }
            line.add(Sparkline.text(values, width: line.room, highest: highest), .cyan)
            return line
        }
        return [
            rate("offered", \.due), rate("achieved", \.sent),
            line(
                "in flight", FigureText.grouped(slice.inFlight), recent.map { Double($0.inFlight) }),
            line(
                "p99", slice.p99 == 0 ? "none" : FigureText.microseconds(slice.p99),
                recent.map { Double($0.p99) }),
        ]
    }

    private func answers(_ slice: Slice) -> [LiveLine] {
        var latency = labelled("response")
        for (name, value) in [
            ("p50", slice.p50), ("p99", slice.p99), ("p99.9", slice.p999), ("max", slice.max),
        ] {
            latency.add("\(name) ")
            latency.addBold(value == 0 ? "none" : FigureText.microseconds(value))
            latency.add("  ")
        }
        var line = labelled("answers/s")
        for (name, count, colour) in [
            ("ok", slice.ok, Paint.Colour?.none), ("refused", slice.refused, nil),
            ("failed", slice.failed, .red), ("retried", slice.retried, .yellow),
            ("shed", slice.shed, .red),
        ] {
            line.add("\(name) \(FigureText.count(count))  ", count > 0 ? colour : nil)
        }
        return [latency, line]
    }

    private func generator(_ slice: Slice) -> LiveLine {
        let bound = Self.lagBound(slice)
        let isLate = slice.lagP99 > bound
        var line = labelled("generator")
        line.add(isLate ? "● LATE" : "● in time", isLate ? .red : .green)
        line.add(
            "  lag p99 \(FigureText.microseconds(slice.lagP99)), "
                + "at most \(FigureText.microseconds(bound))")
        return line
    }

    /// A late generator adds its own delay to what it measures.
    private static func lagBound(_ slice: Slice) -> UInt64 { max(100, slice.p99 / 20) }

    private func soFar(_ record: RunRecord) -> [LiveLine] {
        var ok = 0
        var refused = 0
        var failed = 0
        for slice in record.slices {
            ok += slice.ok
            refused += slice.refused
            failed += slice.failed
        }
        var line = labelled("so far")
        line.add(
            "\(FigureText.grouped(ok + refused + failed)) calls: \(FigureText.grouped(ok)) ok, "
                + "\(FigureText.grouped(refused)) refused, ")
        line.add("\(FigureText.grouped(failed)) failed", failed > 0 ? .red : nil)
        var statuses = labelled("status")
        let sums = zip(ReportNames.statuses, record.statuses).filter { $0.1 > 0 }
        for (name, count) in sums.sorted(by: { $0.1 > $1.1 }).prefix(Self.statusesMax) {
            statuses.add("\(name) \(FigureText.count(count))  ")
        }
        return [line, statuses]
    }

    private func stock(_ stocks: [BurnDown], _ room: Int) -> [LiveLine] {
        let shown = stocks.count <= room ? stocks.count : max(room - 1, 0)
        let width = stocks.prefix(shown).map { TextWidth.of(EscapedText.plain($0.sku, limit: 24)) }
        let label = width.max() ?? 0
        var lines = stocks.prefix(shown).map { stock in
            let last = stock.points.last
            let left = last?.available ?? stock.units
            let share = stock.units > 0 ? Double(left) / Double(stock.units) : 0
            var line = empty
            line.add("  \(TextTable.left(EscapedText.plain(stock.sku, limit: 24), label))  ")
            line.add(Sparkline.bar(share, width: min(24, line.room)), left > 0 ? .green : .yellow)
            line.add(
                "  \(FigureText.grouped(left)) left, \(FigureText.grouped(last?.held ?? 0)) held, "
                    + "\(FigureText.grouped(last?.allocated ?? 0)) sold")
            return line
        }
        if shown < stocks.count {
            var line = empty
            let rest = stocks.dropFirst(shown)
            let empties = rest.filter { ($0.points.last?.available ?? $0.units) <= 0 }.count
            line.add("  \(rest.count) more SKUs, \(empties) of them sold out")
            lines.append(line)
        }
        return lines
    }

    // MARK: - Without a terminal

    /// One ASCII line for a second, for logs and pipes.
    public static func line(_ slice: Slice, stage: String, record: RunRecord) -> String {
        let isLate = slice.lagP99 > lagBound(slice)
        func latency(_ value: UInt64) -> String {
            value == 0 ? "none" : FigureText.microseconds(value)
        }
        let left = record.burnDown.map { $0.points.last?.available ?? $0.units }.reduce(0, +)
        let text =
            "\(slice.second + 1) s  \(EscapedText.plain(stage, limit: 64))  "
            + "offered \(slice.due)/s  sent \(slice.sent)/s  ok \(slice.ok)  "
            + "refused \(slice.refused)  failed \(slice.failed)  retried \(slice.retried)  "
            + "in flight \(slice.inFlight)  p50 \(latency(slice.p50))  p99 \(latency(slice.p99))  "
            + "p99.9 \(latency(slice.p999))  lag p99 \(FigureText.microseconds(slice.lagP99))"
            + (isLate ? " LATE" : "") + (record.burnDown.isEmpty ? "" : "  left \(left)")
        return EscapedText.ascii(text)
    }

    /// Something that happened, in one plain line.
    public static func line(_ event: RunEvent) -> String {
        EscapedText.ascii(
            "\(FigureText.seconds(event.seconds))  * \(EscapedText.plain(event.text, limit: 200))")
    }
}
