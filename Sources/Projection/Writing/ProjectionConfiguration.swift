// SPDX-License-Identifier: Apache-2.0

public import Journal
public import Primitives

/// Which journal is followed, and where its image goes.
public struct ProjectionConfiguration: Sendable {
    /// libpq's connection string; see `PostgresConnection`.
    public var conninfo: String
    /// The directory of the journal's segments.
    public var journalPath: String
    /// Which journal that is.
    public var identity: JournalIdentity
    /// Of the server that writes it.
    public var journalEpoch: UInt64
    /// What the journal may take in bytes: how long an outage it can bear.
    public var journalByteCountMax: Int
    /// How much one transaction takes.
    public var limits = BatchLimits()
    /// Where chance begins: the pauses after failures are spread by it.
    public var seed: UInt64 = 0
    #if PlantedFaults
        /// The promise that is broken.
        public var plant: ProjectionPlant?
    #endif

    /// Names each part.
    public init(
        conninfo: String, journalPath: String, identity: JournalIdentity, journalEpoch: UInt64,
        journalByteCountMax: Int
    ) {
        self.conninfo = conninfo
        self.journalPath = journalPath
        self.identity = identity
        self.journalEpoch = journalEpoch
        self.journalByteCountMax = journalByteCountMax
    }
}

/// What is asked of the journal while it is written; each may be called on the writer's thread.
public struct ProjectionSource: Sendable {
    /// Up to which record all is on disk.
    public var durableSequence: @Sendable () -> UInt64
    /// Bytes of the journal in use.
    public var usedByteCount: @Sendable () -> Int
    /// Now, for people.
    public var wall: @Sendable () -> WallTime

    /// Names each part.
    public init(
        durableSequence: @escaping @Sendable () -> UInt64,
        usedByteCount: @escaping @Sendable () -> Int, wall: @escaping @Sendable () -> WallTime
    ) {
        self.durableSequence = durableSequence
        self.usedByteCount = usedByteCount
        self.wall = wall
    }
}

#if PlantedFaults
    /// Promises that can be broken on purpose, to prove checkers.
    public enum ProjectionPlant: Sendable {
        /// The mark goes back after a commit, so that a batch is written once more.
        case applyBatchTwice
        /// Writes although another writer has taken over.
        case forgetFence
    }
#endif
