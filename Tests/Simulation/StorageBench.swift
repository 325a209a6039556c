// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives
import ReservationCore

/// The bench over a journal: commits, crashes and recoveries between the operations, all on one
/// thread and on a disk that keeps no more than it must.
struct StorageBench: ~Copyable {
    private(set) var bench: SimulationBench
    /// What happened.
    private(set) var tally = StorageSimulation.Tally()

    private let store: SimulatedStore
    private let mistaken: MistakenStore
    private let fault: StorageFault?
    private let identity: JournalIdentity
    private let journalByteCountMax: Int
    private var journal: Journal<MistakenStore>?
    /// The model at each moment that a commit may have made durable, the oldest first.
    private var moments: [(sequence: UInt64, memory: SimulationBench.Memory)] = []
    /// Answers that wait for the disk.
    private var waiting: [UInt64] = []
    /// The highest sequence that an answer spoke of which left.
    private var acknowledged: UInt64 = 0
    /// A commit took records out of the queue and found no segment for them.
    private var isPending = false
    private var epoch: UInt64 = 0

    /// Bytes after which a commit comes before the next operation: a block must fit into a segment.
    private static let waitingByteCountMax = 24 * 1_024
    private static let segmentByteCountMin = 128 * 1_024
    /// What `Journal` leaves to others on a disk.
    private static let freeByteCountMin = 2 << 20

    init(_ epoch: Epoch, shop: Shop, fault: StorageFault?, _ chance: inout SeededGenerator) {
        var epoch = epoch
        // Small tables: a core is made at each start.
        epoch.configuration.idsMax = min(epoch.configuration.idsMax, 2_000)
        epoch.bounds.idsMax = epoch.configuration.idsMax
        epoch.configuration.refusalRingBytes = 1
        epoch.bounds.refusalsKept = 16
        bench = SimulationBench(epoch, shop: shop, fault: nil)
        let isTight = chance.oneIn(4)
        store = SimulatedStore(
            seed: chance.next(),
            capacity: StorageBench.freeByteCountMin
                + (isTight ? 4 * StorageBench.segmentByteCountMin : 64 << 20))
        mistaken = MistakenStore(base: store, fault: fault)
        self.fault = fault
        let key = epoch.configuration.hashKey
        identity = JournalIdentity(
            uuid: ClientID(high: chance.next(), low: chance.next()), hashKeyLow: key.0,
            hashKeyHigh: key.1)
        journalByteCountMax = chance.oneIn(4) ? 600 * 1_024 : 1 << 30
        moments = [(0, bench.remember())]
    }

    // MARK: - A life of the server

    /// Starts, serves for a while, and crashes in some way.
    mutating func live(
        _ source: inout OperationSource, _ opening: inout [Operation],
        _ chance: inout SeededGenerator
    ) {
        start(&chance)
        guard bench.difference == nil else { return }
        // What was lost before it was durable must be there for anything to happen.
        if !bench.model.accounts.contains(where: \.exists) { opening = source.opening(&chance) }
        plan(&chance)
        for _ in 0..<chance.within(5...80) {
            guard step(&source, &opening, &chance), bench.difference == nil else { break }
        }
        stop(&chance)
    }

    /// Draws what goes wrong in this life, and when.
    private func plan(_ chance: inout SeededGenerator) {
        let calls = chance.within(1...(chance.oneIn(3) ? 40 : 8))
        switch chance.below(20) {
        case 0..<10: store.plan(.stop, after: calls)
        case 10..<15: store.plan(.failure, after: calls)
        case 15, 16: store.plan(.full, after: calls)
        default: store.plan(nil, after: 0)
        }
    }

    /// One thing that a thread of the server does; false when the process must end.
    private mutating func step(
        _ source: inout OperationSource, _ opening: inout [Operation],
        _ chance: inout SeededGenerator
    ) -> Bool {
        let mustCommit =
            isPending || bench.sink.waitingByteCount > StorageBench.waitingByteCountMax
        switch chance.below(20) {
        case 0..<14 where !mustCommit: operate(&source, &opening, &chance)
        case 14: return seal()
        case 15: return prepare()
        default: return commit()
        }
        return true
    }

    private mutating func operate(
        _ source: inout OperationSource, _ opening: inout [Operation],
        _ chance: inout SeededGenerator
    ) {
        let operation =
            opening.popLast() ?? source.next(bench.model, at: bench.tick, &chance)
        bench.perform(operation, &chance)
        tally.operations += 1
        waiting.append(bench.lastAnswer)
        let durable = journal?.durableSequence ?? 0
        release(fault == .acknowledgesBeforeFlush ? bench.sink.lastSequence : durable)
    }

