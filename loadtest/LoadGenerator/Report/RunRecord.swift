// SPDX-License-Identifier: Apache-2.0

public import Histogram

/// Everything that a report says of a run.
public struct RunRecord: Sendable {
    /// A histogram of microseconds, 1 µs to 1 h, three digits.
    public typealias Latency = Histogram<UInt64>

    /// The scenario's name.
    public var name = ""
    /// In hexadecimal.
    public var runID = ""
    /// Seed of every draw.
    public var seed: UInt64 = 0
    /// The brand that was sold.
    public var brand = ""
    /// HOST:PORT.
    public var target = ""
    /// When the first call could be due, Unix milliseconds, UTC.
    public var startUnixMilliseconds: Int64 = 0
    /// From the start to the last answer of a journey, without the closing phase.
    public var seconds = 0.0
    /// The load tester's version.
    public var version = ""
    /// Words of the command line.
    public var commandLine: [String] = []
    /// The machine and its software, in the order in which it is shown.
    public var environment: [Fact] = []
    /// Stage after stage.
    public var stages: [StageRecord] = []
    /// Second after second since the start.
    public var slices: [Slice] = []
    /// Faults and other things that happened, by time.
    public var events: [RunEvent] = []
    /// Kind by kind, those that occurred.
    public var calls: [CallRecord] = []
    /// By how much the generator itself was late: due to handed over.
    public var lag = RunRecord.emptyLatency
    /// From handed over to written: room for streams, flow control, the socket.
    public var wait = RunRecord.emptyLatency
    /// Calls and shed journeys of measured stages, and those among them that failed.
    public var measuredCalls = 0
    /// See `measuredCalls`.
    public var measuredFailures = 0
    /// Journeys that ended as they should, were cut short by a refusal, or by a call without an answer.
    public var journeys = JourneyCounts()
    /// What was left of the flash SKUs, as the server itself said once a second.
    public var burnDown: [BurnDown] = []
    /// Units of the whole flash set, and what of them is sold at the very end, by the journal; nil: it wasn't
    /// joined.
    public var flashUnits: Int64 = 0
    /// See `flashUnits`.
    public var flashUnitsSold: Int64?
    /// Whether the figures can be believed.
    public var validity = Validity()
    /// Whether the sale was right; in the order of `CheckName`.
    public var checks: [CheckResult] = []
    /// Whether the journal was joined with the ledger; else only the client side was checked.
    public var journalChecked = false
    /// How far Postgres had come; nil: none was named, or it couldn't be looked at.
    public var postgres: PostgresRecord?
    /// Faults of the scenario that were left out because there was nothing of ours to break, in words.
    public var faultsLeftOut: [String] = []
    /// Whether the bounds were kept.
    public var objectives: [ObjectiveResult] = []
    /// What the run ends with, and why.
    public var ending = Ending()

    /// A fact about a run.
    public struct Fact: Equatable, Sendable {
        /// What it is about.
        public var name: String
        /// What it is.
        public var text: String

        /// Names both.
        public init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    /// A run without a call.
    public init() {}

    /// An empty histogram.
    public static var emptyLatency: Latency {
        Latency(
            lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000,
            numberOfSignificantValueDigits: .three)
    }
}

/// A stage as it went.
public struct StageRecord: Sendable {
    /// Its name.
    public var name = ""
    /// When it began, in seconds since the start.
    public var begin = 0.0
    /// How long it was to last.
    public var seconds = 0.0
    /// Whether its calls count in the percentiles.
    public var isMeasured = true
    /// Journeys that were due in it.
    public var offered = 0
    /// Journeys that began.
    public var begun = 0
    /// Due to final answer, of the calls that were due in it; time-outs at their elapsed time.
    public var response = RunRecord.emptyLatency

    /// A stage without a journey.
    public init() {}
}

/// One second of a run. Counts are of calls, by the second in which they were due (`due`, `sent`) or
/// ended (the rest).
public struct Slice: Equatable, Sendable {
    /// Seconds since the start, at its begin.
    public var second = 0
    /// Calls due.
    public var due = 0
    /// Calls sent for the first time.
    public var sent = 0
    /// Answered OK.
    public var ok = 0
    /// Answered with a business refusal: sold out, ended before, not found.
    public var refused = 0
    /// Failed for good: no answer in time, or a status that is no business answer.
    public var failed = 0
    /// Attempts after the first.
    public var retried = 0
    /// Journeys shed because they were too late.
    public var shed = 0
    /// Calls in flight at its end.
    public var inFlight = 0
    /// Final answers by gRPC status number; index 17: ended without one.
    public var statuses = [Int](repeating: 0, count: 18)
    /// Microseconds, of the calls that ended in it; 0: none did.
    public var p50: UInt64 = 0
    /// See `p50`.
    public var p90: UInt64 = 0
    /// See `p50`.
    public var p99: UInt64 = 0
    /// See `p50`.
    public var p999: UInt64 = 0
    /// See `p50`.
    public var max: UInt64 = 0
    /// The generator's own lag, microseconds.
    public var lagP99: UInt64 = 0

