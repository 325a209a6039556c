// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Writes metrics as Prometheus reads them: the text format 0.0.4, or OpenMetrics 1.0.
struct Exposition {
    /// Which of the two.
    enum Format {
        case text, openMetrics

        var contentType: String {
            switch self {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics:
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// What a reader wants, by its `Accept`.
        init(accept: String?) {
            self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .text
        }
    }

    let format: Format
    private(set) var text = ""
    private var family: MetricFamily?

    init(_ format: Format) {
        self.format = format
        text.reserveCapacity(64 * 1024)
    }

    /// Upper bounds of `LatencyBuckets` in seconds, as both formats write them.
    static let bounds = [
        "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05",
        "0.1", "0.25", "0.5", "1.0", "+Inf",
    ]

    /// Begins a family; its samples follow.
    mutating func begin(_ family: MetricFamily) {
        self.family = family
        let name = headName(family)
        text += "# HELP \(name) \(Exposition.escapedHelp(family.help))\n"
        text += "# TYPE \(name) \(family.kind.rawValue)\n"
    }

    /// OpenMetrics names a counter without the suffix of its samples.
    private func headName(_ family: MetricFamily) -> String {
        format == .openMetrics && family.kind == .counter
            ? String(family.name.dropLast("_total".count)) : family.name
    }

    /// A sample of the family, with the values of its labels in their order.
    mutating func sample(_ value: some MetricValue, _ labels: String...) {
        guard let family else { preconditionFailure("a family comes first") }
        precondition(labels.count == family.labels.count)
        text += family.name
        writeLabels(family, labels)
        text += " \(value.metricText)\n"
    }

    /// A family with one sample.
    mutating func write(_ family: MetricFamily, _ value: some MetricValue) {
        begin(family)
        sample(value)
    }

    /// A histogram of the family: counts by bucket of `LatencyBuckets`, not yet added up.
    mutating func histogram(_ buckets: [UInt64], nanoseconds: UInt64, _ labels: String...) {
        guard let family else { preconditionFailure("a family comes first") }
        precondition(labels.count == family.labels.count && buckets.count == LatencyBuckets.count)
        var total: UInt64 = 0
        for index in 0..<buckets.count {
            total += buckets[index]
            text += "\(family.name)_bucket"
            writeLabels(family, labels, le: Exposition.bounds[index])
            text += " \(total)\n"
        }
        text += "\(family.name)_sum"
        writeLabels(family, labels)
        text += " \((Double(nanoseconds) / 1e9).metricText)\n\(family.name)_count"
        writeLabels(family, labels)
        text += " \(total)\n"
    }

    /// Ends the exposition.
    mutating func end() {
        if format == .openMetrics { text += "# EOF\n" }
    }

    private mutating func writeLabels(_ family: MetricFamily, _ values: [String], le: String? = nil)
    {
        guard !values.isEmpty || le != nil else { return }
        text += "{"
        for index in 0..<values.count {
            if index > 0 { text += "," }
            text += "\(family.labels[index])=\"\(Exposition.escaped(values[index]))\""
        }
        if let le { text += values.isEmpty ? "le=\"\(le)\"" : ",le=\"\(le)\"" }
        text += "}"
    }

    static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func escapedHelp(_ help: String) -> String {
        precondition(!help.contains("\n") && !help.contains("\\") && !help.contains("\""))
        return help
    }
}

/// A number that a sample may have.
protocol MetricValue {
    var metricText: String { get }
}

extension UInt64: MetricValue {
    var metricText: String { "\(self)" }
}

extension Int: MetricValue {
    var metricText: String { "\(self)" }
}

extension Double: MetricValue {
    var metricText: String {
        isNaN ? "NaN" : isInfinite ? (self < 0 ? "-Inf" : "+Inf") : "\(self)"
    }
}
