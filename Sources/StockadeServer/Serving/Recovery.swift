// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Logging
internal import Primitives
internal import ReservationCore
internal import Synchronization
internal import Transport

/// From a data directory to a core that knows everything that was acknowledged, and a journal that
/// takes the next record.
struct Recovery: ~Copyable {
    /// Between two lines about a long replay.
    private static let progressInterval = Duration.seconds(5)

    /// Locked for as long as this lives.
    let directory: DataDirectory
    let core: ReservationCore<JournalSink>
    let journal: Journal<FileStore>
    /// Where time goes on.
    let tick: Tick
    /// What is durable already.
    let durableSequence: UInt64
    let identity: JournalIdentity

    /// Locks, reads, replays, and begins a new epoch. Takes about a second per gigabyte of tables
    /// and per million records.
    static func run(
        _ configuration: ServerConfiguration, data: String, life: ServerLife, log: Logger
    ) throws(ServerFailure) -> Recovery {
        let directory: DataDirectory
        do {
            directory = try DataDirectory(data, lock: .exclusive)
        } catch { throw ServerFailure(.forbidden, error.explanation) }
        do {
            return try read(configuration, directory, life: life, log: log)
        } catch let fault as JournalFault {
            throw ServerFailure(
                fault.isCorruption ? .corruptJournal : .failed, fault.explanation)
        } catch let fault as ReplayFault {
            throw failure(fault)
        } catch let failure as ServerFailure {
            throw failure
        } catch let error as StoreError {
            throw ServerFailure(
                .forbidden,
                error.isFull
                    ? "no space for the journal in \(data): it needs at least "
                        + "\(JournalLimits.segmentByteCountMin >> 20) MiB more"
                    : error.explanation)
        } catch { throw ServerFailure(.failed, "\(error)") }
    }

    private static func read(
        _ configuration: ServerConfiguration, _ directory: consuming DataDirectory,
        life: ServerLife, log: Logger
    ) throws -> Recovery {
        let store = try settle(directory.journalPath)
        var scan = try JournalScan(store)
        let identity = scan.identity ?? Entropy.journalIdentity()
        var bounds = configuration.core
        bounds.hashKey = identity.hashKey
        let queue = CommitQueue(journalByteCountMax: configuration.journalByteCountMax)
        let core = ReservationCore(bounds, sink: JournalSink(queue))
        let end = try replay(&scan, into: core, life: life, log: log)
        try core.finishReplay(at: end.highestTick)
        if end.isTorn {
            log.warning(
                "the last write wasn't finished and is cleared away; no answer depended on it",
                metadata: ["after_sequence": "\(end.lastSequence)"])
        }
        if let postgres = configuration.postgres {
            try PostgresBehind.refuse(
                postgres, identity, lastSequence: end.lastSequence, log: log)
        }
        let journal = try Journal.begin(
            store, queue: queue, identity: identity, end: end,
            configuration: JournalConfiguration(
                journalByteCountMax: configuration.journalByteCountMax),
            tick: end.highestTick,
            wall: WallTime(milliseconds: TurnTime.fromSystem().wallMilliseconds))
        log.info("epoch \(journal.epoch) begins at tick \(end.highestTick.milliseconds)")
        return Recovery(
            directory: directory, core: core, journal: journal, tick: end.highestTick,
            durableSequence: end.lastSequence, identity: identity)
    }

    /// Opens the segments and makes what is read from them durable before anything is built on it: a
    /// process that was killed may have left written bytes that the disk doesn't have yet.
    private static func settle(_ path: String) throws(StoreError) -> FileStore {
        let store = try FileStore(directory: path, access: .readWrite)
        for listing in try store.segments() { try store.flush(.segment(listing.number)) }
        try store.flushDirectory()
        return store
    }

    /// Reads the journal to its end and says how it goes when that takes long.
    private static func replay(
        _ scan: inout JournalScan<FileStore>, into core: ReservationCore<JournalSink>,
        life: ServerLife, log: Logger
    ) throws -> JournalEnd {
        let clock = ContinuousClock()
        let began = clock.now
        var told = began
        var records = 0
        life.replayByteCount.store(scan.byteCount, ordering: .relaxed)
        while let block = try scan.next() {
            if block.recordCount > 0 {
                let base = DecisionTime(tick: block.baseTick, wall: block.baseWall)
                try scan.withBody { body, block in
                    try core.replay(
                        body, from: JournalFormat.baseByteCount,
                        firstSequence: block.firstSequence, count: block.recordCount, base: base)
                }
                records += block.recordCount
                life.replayedRecords.store(records, ordering: .relaxed)
                life.replayedBytes.store(scan.bytesRead, ordering: .relaxed)
            }
            if clock.now - told > progressInterval {
                told = clock.now
                log.info(
                    "replaying the journal: \(records) records, \(scan.bytesRead >> 20) of at most \(scan.byteCount >> 20) MiB"
                )
            }
        }
        guard let end = scan.end else { preconditionFailure("the scan has come to its end") }
        let seconds = Double((clock.now - began) / .microseconds(1)) / 1e6
        let rate = seconds > 0 ? Int(Double(records) / seconds) : 0
        let milliseconds = Int((seconds * 1_000).rounded())
        let part = String(1_000 + milliseconds % 1_000).dropFirst()
        log.info(
            "replayed \(records) records in \(milliseconds / 1_000).\(part) s (\(rate) records/s)")
        return end
    }

    private static func failure(_ fault: ReplayFault) -> ServerFailure {
        switch fault.kind {
        case .damaged:
            return ServerFailure(
                .corruptJournal,
                "the journal contradicts itself: \(fault.explanation). Nothing was changed; "
                    + "`stockade check` lists what is wrong")
        case .tooSmall(let limit, let needed):
            return ServerFailure(
                .forbidden,
                "the journal has more than --\(limit.flag) allows: give at least \(needed)")
        }
    }
}

extension CoreLimit {
    /// The flag that sets it.
    var flag: String {
        switch self {
        case .accounts: "accounts-max"
        case .codes: "codes-max"
        case .holds: "holds-max"
        case .legs: "legs-max"
        case .ids, .notes, .none, .onHand, .legsPerDecision, .candidates, .timeToLive,
            .warehousesPerSku:
            "ids-max"
        }
    }
}
