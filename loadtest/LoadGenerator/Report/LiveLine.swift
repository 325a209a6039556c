// SPDX-License-Identifier: Apache-2.0

/// A line of a terminal that is never longer than it; codes take no room.
struct LiveLine {
    private let columns: Int
    private let paint: Paint
    private var used = 0
    private(set) var text = ""

    init(_ columns: Int, _ paint: Paint) {
        self.columns = columns
        self.paint = paint
    }

    /// Cells that are left.
    var room: Int { columns - used }

    mutating func add(_ piece: String, _ colour: Paint.Colour? = nil) {
        let piece = fitting(piece)
        text += colour.map { paint.in($0, piece) } ?? piece
    }

    mutating func addBold(_ piece: String) {
        text += paint.bold(fitting(piece))
    }

    private mutating func fitting(_ piece: String) -> String {
        guard room > 0 else { return "" }
        var cut = TextWidth.cut(paint.isOn ? piece : EscapedText.ascii(piece), to: room)
        // The sign of something missing has one cell in ASCII too.
        if !paint.isOn, cut.unicodeScalars.last == "…" {
            cut.unicodeScalars.removeLast()
            cut += "~"
        }
        used += TextWidth.of(cut)
        return cut
    }
}

/// Figures as heights of a line of text.
enum Sparkline {
    private static let heights: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The latest values that fit, from 0 to the highest; nothing where nothing was.
    static func text(_ values: [Double], width: Int, highest: Double? = nil) -> String {
        let shown = values.suffix(max(width, 0))
        let top = highest ?? shown.max() ?? 0
        guard top > 0 else { return String(repeating: " ", count: shown.count) }
        var text = ""
        for value in shown {
            let step = Int((value / top * Double(heights.count)).rounded(.up)) - 1
            text.append(value > 0 ? heights[min(max(step, 0), heights.count - 1)] : " ")
        }
        return text
    }

    /// A share of a whole.
    static func bar(_ share: Double, width: Int) -> String {
        guard width > 0 else { return "" }
        let part = min(max(share, 0), 1) * Double(width)
        // Something is never nothing, and all but something is never all.
        let full = share > 0 && part < 1 ? 1 : Int(part)
        return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }
}
