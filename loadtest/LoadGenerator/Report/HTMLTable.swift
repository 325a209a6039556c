// SPDX-License-Identifier: Apache-2.0

/// A table that a screen reader can walk through: a caption, and heads with their scope. Texts are
/// escaped here.
struct HTMLTable {
    /// One cell.
    enum Cell {
        /// Flush left.
        case text(String)
        /// Flush right, digits in columns.
        case figure(String)
        /// Markup that is escaped already.
        case markup(String)
    }

    /// What becomes of it on a narrow screen.
    enum Narrow {
        /// It is moved sideways under its frame.
        case scrolls
        /// A row's cells lie below each other, each after its column's name.
        case stacks
    }

    /// Rows of one table; more are counted, not shown.
    static let rowsMax = 200

    private let caption: String
    private let header: [String]
    private let narrow: Narrow
    private var rows = ""
    private var rowCount = 0
    private var figureColumns: Set<Int> = []

    init(_ caption: String, _ header: [String], narrow: Narrow = .scrolls) {
        self.narrow = narrow
        self.caption = caption
        self.header = header
    }

    /// The first cell is the row's head.
    mutating func add(_ head: String, _ cells: [Cell]) {
        rowCount += 1
        guard rowCount <= Self.rowsMax else { return }
        rows += "<tr><th scope=\"row\">\(EscapedText.html(head, limit: 300))</th>"
        for (column, cell) in cells.enumerated() {
            let label =
                narrow == .stacks && column + 1 < header.count
                ? " data-l=\"\(EscapedText.html(header[column + 1]))\"" : ""
            switch cell {
            case .text(let text): rows += "<td\(label)>\(EscapedText.html(text, limit: 600))</td>"
            case .figure(let text):
                figureColumns.insert(column + 1)
                rows += "<td class=\"n\"\(label)>\(EscapedText.html(text))</td>"
            case .markup(let markup): rows += "<td\(label)>\(markup)</td>"
            }
        }
        rows += "</tr>\n"
    }

    /// Markup, escaped already, across the table; it belongs to the row above.
    mutating func addBelow(_ markup: String) {
        guard rowCount <= Self.rowsMax else { return }
        rows += "<tr class=\"below\"><td colspan=\"\(header.count)\">\(markup)</td></tr>\n"
    }

    var html: String {
        var heads = ""
        for (column, head) in header.enumerated() {
            let style = figureColumns.contains(column) ? " class=\"n\"" : ""
            heads += "<th scope=\"col\"\(style)>\(EscapedText.html(head))</th>"
        }
        let more =
            rowCount > Self.rowsMax
            ? "<p class=\"note\">\(FigureText.grouped(rowCount - Self.rowsMax)) more rows are in "
                + "summary.json.</p>\n" : ""
        return """
            <div class="wide" role="region" tabindex="0" aria-label="\(EscapedText.html(caption))">
            <table\(narrow == .stacks ? " class=\"stack\"" : "")><caption>\(EscapedText.html(caption))</caption>
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(rows)</tbody></table></div>
            \(more)
            """
    }
}
