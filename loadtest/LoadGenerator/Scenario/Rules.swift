// SPDX-License-Identifier: Apache-2.0

/// What is verified of a sale.
public enum CheckName: String, CaseIterable, Sendable {
    /// No unit was promised twice, and the journal's equations hold.
    case oversold
    /// What there was = what is free + held + sold.
    case conservation
    /// Whatever was acknowledged is in the journal, crash or not.
    case lost
    /// Whatever is in the journal was asked for, and nothing that was refused is there.
    case phantom
    /// One id, one effect; a first attempt is never answered as a replay, a replay never otherwise than
    /// the first time.
    case duplicate
    /// Whatever had no answer had its effect once or not at all.
    case unknown
    /// What wasn't confirmed in time came back, and once.
    case expiry
    /// Of confirm, release and expiry exactly one wins.
    case race
    /// Nobody was refused while there was enough, and at the end nothing is left.
    case undersold
    /// Postgres has what the journal has, row by row, up to the record that it has come to.
    case postgres
}

/// What a broken rule means.
public enum CheckLevel: String, CaseIterable, Sendable {
    /// Exit code 4.
    case fail
    /// It is said, and nothing follows.
    case warn
    /// It isn't looked at.
    case off
}

/// What bounds may speak of.
public enum Metric: Equatable, Sendable {
    /// Microseconds from due to the final answer, of one kind of call or of all; `percentile` 0 to 100.
    case response(CallKind?, percentile: Double)
    /// Calls that failed (no answer, shed, a status that isn't a business answer), of all due: 0 to 1.
    case errorRate
    /// Calls sent, of those due: 0 to 1.
    case achieved
    /// Microseconds of the generator's own lag at a percentile.
    case lag(percentile: Double)
    /// Calls in flight.
    case inFlight
    /// Seconds from a fault until latency is as before, the longest of all faults.
    case recoveryTime

    /// Whether its figure is a share, 0 to 1.
    public var isShare: Bool { self == .errorRate || self == .achieved }
}

/// How a figure is held against its bound.
public enum Comparison: String, Equatable, Sendable, CaseIterable {
    /// Below.
    case less = "<"
    /// Below or equal.
    case atMost = "<="
    /// Above.
    case greater = ">"
    /// Above or equal.
    case atLeast = ">="

    /// Whether `figure` stands to `bound` as this says.
    public func holds(_ figure: Double, _ bound: Double) -> Bool {
        switch self {
        case .less: figure < bound
        case .atMost: figure <= bound
        case .greater: figure > bound
        case .atLeast: figure >= bound
        }
    }
}

/// A bound that a run must keep: `Reserve.p99 < 10ms`.
public struct Objective: Equatable, Sendable {
    /// As it was written.
    public var text: String
    /// What is measured.
    public var metric: Metric
    /// How it must stand to the bound.
    public var comparison: Comparison
    /// In the metric's unit.
    public var bound: Double

    /// Names the parts.
    public init(text: String, metric: Metric, comparison: Comparison, bound: Double) {
        self.text = text
        self.metric = metric
        self.comparison = comparison
        self.bound = bound
    }
}

/// When a run is stopped: `error_rate > 20% for 5s`, judged second by second.
public struct AbortRule: Equatable, Sendable {
    /// What must be true.
    public var condition: Objective
    /// For so many seconds on end, 1 to 3,600.
    public var seconds: Int

    /// Names the parts.
    public init(condition: Objective, seconds: Int) {
        self.condition = condition
        self.seconds = seconds
    }
}

/// What breaks.
public struct Fault: Equatable, Sendable {
    /// Nanoseconds since the start.
    public var at: UInt64
    /// What happens then.
    public var kind: Kind
    /// Whether it is left out where there is no Postgres of our own; only of what breaks Postgres.
    public var isOptional: Bool

    /// A way to break.
    public enum Kind: Equatable, Sendable {
        /// SIGKILL to the server; started again after so long.
        case kill(restartAfter: UInt64)
        /// SIGSTOP, and SIGCONT after so long.
        case stop(lasting: UInt64)
        /// So large a part of the connections is closed, above 0 to 1.
        case cut(share: Double)
        /// SIGKILL to all of Postgres; started again after so long.
        case killPostgres(restartAfter: UInt64)
        /// SIGSTOP to all of Postgres, and SIGCONT after so long.
        case stopPostgres(lasting: UInt64)

        /// Whether only a server that we started may be treated like that.
        public var needsOwnServer: Bool {
            switch self {
            case .kill, .stop: true
            case .cut, .killPostgres, .stopPostgres: false
            }
        }

        /// Whether only a Postgres that we started may be treated like that.
        public var needsOwnPostgres: Bool {
            switch self {
            case .killPostgres, .stopPostgres: true
            case .kill, .stop, .cut: false
            }
        }
    }

    /// Names the parts.
    public init(at: UInt64, kind: Kind, isOptional: Bool = false) {
        self.at = at
        self.kind = kind
        self.isOptional = isOptional
    }
}
