// SPDX-License-Identifier: Apache-2.0

/// The frame of a chart as inline SVG: axes, grid, and what is drawn inside.
struct ChartPlot {
    static let width = 760.0
    static let left = 70.0
    static let right = 744.0

    let identity: String
    let top: Double
    let bottom: Double
    private(set) var x: ChartScale
    private(set) var y: ChartScale
    private var body = ""

    /// `identity` is the element's, unique in the page.
    init(_ identity: String, x: ChartScale, y: ChartScale, top: Double, height: Double = 210) {
        self.identity = identity
        self.top = top
        self.bottom = top + height
        self.x = x
        self.y = y
        self.x.start = Self.left
        self.x.end = Self.right
        self.y.start = bottom
        self.y.end = top
    }

    mutating func draw(_ markup: String) { body += markup + "\n" }

    /// Lines across at each tick, with the words beside them.
    mutating func drawAxes() {
        for tick in y.ticks {
            let place = Self.number(y.place(tick.value))
            draw(
                "<line class=\"grid\" x1=\"\(Self.number(Self.left))\" y1=\"\(place)\" "
                    + "x2=\"\(Self.number(Self.right))\" y2=\"\(place)\"/>"
                    + "<text class=\"tick\" x=\"\(Self.number(Self.left - 6))\" y=\"\(place)\" "
                    + "dy=\"4\" text-anchor=\"end\">\(EscapedText.html(tick.label))</text>")
        }
        for tick in x.ticks {
            let place = Self.number(x.place(tick.value))
            // Words in the middle below the last tick would leave the picture.
            let isLast = x.place(tick.value) > Self.right - 4
            let anchor = isLast && tick.label.count > 4 ? "end" : "middle"
            let words = anchor == "end" ? Self.number(Self.width - 2) : place
            draw(
                "<line class=\"axis\" x1=\"\(place)\" y1=\"\(Self.number(bottom))\" "
                    + "x2=\"\(place)\" y2=\"\(Self.number(bottom + 4))\"/>"
                    + "<text class=\"tick\" x=\"\(words)\" y=\"\(Self.number(bottom + 18))\" "
                    + "text-anchor=\"\(anchor)\">\(EscapedText.html(tick.label))</text>")
        }
        draw(
            "<line class=\"axis\" x1=\"\(Self.number(Self.left))\" y1=\"\(Self.number(bottom))\" "
                + "x2=\"\(Self.number(Self.right))\" y2=\"\(Self.number(bottom))\"/>")
        let middle = Self.number((Self.left + Self.right) / 2)
        draw(
            "<text class=\"unit\" x=\"\(middle)\" y=\"\(Self.number(bottom + 36))\" "
                + "text-anchor=\"middle\">\(EscapedText.html(x.unit))</text>")
        let height = Self.number((top + bottom) / 2)
        draw(
            "<text class=\"unit\" transform=\"translate(11,\(height)) rotate(-90)\" "
                + "text-anchor=\"middle\">\(EscapedText.html(y.unit))</text>")
    }

    mutating func drawLine(_ series: ChartSeries) {
        let path = series.parts.map { part in
            // A single second between two gaps is a dot, not nothing.
            part.count == 1 ? self.path(part) + "h.1" : self.path(part)
        }.joined()
        guard !path.isEmpty else { return }
        draw("<path class=\"line \(series.style)\" d=\"\(path)\"/>")
    }

    /// What lies between two lines of equal parts.
    mutating func drawArea(_ lower: [ChartPoint], _ upper: [ChartPoint], style: String) {
        guard let first = upper.first, lower.first != nil else { return }
        let back = path(lower.reversed()).dropFirst()
        draw(
            "<path class=\"area \(style)\" d=\"\(path(upper))L\(back)L"
                + "\(Self.number(x.place(first.x))),\(Self.number(y.place(first.y)))Z\"/>")
    }

    /// Points between two of the same height are left out.
    private func path(_ points: [ChartPoint]) -> String {
        var path = ""
        var heights = ("", "")
        for (place, point) in points.enumerated() {
            let height = Self.number(y.place(point.y))
            let isFlat =
                place > 1 && height == heights.0 && height == heights.1
                && place + 1 < points.count && height == Self.number(y.place(points[place + 1].y))
            if !isFlat {
                path += path.isEmpty ? "M" : "L"
                path += Self.number(x.place(point.x)) + "," + height
            }
            heights = (heights.1, height)
        }
        return path
    }

    /// The whole picture. Its title is read out, and shown when the pointer rests on it; the
    /// description says what is to be seen to those who can't.
    func svg(title: String, description: String) -> String {
        "<svg id=\"\(identity)\" role=\"img\" aria-labelledby=\"\(identity)-t \(identity)-d\" "
            + "viewBox=\"0 0 \(Self.number(Self.width)) \(Self.number(bottom + 42))\">\n"
            + "<title id=\"\(identity)-t\">\(EscapedText.html(title))</title>"
            + "<desc id=\"\(identity)-d\">\(EscapedText.html(description))</desc>\n\(body)</svg>\n"
    }

    /// A coordinate, to a tenth.
    static func number(_ value: Double) -> String {
        let text = FigureText.fixed(value, 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