    /// An empty second.
    public init() {}
}

/// Something that happened.
public struct RunEvent: Equatable, Sendable {
    /// Seconds since the start.
    public var seconds: Double
    /// A word for programs: `kill`, `restart`, `stop`, `continue`, `cut`, `abort`, `interrupt`, `closing`;
    /// of Postgres `postgres-kill`, `postgres-restart`, `postgres-stop`, `postgres-continue`, `postgres-end`.
    public var kind: String
    /// A sentence for people.
    public var text: String

    /// Names the parts.
    public init(seconds: Double, kind: String, text: String) {
        self.seconds = seconds
        self.kind = kind
        self.text = text
    }
}

/// One kind of call over the measured stages.
public struct CallRecord: Sendable {
    /// Which.
    public var kind: CallKind
    /// Over the whole run, warm-up included: calls with a final answer OK, refused, failed.
    public var ok = 0
    /// See `ok`.
    public var refused = 0
    /// See `ok`.
    public var failed = 0
    /// Attempts after the first.
    public var retried = 0
    /// Answers marked as replays.
    public var replays = 0
    /// Refusals and failures by reason, where one was given; most frequent first.
    public var reasons: [(name: String, count: Int)] = []
    /// All that wasn't OK, by status and reason, most frequent first.
    public var otherAnswers: [(name: String, count: Int)] = []
    /// Due to final answer, measured stages: the headline. Time-outs at their elapsed time.
    public var response = RunRecord.emptyLatency
    /// Written to answered, measured stages.
    public var service = RunRecord.emptyLatency

    /// A kind that nobody called.
    public init(_ kind: CallKind) { self.kind = kind }
}

/// How journeys ended.
public struct JourneyCounts: Equatable, Sendable {
    /// That were due in the whole run, as far as it went.
    public var offered = 0
    /// That began.
    public var begun = 0
    /// At their last step.
    public var completed = 0
    /// By a business refusal.
    public var refused = 0
    /// By a call without a final answer.
    public var failed = 0
    /// Never begun: too late.
    public var shed = 0

    /// None.
    public init() {}
}

/// What was left of a SKU over time.
public struct BurnDown: Equatable, Sendable {
    /// A reading.
    public struct Point: Equatable, Sendable {
        /// Seconds since the start.
        public var seconds: Double
        /// Units that nobody has.
        public var available: Int64
        /// Units held.
        public var held: Int64
        /// Units sold.
        public var allocated: Int64

        /// Names the parts.
        public init(seconds: Double, available: Int64, held: Int64, allocated: Int64) {
            self.seconds = seconds
            self.available = available
            self.held = held
            self.allocated = allocated
        }
    }

    /// The SKU's code.
    public var sku: String
    /// What there was.
    public var units: Int64
    /// By time.
    public var points: [Point] = []

    /// Names a SKU without a reading.
    public init(sku: String, units: Int64) {
        self.sku = sku
        self.units = units
    }
}

/// Whether a measurement can be believed.
public struct Validity: Equatable, Sendable {
    /// The verdict; the worst finding decides.
    public enum Verdict: String, Comparable, Sendable {
        /// It can.
        case valid = "VALID"
        /// It can, with what the findings say in mind.
        case degraded = "DEGRADED"
        /// It can't; the run can't pass.
        case invalid = "INVALID"

        /// Better is less.
        public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }
        private var rank: Int { self == .valid ? 0 : self == .degraded ? 1 : 2 }
    }

    /// One of the questions that are asked of every run.
    public struct Finding: Equatable, Sendable {
        /// The question, a few words: `achieved / offered`.
        public var name: String
        /// What it means for the verdict.
        public var verdict: Verdict
        /// The figure beside its bound.
        public var text: String

        /// Names the parts.
        public init(name: String, verdict: Verdict, text: String) {
            self.name = name
            self.verdict = verdict
            self.text = text
        }
    }

    /// Every question, answered.
    public var findings: [Finding] = []
    /// The worst of them.
    public var verdict: Verdict { findings.map(\.verdict).max() ?? .valid }

    /// Nothing was asked.
    public init() {}
}

/// A bound beside what was measured.
public struct ObjectiveResult: Equatable, Sendable {
    /// The bound.
    public var objective: Objective
    /// What was measured, in the metric's unit; nil: too few calls to say.
    public var figure: Double?
    /// Whether it was kept; false without a figure.
    public var isKept: Bool

    /// Names the parts.
    public init(objective: Objective, figure: Double?, isKept: Bool) {
        self.objective = objective
        self.figure = figure
        self.isKept = isKept
    }
}

/// What a run ends with.
public struct Ending: Equatable, Sendable {
    /// `stampede`'s exit code.
    public var exitCode: Int32 = 0
    /// PASS, FAIL, INVALID, ABORTED, INTERRUPTED or ERROR.
    public var verdict = "PASS"
    /// Every reason, the decisive one first.
    public var reasons: [String] = []

    /// A pass.
    public init() {}
}
