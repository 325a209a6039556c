// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives
internal import Synchronization

/// Looks after a writer: how late it is, how long to wait after a failure, and what to say of it.
/// The writer's thread.
struct ProjectionWatch {
    private let source: ProjectionSource
    private let status: ProjectionStatus
    private let journalByteCountMax: Int
    private let log: (ProjectionNote) -> Void
    private var chance: Chance

    private var failures = 0
    private var lastFailure = ""
    private var failingSince: ContinuousClock.Instant?
    private var lastTold: ContinuousClock.Instant?
    private var isFollowing = false
    /// When everything durable was in the tables last.
    private var caughtUp: WallTime
    private var sampled = ContinuousClock.now
    private var sampledBytes: Int
    private var bytesPerSecond = 0.0

    private static let sampleInterval = Duration.seconds(10)

    init(
        _ source: ProjectionSource, _ status: ProjectionStatus, journalByteCountMax: Int,
        seed: UInt64, log: @escaping (ProjectionNote) -> Void
    ) {
        self.source = source
        self.status = status
        self.journalByteCountMax = journalByteCountMax
        self.log = log
        chance = Chance(seed: ~seed)
        caughtUp = source.wall()
        sampledBytes = source.usedByteCount()
    }

    // MARK: - What happened

    /// A step went well.
    mutating func worked(
        _ writer: ProjectionWriter, wrote: Bool, began: ContinuousClock.Instant
    ) {
        measure(writer)
        for warning in writer.takeWarnings() where warning.isAboutReplication {
            log(ProjectionNote(.warning, "a commit may be on the primary only: \(warning.message)"))
        }
        if wrote {
            let milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
            status.batchMillisecondsMax.max(milliseconds, ordering: .relaxed)
        }
        let behind = status.lagSequences.load(ordering: .relaxed)
        if let since = failingSince {
            let seconds = Int((ContinuousClock.now - since) / .seconds(1))
            log(ProjectionNote(.information, "writes again after \(seconds) s, \(lag) behind"))
        } else if !isFollowing {
            let applied = status.appliedSequence.load(ordering: .relaxed)
            log(
                ProjectionNote(
                    .information, "writing behind from record \(applied + 1), \(lag) behind"))
        } else if behind > 0, lagDuration > ProjectionLimits.lagWorthTelling, isTimeToTell {
            log(ProjectionNote(.warning, "\(lag) behind; \(budget)"))
            lastTold = .now
        }
        isFollowing = true
        failingSince = nil
        lastFailure = ""
        failures = 0
    }

    /// A step failed: says so, and for how long to wait.
    mutating func failed(_ error: PostgresError, _ writer: ProjectionWriter) -> Duration {
        measure(writer)
        status.retries.add(1, ordering: .relaxed)
        failingSince = failingSince ?? .now
        if error.explanation != lastFailure || isTimeToTell {
            lastFailure = error.explanation
            lastTold = .now
            let advice =
                error.kind == .refused && error.sqlState.hasPrefix("42")
                ? " (the tables or this user's rights aren't as needed: `stockade migrate verify`)"
                : ""
            log(
                ProjectionNote(
                    .warning,
                    "\(error.explanation)\(advice); trying again, \(lag) behind; \(budget)"))
        }
        failures += 1
        return pause()
    }

    private var isTimeToTell: Bool {
        guard let lastTold else { return true }
        return ContinuousClock.now - lastTold >= ProjectionLimits.reminderInterval
    }

    /// Doubles with each failure; half of it is chance, so that many servers don't come at once.
    private mutating func pause() -> Duration {
        let doubled = ProjectionLimits.pauseMin * (1 << min(failures - 1, 16))
        let whole = min(doubled, ProjectionLimits.pauseMax)
        return whole / 2 + whole / 2 * (Double(chance.next() >> 11) / Double(1 << 53))
    }

    // MARK: - How late

    private mutating func measure(_ writer: ProjectionWriter) {
        let used = source.usedByteCount()
        let durable = source.durableSequence()
        let applied = status.appliedSequence.load(ordering: .relaxed)
        let now = source.wall()
        let behind = durable > applied ? durable - applied : 0
        if behind == 0 { caughtUp = now }
        status.lagSequences.store(behind, ordering: .relaxed)
        status.lagBytes.store(writer.bytesBehind(used), ordering: .relaxed)
        let since = max(caughtUp.milliseconds, writer.appliedWall.milliseconds)
        status.lagMilliseconds.store(
            behind == 0 ? 0 : Int(max(now.milliseconds - since, 0)), ordering: .relaxed)
        sample(used)
    }

    private mutating func sample(_ used: Int) {
        let elapsed = ContinuousClock.now - sampled
        if elapsed >= ProjectionWatch.sampleInterval {
            bytesPerSecond = Double(max(used - sampledBytes, 0)) / (elapsed / .seconds(1))
            sampled = .now
            sampledBytes = used
        }
        let left = Double(max(journalByteCountMax - used, 0))
        status.outageBudgetSeconds.store(
            bytesPerSecond >= 1 ? Int(min(left / bytesPerSecond, 1e12)) : -1, ordering: .relaxed)
    }

    private var lagDuration: Duration {
        .milliseconds(status.lagMilliseconds.load(ordering: .relaxed))
    }

    /// `1,200 records (96 KiB, 3 s)`, without the commas.
    private var lag: String {
        let records = status.lagSequences.load(ordering: .relaxed)
        if records == 0 { return "nothing" }
        let bytes = status.lagBytes.load(ordering: .relaxed) >> 10
        let seconds = status.lagMilliseconds.load(ordering: .relaxed) / 1_000
        return "\(records) records (\(bytes) KiB, \(seconds) s)"
    }

    private var budget: String {
        let seconds = status.outageBudgetSeconds.load(ordering: .relaxed)
        return seconds < 0
            ? "the journal isn't growing"
            : "the journal has room for \(seconds) s more of this"
    }
}
