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

    /// Rows of one table; more are counted, not shown.
    static let rowsMax = 200

    private let caption: String
    private let header: [String]
    private var rows = ""
    private var rowCount = 0
    private var figureColumns: Set<Int> = []

    init(_ caption: String, _ header: [String]) {
        self.caption = caption
        self.header = header
    }

    /// The first cell is the row's head.
    mutating func add(_ head: String, _ cells: [Cell], style: String = "") {
        rowCount += 1
        guard rowCount <= Self.rowsMax else { return }
        rows += style.isEmpty ? "<tr>" : "<tr class=\"\(style)\">"
        rows += "<th scope=\"row\">\(EscapedText.html(head, limit: 300))</th>"
        for (column, cell) in cells.enumerated() {
            switch cell {
            case .text(let text): rows += "<td>\(EscapedText.html(text, limit: 600))</td>"
            case .figure(let text):
                figureColumns.insert(column + 1)
                rows += "<td class=\"n\">\(EscapedText.html(text))</td>"
            case .markup(let markup): rows += "<td>\(markup)</td>"
            }
        }
        rows += "</tr>\n"
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
            <table><caption>\(EscapedText.html(caption))</caption>
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(rows)</tbody></table></div>
            \(more)
            """
    }
}
