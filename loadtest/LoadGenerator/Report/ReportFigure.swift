// SPDX-License-Identifier: Apache-2.0

/// A chart with what is said around it.
struct ReportFigure {
    var heading: String
    /// Inline SVG.
    var svg: String
    /// In words, for everybody.
    var caption: String
    /// Names of the lines with their classes in the style.
    var legend: [(name: String, style: String)]

    var html: String {
        var keys = ""
        for entry in legend {
            keys += "<li>\(Self.key(entry.style))\(EscapedText.html(entry.name))</li>"
        }
        return """
            <figure>
            <h3>\(EscapedText.html(heading))</h3>
            <ul class="legend">\(keys)</ul>
            <div class="wide" role="region" tabindex="0" \
            aria-label="\(EscapedText.html(heading)), chart">
            \(svg)</div>
            <figcaption>\(EscapedText.html(caption))</figcaption>
            </figure>

            """
    }

    private static func key(_ style: String) -> String {
        let shape =
            style == "bound"
            ? "<path class=\"bound\" d=\"M13,1h12l-6,10z\"/>"
            : style.hasPrefix("f")
                ? "<rect class=\"area \(style)\" x=\"8\" y=\"0\" width=\"22\" height=\"12\"/>"
                : "<path class=\"line \(style)\" d=\"M1,6h36\"/>"
        return "<svg class=\"key\" viewBox=\"0 0 38 12\" width=\"38\" height=\"12\" "
            + "aria-hidden=\"true\">\(shape)</svg>"
    }
}
