// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Journal
internal import PostgresClient
internal import Primitives
internal import Synchronization

/// Keeps Postgres's tables behind a journal, whatever Postgres does.
///
/// `run` has a thread of its own and never stops the journal's: it looks at the durable sequence and
/// reads the segments. What fails is tried again, less and less often; what can't be mended by trying
/// again is told, and told again.
public final class Projector: Sendable {
    /// Where it is.
    public let status = ProjectionStatus()
    private let configuration: ProjectionConfiguration
    private let source: ProjectionSource
    private let log: @Sendable (ProjectionNote) -> Void
    private let startSequence: UInt64
    private let interrupt = PostgresInterrupt()
    private let isFinishing = Atomic<Bool>(false)
    private let hasEnded = Atomic<Bool>(false)

    /// Prepares, before the journal is written to; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: which journal, and where to.
    ///   - source: how far the journal is.
    ///   - log: told what somebody should know, on the thread of `run`.
    public init(
        _ configuration: ProjectionConfiguration, source: ProjectionSource,
        log: @escaping @Sendable (ProjectionNote) -> Void
    ) {
        self.configuration = configuration
        self.source = source
        self.log = log
        startSequence = source.durableSequence()
    }

    /// Whether a connection string can be read; the message says what is wrong with it.
    public static func problem(of conninfo: String) -> String? {
        do throws(PostgresError) {
            try PostgresConnection.check(conninfo)
            return nil
        } catch { return error.explanation }
    }

    /// Asks, before a server begins, whether the tables know more of its journal than the journal does.
    /// Takes `ProjectionLimits.probeTimeout` for each of a few questions at most; a Postgres that doesn't
    /// answer is no obstacle.
    ///
    /// - Parameters:
    ///   - conninfo: where Postgres is.
    ///   - identity: of the journal.
    ///   - lastSequence: the journal's last record.
    ///   - log: told when Postgres didn't answer.
    /// - Returns: why the server mustn't start, or nil.
    public static func obstacle(
        _ conninfo: String, _ identity: JournalIdentity, lastSequence: UInt64,
        log: (ProjectionNote) -> Void
    ) -> String? {
        do throws(PostgresError) {
            var connection = try PostgresConnection(
                conninfo, timeout: ProjectionLimits.probeTimeout)
            let state = try SchemaKeeper.state(&connection)
            guard state != .missing, !state.isForbidden,
                let mark = try ProjectionMark.read(&connection),
                mark.journal == identity.uuid, mark.sequence > lastSequence
            else { return nil }
            return mark.objection(mark.journal, durable: lastSequence, known: 0)
        } catch {
            log(ProjectionNote(.warning, "\(error.explanation); the sale begins without it"))
            return nil
        }
    }

    /// Follows the journal until `finish`. Blocks; a thread of its own.
    public func run() {
        defer { hasEnded.store(true, ordering: .releasing) }
        // The calling thread alone, on Linux. Where it isn't allowed, it goes on as it is.
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, ProjectionLimits.niceness)
        let writer = ProjectionWriter(
            configuration, startSequence: startSequence, status: status, interrupt: interrupt,
            note: log)
        var watch = ProjectionWatch(
            source, status, journalByteCountMax: configuration.journalByteCountMax,
            seed: configuration.seed, log: log)
        while !interrupt.isRaised {
            let durable = source.durableSequence()
            let began = ContinuousClock.now
            do throws(ProjectionFault) {
                let wrote = try writer.step(upTo: durable)
                watch.worked(writer, wrote: wrote, began: began)
                let isDone = status.appliedSequence.load(ordering: .relaxed) >= durable
                if isDone, isFinishing.load(ordering: .acquiring) {
                    if durable == source.durableSequence() { return }
                } else if isDone {
                    sleep(
                        wrote
                            ? max(
                                ProjectionLimits.pollInterval,
                                ProjectionLimits.batchInterval - (ContinuousClock.now - began))
                            : ProjectionLimits.pollInterval)
                }
            } catch {
                switch error {
                case .off(let text): return stayOff(text)
                case .later(let failure), .rows(let failure):
                    if isFinishing.load(ordering: .acquiring) { return }
                    sleep(watch.failed(failure, writer))
                }
            }
        }
    }

    /// Lets it write what is left, for so long at most, and ends it. Any thread but that of `run`.
    ///
    /// Returns when `run` has ended, or a second after it was told to: a host's name that is being
    /// looked up can't be interrupted, and what isn't committed by then is written at the next start.
    public func finish(within duration: Duration) {
        isFinishing.store(true, ordering: .releasing)
        let end = ContinuousClock.now + duration
        while !hasEnded.load(ordering: .acquiring) {
            let over = ContinuousClock.now - end
            if over >= .zero { interrupt.raise() }
            if over >= .seconds(1) { return }
            usleep(5_000)
        }
    }

    private func stayOff(_ text: String) {
        status.phase.store(.off, ordering: .relaxed)
        while !isFinishing.load(ordering: .acquiring) {
            log(ProjectionNote(.alarm, "off: \(text)"))
            sleep(ProjectionLimits.reminderInterval)
        }
    }

    /// Sleeps, not longer than until somebody wants it to end.
    private func sleep(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            usleep(UInt32(min(left, ProjectionLimits.pollInterval) / .microseconds(1)))
            if isFinishing.load(ordering: .relaxed) || interrupt.isRaised { return }
        }
    }
}
