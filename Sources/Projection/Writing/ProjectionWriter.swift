// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import PostgresClient
internal import Primitives
internal import Synchronization

/// Follows a journal into the tables, a transaction a step.
///
/// A batch whose transaction failed is kept and written again as it is: after a lost connection the
/// mark tells whether it was committed. One thread; memory is a batch, a window of the journal, and
/// the books.
final class ProjectionWriter {
    private let configuration: ProjectionConfiguration
    private let status: ProjectionStatus
    private let interrupt: PostgresInterrupt
    private let note: (ProjectionNote) -> Void

    private var link: ProjectionLink?
    /// Epochs that may stand in the tables because this writer wrote them, once it was let in.
    private var ownEpochs: Set<UInt64> = []
    private var wasLetIn = false
    private var writer = BatchWriter()
    private var batch: ProjectionBatch
    private var books: ProjectionBooks
    /// False: nothing was read from the tables yet.
    private var isLoaded = false
    private var tail: JournalTail<FileStore>?
    /// Whether the block that the tail is at has records that no batch has.
    private var hasBlock = false
    /// Records that the next batch takes at most, after a refusal.
    private var recordsMax = Int.max
    private var chance: Chance
    /// How far the journal was before this server wrote to it: no earlier life can have written more.
    private let startSequence: UInt64
    /// The record that is buried next, and why.
    private var poison: (sequence: UInt64, error: PostgresError)?

    /// Wall time of the last record that is in the tables.
    private(set) var appliedWall = WallTime(milliseconds: 0)
    #if PlantedFaults
        private var batchesUntilPlant = 3
    #endif

    init(
        _ configuration: ProjectionConfiguration, startSequence: UInt64,
        status: ProjectionStatus, interrupt: PostgresInterrupt,
        note: @escaping (ProjectionNote) -> Void
    ) {
        self.startSequence = startSequence
        chance = Chance(seed: configuration.seed)
        self.configuration = configuration
        self.status = status
        self.interrupt = interrupt
        self.note = note
        batch = ProjectionBatch(limits: configuration.limits)
        books = ProjectionBooks(
            after: 0, codes: CodeBook(capacity: 0, hashKey: configuration.identity.hashKey),
            accounts: AccountBook(capacity: 0), holds: LiveHolds(capacity: 0))
        #if PlantedFaults
            writer.forgetsFence = configuration.plant == .forgetFence
        #endif
    }

    /// Writes what is durable and not in the tables, as much as one transaction takes.
    ///
    /// - Parameter durable: up to which record the journal is.
    /// - Returns: false when there was nothing to write.
    /// - Throws: `.later` when it may work later: another step tries again.
    func step(upTo durable: UInt64) throws(ProjectionFault) -> Bool {
        try connectIfNeeded(durable)
        if batch.isEmpty { try fill(durable) }
        if batch.isEmpty { return false }
        do {
            try link?.write(batch, books.codes, with: &writer)
        } catch {
            try recover(error)
            return true
        }
        committed()
        return true
    }

    /// Bytes of the journal behind what was read.
    func bytesBehind(_ used: Int) -> Int { tail?.bytesBehind(used) ?? used }

    /// What came with commits and should be known.
    func takeWarnings() -> [PostgresWarning] { link?.takeWarnings() ?? [] }

    // MARK: - The way there

    private func connectIfNeeded(_ durable: UInt64) throws(ProjectionFault) {
        if let isUsable = link?.isUsable, isUsable { return }
        link = nil
        status.phase.store(.connecting, ordering: .relaxed)
        let claim = claim(durable)
        var opened = try ProjectionLink.open(
            configuration.conninfo, claim, interrupt: interrupt
        ) { ownEpochs.insert($0) }
        ownEpochs = [opened.epoch]
        wasLetIn = true
        if isLoaded {
            try resume(at: opened.sequence)
        } else {
            books = try opened.load(configuration.identity)
            batch.begin(&books)
            try openTail(from: opened.sequence + 1)
            isLoaded = true
        }
        try opened.prepare()
        status.appliedSequence.store(opened.sequence, ordering: .relaxed)
        status.phase.store(.following, ordering: .relaxed)
        link = consume opened
    }

    private func claim(_ durable: UInt64) -> ProjectionLink.Claim {
        var claim = ProjectionLink.Claim(
            identity: configuration.identity, journalEpoch: configuration.journalEpoch,
            durable: isLoaded ? max(durable, books.lastSequence) : startSequence,
            known: status.appliedSequence.load(ordering: .relaxed),
            ownEpochs: wasLetIn ? ownEpochs : [])
        claim.step = 1 + chance.next() % ProjectionLimits.epochStride
        #if PlantedFaults
            claim.ignoresFence = configuration.plant == .forgetFence && isLoaded
            if configuration.plant != nil { claim.known = 0 }
        #endif
        return claim
    }

    /// The tables stand where this writer left them: before the batch or, when its commit's answer was
    /// lost, behind it.
    private func resume(at sequence: UInt64) throws(ProjectionFault) {
        if !batch.isEmpty, sequence == batch.lastSequence { return committed() }
        let expected = batch.isEmpty ? books.lastSequence : batch.firstSequence - 1
        guard sequence != expected else { return }
        throw .off(
            "the tables are at record \(sequence), and this server left them at \(expected): "
                + "somebody else writes there. `stockade resync` writes them anew")
    }

