// SPDX-License-Identifier: Apache-2.0

/// What following a journal may take, each with its reason.
public enum ProjectionLimits {
    /// How often the journal is looked at when nothing is left to write. Nobody wakes the writer:
    /// the thread that commits must not pay for it.
    public static let pollInterval = Duration.milliseconds(10)
    /// How much lower the writer's thread ranks than the sale's: a tenth of a core that both want.
    static let niceness: Int32 = 10
    /// The least time from one transaction to the next while all that is there fits into one: each
    /// costs Postgres a flush, on a disk that may be the journal's too.
    public static let batchInterval = Duration.milliseconds(50)
    /// Rows up to which everything goes in one pipeline; COPY costs a round trip for each table.
    public static let pipelineRowsMax = 200
    /// How long connecting and small questions may take.
    public static let askTimeout = Duration.seconds(10)
    /// How long a server that starts waits for Postgres's answer to whose tables it has.
    public static let probeTimeout = Duration.seconds(3)
    /// How long a transaction may take. Then its connection is given up, and the mark tells.
    public static let writeTimeout = Duration.seconds(60)
    /// How long reading what must be known may take, once at a start: reservations that are held are
    /// found by looking at all there ever were.
    public static let loadTimeout = Duration.seconds(3_600)
    /// How long to wait for readers before the tables are emptied.
    static let emptyingTimeout = Duration.seconds(50)
    /// The pause after a first failure, and the longest after many. Half of it is left to chance.
    static let pauseMin = Duration.milliseconds(100)
    static let pauseMax = Duration.seconds(5)
    /// How often somebody is reminded of what goes on.
    static let reminderInterval = Duration.seconds(60)
    /// From so much on it is said that the tables are late.
    static let lagWorthTelling = Duration.seconds(5)
    /// Records that may be buried by one writer: more aren't bad records but wrong tables.
    public static let deadLettersMax = 1_000
    /// Codes, accounts and holds at most, each: what the server's bounds may be set to.
    static let bookMax = 1 << 28
    /// Partitions of `movements` at most: fifty years of days.
    static let daysMax = 20_000
    /// Rows read from the tables at a time.
    static let rowsPerFetch = 10_000
    /// A new epoch is so much above the last one at most, by chance.
    static let epochStride: UInt64 = 1 << 20
}
