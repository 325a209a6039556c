// SPDX-License-Identifier: Apache-2.0

internal import Journal
public import PostgresClient
internal import Primitives
internal import Synchronization

/// Writes the tables anew from a journal that nobody writes: what `stockade resync` does.
///
/// Emptied first, in one transaction with the mark; from then on they are the journal's image up to
/// their mark at every moment, however far it comes. One thread.
public struct TableRebuild: ~Copyable {
    /// What the tables were before.
    public struct Former: Sendable, Equatable {
        /// The journal's name, as Postgres writes a uuid.
        public var journal: String
        /// Whether that is the journal that they are made of now.
        public var isSame: Bool
        /// Up to which record.
        public var sequence: UInt64
    }

    /// Why it ended early.
    public enum Failure: Error, Sendable {
        /// Postgres failed; run it again.
        case postgres(PostgresError)
        /// It can't work like this.
        case forbidden(String)

        /// In words.
        public var explanation: String {
            switch self {
            case .postgres(let error): error.explanation
            case .forbidden(let text): text
            }
        }
    }

    /// Everything that follows the mark; the mark itself is set.
    private static let emptied =
        TableForm.all.map { "stockade.\($0.name)" } + ["stockade.stock", "stockade.order_events"]

    private let configuration: ProjectionConfiguration
    private let lastSequence: UInt64

    /// Names the journal and the record up to which it is whole.
    public init(_ configuration: ProjectionConfiguration, lastSequence: UInt64) {
        self.configuration = configuration
        self.lastSequence = lastSequence
    }

    /// What the tables are now; nil: there are none, or nothing was written to them. Makes them if need
    /// be.
    public func former() throws(Failure) -> Former? {
        do throws(SchemaError) {
            var keeper: SchemaKeeper
            do { keeper = SchemaKeeper(try PostgresConnection(configuration.conninfo)) } catch {
                throw SchemaError.postgres(error)
            }
            _ = try keeper.up()
        } catch {
            if case .postgres(let failure) = error { throw .postgres(failure) }
            throw .forbidden(error.explanation)
        }
        do throws(PostgresError) {
            var connection = try PostgresConnection(configuration.conninfo)
            guard let mark = try ProjectionMark.read(&connection) else { return nil }
            return Former(
                journal: mark.journal.text, isSame: mark.journal == configuration.identity.uuid,
                sequence: mark.sequence)
        } catch { throw .postgres(error) }
    }

    /// Empties the tables and writes them.
    ///
    /// - Parameters:
    ///   - note: told of records that were buried.
    ///   - progress: told of each transaction: the record up to which all is there, and rows so far.
    /// - Throws: `Failure`; the tables are the image up to their mark.
    public func run(
        note: @escaping (ProjectionNote) -> Void,
        progress: (_ sequence: UInt64, _ rows: UInt64) -> Void
    ) throws(Failure) {
        do throws(PostgresError) {
            var connection = try PostgresConnection(configuration.conninfo)
            try empty(&connection)
        } catch { throw .postgres(error) }
        let status = ProjectionStatus()
        let writer = ProjectionWriter(
            configuration, startSequence: lastSequence, status: status,
            interrupt: PostgresInterrupt(), note: note)
        do throws(ProjectionFault) {
            while try writer.step(upTo: lastSequence) {
                progress(
                    status.appliedSequence.load(ordering: .relaxed),
                    status.rows.load(ordering: .relaxed))
            }
        } catch {
            switch error {
            case .later(let failure), .rows(let failure): throw .postgres(failure)
            case .off(let text): throw .forbidden(text)
            }
        }
    }

    /// A new epoch shuts out whoever wrote there.
    private func empty(_ connection: inout PostgresConnection) throws(PostgresError) {
        let seconds = ProjectionLimits.emptyingTimeout.components.seconds
        try connection.pipeline(
            [
                .begin,
                .run("SET LOCAL lock_timeout = '\(seconds)s'"),
                .run("TRUNCATE \(TableRebuild.emptied.joined(separator: ", "))"),
                .run(
                    """
                    INSERT INTO stockade.state AS s (grp, journal, epoch, applied_seq, applied_tick)
                    VALUES ($1, $2, 1, 0, 0)
                    ON CONFLICT (grp) DO UPDATE SET journal = EXCLUDED.journal,
                        epoch = s.epoch + 1, applied_seq = 0, applied_tick = 0, applied_at = NULL,
                        updated_at = clock_timestamp()
                    """,
                    [.int2(ProjectionMark.group), .uuid(configuration.identity.uuid)]),
            ], timeout: ProjectionLimits.writeTimeout)
        // By itself: what is given up in between never happens later.
        try connection.execute("COMMIT")
    }
}
