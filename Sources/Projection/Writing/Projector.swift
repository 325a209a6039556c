// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Journal
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
    private let interrupt = PostgresInterrupt()
    private let isFinishing = Atomic<Bool>(false)
    private let hasEnded = Atomic<Bool>(false)

    /// Prepares; nothing is connected yet.
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
    }

    /// Whether a connection string can be read; the message says what is wrong with it.
    public static func problem(of conninfo: String) -> String? {
        do throws(PostgresError) {
            try PostgresConnection.check(conninfo)
            return nil
        } catch { return error.explanation }
    }

    /// Asks, before a server serves, whether the tables know more of this journal than the journal does.
    /// Takes `ProjectionLimits.probeTimeout` for each of a few questions at most; a Postgres that doesn't
    /// answer is no obstacle.
    ///
    /// - Returns: why the server mustn't start, or nil.
    public func obstacle() -> String? {
        do throws(PostgresError) {
            var connection = try PostgresConnection(
                configuration.conninfo, timeout: ProjectionLimits.probeTimeout)
            let state = try SchemaKeeper.state(&connection)
            guard state != .missing, !state.isForbidden,
                let mark = try ProjectionMark.read(&connection),
                mark.journal == configuration.identity.uuid
            else { return nil }
            let durable = source.durableSequence()
            guard mark.sequence > durable else { return nil }
            return mark.objection(mark.journal, durable: durable, known: 0)
        } catch {
            log(ProjectionNote(.warning, "\(error.explanation); the sale begins without it"))
            return nil
        }
    }

    /// Follows the journal until `finish`. Blocks; a thread of its own.
    public func run() {
        defer { hasEnded.store(true, ordering: .releasing) }
        let writer = ProjectionWriter(
            configuration, status: status, interrupt: interrupt, note: log)
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

    /// Lets it write what is left, for so long at most, and ends it. Blocks until `run` has ended;
    /// any thread but that one's.
    public func finish(within duration: Duration) {
        isFinishing.store(true, ordering: .releasing)
        let end = ContinuousClock.now + duration
        while !hasEnded.load(ordering: .acquiring) {
            if ContinuousClock.now >= end { interrupt.raise() }
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
