// SPDX-License-Identifier: Apache-2.0

/// What reports call things.
enum ReportNames {
    /// gRPC's statuses by number; 17: none came.
    static let statuses = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
        "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED", "no answer",
    ]

    /// What an exit code says.
    static func exitCode(_ code: Int32) -> String {
        switch code {
        case 0: "all right"
        case 1: "could not start or finish"
        case 2: "bad flags or scenario"
        case 3: "an objective was missed"
        case 4: "the sale was not right"
        case 5: "the measurement can't be believed"
        case 6: "stopped by an abort rule"
        case 8: "refused for safety"
        case 130, 143: "interrupted; objectives don't count"
        default: "ended otherwise"
        }
    }
}

extension CheckName {
    /// What holds where the check passes.
    var claim: String {
        switch self {
        case .oversold: "no unit was promised twice"
        case .conservation: "stock = free + held + sold"
        case .lost: "what was acknowledged is in the journal"
        case .phantom: "nothing is there that nobody asked for"
        case .duplicate: "one id, one effect"
        case .unknown: "calls without an answer took effect once or not at all"
        case .expiry: "what wasn't confirmed came back, once"
        case .race: "of confirm, release and expiry one won"
        case .undersold: "nobody was refused while there was enough"
        case .postgres: "Postgres holds the same, row by row, at its mark"
        }
    }
}

extension Metric {
    /// A figure of this metric, with its unit.
    func text(_ figure: Double) -> String {
        switch self {
        case .response, .lag: FigureText.microseconds(figure)
        case .errorRate, .achieved: FigureText.percent(figure)
        case .inFlight: FigureText.short(figure)
        case .recoveryTime: FigureText.seconds(figure)
        }
    }

    /// The unit's name in files.
    var unitName: String {
        switch self {
        case .response, .lag: "us"
        case .errorRate, .achieved: "share"
        case .inFlight: "calls"
        case .recoveryTime: "s"
        }
    }
}

extension ObjectiveResult {
    /// What was measured.
    var figureText: String {
        figure.map { objective.metric.text($0) } ?? objective.metric.unknownText
    }

    /// How far the figure is from its bound, as a share of the bound, above 0 where it is kept; nil
    /// without a figure, or with a bound of 0.
    var margin: Double? {
        guard let figure, figure.isFinite, objective.bound != 0 else { return nil }
        let distance = (objective.bound - figure) / abs(objective.bound)
        switch objective.comparison {
        case .less, .atMost: return distance
        case .greater, .atLeast: return -distance
        }
    }

    /// `58% to spare`, `12% beyond`.
    var marginText: String {
        guard let figure else { return "" }
        guard let margin else { return isKept ? "kept" : "by \(objective.metric.text(figure))" }
        // A bound of 100% that is met exactly has nothing to spare and isn't missed either.
        if margin == 0 { return "exactly" }
        return FigureText.percent(abs(margin)) + (margin > 0 ? " to spare" : " beyond")
    }
}

extension Metric {
    /// What it means that there is no figure.
    var unknownText: String {
        self == .recoveryTime ? "it never recovered" : "too few calls to say"
    }
}