    /// Lets answers leave that wait for nothing above `durable`.
    private mutating func release(_ durable: UInt64) {
        for answer in waiting where answer <= durable {
            acknowledged = max(acknowledged, answer)
        }
        waiting.removeAll { $0 <= durable }
    }

    private mutating func commit() -> Bool {
        guard let journal else { return false }
        if !isPending {
            // What is taken out now lives or dies as a whole.
            if bench.sink.lastSequence > moments[moments.count - 1].sequence {
                moments.append((bench.sink.lastSequence, bench.remember()))
            }
            _ = bench.sink.takeWaitingByteCount()
        }
        do throws(StoreError) {
            switch try journal.commitStep() {
            case .idle: break
            case .noSegment:
                isPending = true
                return prepare()
            case .wrote:
                isPending = false
                tally.commits += 1
                let durable = journal.durableSequence
                release(durable)
                moments.removeAll { $0.sequence < durable }
            }
            return true
        } catch {
            checkPoison(journal)
            return false
        }
    }

    private mutating func seal() -> Bool {
        guard let journal else { return false }
        let now = bench.now
        do throws(StoreError) {
            if try journal.sealStep(tick: now.tick, wall: now.wall) { tally.seals += 1 }
            return true
        } catch {
            checkPoison(journal)
            return false
        }
    }

    private mutating func prepare() -> Bool {
        guard let journal else { return false }
        do throws(StoreError) {
            var isIdle = false
            while !isIdle { isIdle = try journal.preparationStep() }
            // Nothing to do, or no space: then somebody makes some.
            if isPending { store.grow(by: 2 * StorageBench.segmentByteCountMin) }
            return true
        } catch {
            return false
        }
    }

    /// After an error nothing is written any more, and nothing becomes durable.
    private mutating func checkPoison(_ journal: Journal<MistakenStore>) {
        guard !store.isStopped else { return }
        let calls = store.calls
        let durable = journal.durableSequence
        let now = bench.now
        for _ in 0..<2 {
            // With nothing to write it may say so.
            var wrote = false
            if case .wrote = try? journal.commitStep() { wrote = true }
            if wrote || (try? journal.sealStep(tick: now.tick, wall: now.wall)) == true {
                bench.differ("the journal went on after an error")
            }
        }
        if store.calls != calls { bench.differ("the disk was asked again after an error") }
        if journal.durableSequence != durable { bench.differ("became durable after an error") }
        tally.failures += 1
    }

    // MARK: - The end of a life

    private mutating func stop(_ chance: inout SeededGenerator) {
        journal = nil
        waiting.removeAll()
        // After a flush that failed, too: then the system shows bytes that its disk doesn't have.
        let isKilled = !store.lostNames && chance.oneIn(3)
        store.restart(after: isKilled ? .killed : .powerLost)
        tally.crashes += 1
        tally.kills += isKilled ? 1 : 0
        if !isKilled, chance.oneIn(3) { probe(&chance) }
    }

    // MARK: - Recovery

    /// Recovers, as often as it takes when that is interrupted too.
    private mutating func start(_ chance: inout SeededGenerator) {
        var attempts = 0
        while bench.difference == nil {
            attempts += 1
            if attempts < 6, chance.oneIn(4) {
                store.plan(chance.oneIn(3) ? .failure : .stop, after: chance.within(1...12))
                if chance.oneIn(6) { store.planFailedRead(after: chance.within(1...5)) }
            }
            do {
                try recover()
                store.plan(nil, after: 0)
                store.planFailedRead(after: nil)
                return
            } catch let error as StoreError {
                if error.isFull { store.grow(by: 4 * StorageBench.segmentByteCountMin) }
            } catch let fault as JournalFault {
                if fault.isCorruption {
                    return bench.differ("the start was refused: \(fault.explanation)")
                }
            } catch let fault as ReplayFault {
                return bench.differ("the replay failed: \(fault.explanation)")
            } catch {
                return bench.differ("recovery: \(error)")
            }
            if attempts > 20 { return bench.differ("no start in \(attempts) attempts") }
            tally.interruptedStarts += 1
            store.restart(after: !store.lostNames && chance.oneIn(3) ? .killed : .powerLost)
        }
    }