    private func openTail(from sequence: UInt64) throws(ProjectionFault) {
        hasBlock = false
        // Its files first: two would be open at once.
        tail = nil
        do {
            let store = try FileStore(directory: configuration.journalPath, access: .readOnly)
            tail = try JournalTail(store, from: sequence)
        } catch let fault as JournalFault {
            throw ProjectionFault(fault)
        } catch let error as StoreError {
            throw ProjectionFault(JournalFault(.unreadable(error), segment: 0, offset: 0))
        } catch {
            throw .off("\(error)")
        }
    }

    // MARK: - Batches

    private func fill(_ durable: UInt64) throws(ProjectionFault) {
        if tail == nil { try openTail(from: books.lastSequence + 1) }
        // Batches are numbered: none is begun for nothing.
        guard hasBlock || durable > books.lastSequence else { return }
        batch.begin(&books)
        while batch.recordCount < recordsMax {
            if !hasBlock {
                do throws(JournalFault) {
                    guard try tail?.next(upTo: durable) != nil else { return }
                } catch {
                    tail = nil
                    throw ProjectionFault(error)
                }
                hasBlock = true
            }
            guard try takeBlock() else { return }
            hasBlock = false
        }
    }

    /// Takes the block's records; false when some are left.
    private func takeBlock() throws(ProjectionFault) -> Bool {
        var isWhole = true
        try tail?.visitRecords(from: books.lastSequence + 1) {
            (record, position) throws(ProjectionFault) -> RecordVisit in
            guard batch.recordCount < recordsMax, try take(record, position) else {
                isWhole = false
                return .stop
            }
            return .next
        }
        return isWhole
    }

    /// Takes a record; false when it belongs to the next batch.
    private func take(
        _ record: Span<UInt8>, _ position: RecordPosition
    ) throws(ProjectionFault) -> Bool {
        do {
            if let poison, poison.sequence == position.sequence {
                try batch.bury(
                    record, at: position, sqlState: poison.error.sqlState,
                    message: poison.error.message, in: &books)
                self.poison = nil
                return true
            }
            do {
                return try batch.add(record, at: position, in: &books) == .added
            } catch {
                guard error.isPoison else { throw error }
                try limitLetters(error.explanation)
                try batch.bury(
                    record, at: position, message: error.explanation, in: &books)
                return true
            }
        } catch let error as RowFault {
            throw .off(
                "\(error.explanation). Please tell who makes this program; `stockade check` says "
                    + "whether the journal is right")
        } catch let fault as ProjectionFault {
            throw fault
        } catch {
            throw .off("\(error)")
        }
    }

    private func committed() {
        status.appliedSequence.store(batch.lastSequence, ordering: .relaxed)
        status.batches.add(1, ordering: .relaxed)
        status.rows.add(UInt64(batch.rowCount), ordering: .relaxed)
        for letter in batch.deadLetters {
            status.deadLetters.add(1, ordering: .relaxed)
            note(
                ProjectionNote(
                    .alarm,
                    "record \(letter.sequence) went to stockade.dead_letters, the tables lack it: "
                        + letter.message))
        }
        appliedWall = batch.lastWall
        recordsMax = .max
        #if PlantedFaults
            if plantsTwice() { return }
        #endif
        batch.begin(&books)
    }

    // MARK: - Failures

    private func recover(_ fault: ProjectionFault) throws(ProjectionFault) {
        guard case .rows(let error) = fault else {
            if case .later(let error) = fault, error.isFenced {
                status.fenceRejections.add(1, ordering: .relaxed)
            }
            // Who is to blame, and what has changed, is found out by connecting anew.
            link = nil
            throw fault
        }
        // 23514 is also what a row gets whose day was taken away meanwhile.
        if error.sqlState == "23514", let isLess = try link?.readDays(), isLess { return }
        try divide(error)
    }

    /// Postgres refuses some row of the batch: half of it is tried, down to the record that is to
    /// blame, which is buried.
    private func divide(_ error: PostgresError) throws(ProjectionFault) {
        let first = batch.firstSequence
        let count = batch.recordCount
        if count == 1, batch.deadLetters.count == 1 {
            // Not even as a dead letter: a person must look.
            throw .later(error)
        }
        batch.undo(&books)
        recordsMax = max(count / 2, 1)
        if count == 1 {
            try limitLetters(error.explanation)
            poison = (first, error)
        }
        try openTail(from: first)
    }

    /// Many letters don't speak of bad records any more.
    private func limitLetters(_ explanation: String) throws(ProjectionFault) {
        let buried =
            status.deadLetters.load(ordering: .relaxed) + UInt64(batch.deadLetters.count)
        guard buried >= UInt64(ProjectionLimits.deadLettersMax) else { return }
        throw .off(
            "\(buried) records were buried already, and the next can't be written either: "
                + "\(explanation). See what stockade.dead_letters has, mend the tables, and let "
                + "`stockade resync` write them anew")
    }

    #if PlantedFaults
        /// Sets the mark back behind the reader's back, once, and begins again there.
        private func plantsTwice() -> Bool {
            guard configuration.plant == .applyBatchTwice else { return false }
            batchesUntilPlant -= 1
            guard batchesUntilPlant == 0 else { return false }
            let first = batch.firstSequence
            do throws(ProjectionFault) {
                try link?.plantMark(first - 1)
                batch.undo(&books)
                try openTail(from: first)
            } catch { return false }
            return true
        }
    #endif
}