    private mutating func recover() throws {
        // What a killed process left in memory is made durable before anything is built on it.
        try mistaken.discardDrafts()
        for listing in try mistaken.segments() { try mistaken.flush(.segment(listing.number)) }
        try mistaken.flushDirectory()
        var scan = try JournalScan(mistaken)
        if let found = scan.identity, found != identity { bench.differ("another journal's name") }
        let queue = CommitQueue(journalByteCountMax: journalByteCountMax)
        let sink = RecordingSink(queue: queue)
        let core = ReservationCore(bench.epoch.configuration, sink: sink)
        while let block = try scan.next() {
            guard block.recordCount > 0 else { continue }
            let base = DecisionTime(tick: block.baseTick, wall: block.baseWall)
            _ = try scan.withBody { body, block in
                try core.replay(
                    body, from: JournalFormat.baseByteCount, firstSequence: block.firstSequence,
                    count: block.recordCount, base: base)
            }
        }
        guard let end = scan.end else { return bench.differ("a scan without an end") }
        guard let moment = moments.first(where: { $0.sequence == end.lastSequence })
        else {
            return bench.differ(
                "\(end.lastSequence) was recovered, which no commit ended with:"
                    + " \(moments.map(\.sequence))")
        }
        if end.lastSequence < acknowledged {
            bench.differ("\(end.lastSequence) was recovered, \(acknowledged) acknowledged")
        }
        let tick = max(Int(end.highestTick.milliseconds), bench.epoch.firstTick)
        try core.finishReplay(at: Tick(milliseconds: UInt64(tick)))
        sink.resume(after: end.lastSequence)
        var configuration = JournalConfiguration(journalByteCountMax: journalByteCountMax)
        configuration.segmentByteCountMin = StorageBench.segmentByteCountMin
        configuration.segmentByteCountMax = 2 * StorageBench.segmentByteCountMin
        let now = DecisionTime(
            tick: Tick(milliseconds: UInt64(tick)), wall: bench.now.wall)
        let journal = try Journal.begin(
            mistaken, queue: queue, identity: identity, end: end, configuration: configuration,
            tick: now.tick, wall: now.wall)
        if journal.epoch <= epoch { bench.differ("epoch \(journal.epoch) after \(epoch)") }
        epoch = journal.epoch
        self.journal = journal
        isPending = false
        acknowledged = max(acknowledged, end.lastSequence)
        tally.lostRecords += Int((bench.history.last?.sequence ?? 0) - end.lastSequence)
        tally.segments = max(tally.segments, Int(end.segment) + 1)
        bench.goBack(to: moment.memory, with: core, sink, at: tick)
        bench.compareAfterRestart()
        moments = [(end.lastSequence, bench.remember())]
    }

    // MARK: - Damage

    /// Damages a copy of the disk in each way that there is: each must be noticed.
    private mutating func probe(_ chance: inout SeededGenerator) {
        guard let whole = read(store.copy()), let last = whole.blocks.last else { return }
        let kind = chance.pick(StoreDamage.allCases)
        let copy = store.copy()
        if kind.damage(copy, whole.blocks, whole.end.segments, &chance) {
            tally.damages["\(kind)", default: 0] += 1
            if let cut = read(copy) {
                bench.differ(
                    "\(kind) in acknowledged data was cut off silently: \(cut.end.lastSequence) of"
                        + " \(whole.end.lastSequence)")
            }
        }
        // The very last block has no witness: a bit that turns there reads as a torn write.
        let tail = store.copy()
        let offset = last.offset + chance.below(64)
        let byte = tail.bytes(of: last.segment, offset..<offset + 1)[0]
        tail.damage(last.segment) {
            $0.damage([byte ^ UInt8(1 << chance.below(8))], at: offset)
        }
        if let cut = read(tail), cut.end.lastSequence + 1 != last.firstSequence {
            bench.differ("a damaged tail ends at \(cut.end.lastSequence)")
        }
    }

    /// Reads a disk to its end; nil when that is refused.
    private func read(
        _ disk: SimulatedStore
    ) -> (blocks: [JournalBlock], end: (lastSequence: UInt64, segments: [SegmentListing]))? {
        var blocks: [JournalBlock] = []
        do throws(JournalFault) {
            var scan = try JournalScan(MistakenStore(base: disk, fault: nil))
            do throws(JournalFault) {
                while let block = try scan.next() { blocks.append(block) }
            } catch {
                guard fault == .cutsAtDamage else { throw error }
            }
            let last = blocks.last.map { $0.firstSequence + UInt64($0.recordCount) - 1 } ?? 0
            return (blocks, (last, scan.end?.segments ?? []))
        } catch {
            return nil
        }
    }
}
