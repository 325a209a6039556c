// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import Primitives
internal import Projection
internal import StockadeAPI
internal import Synchronization
internal import Transport
internal import Wire

/// `/metrics`: everything that is counted, summed over the loops at the moment of the scrape.
struct MetricsPage {
    private typealias Names = MetricCatalogue
    private var exposition: Exposition

    /// Makes the page.
    static func make(
        _ format: Exposition.Format, _ life: ServerLife, _ logs: LogDesk, isReady: Bool,
        commit: String, began: UInt64
    ) -> String {
        var page = MetricsPage(exposition: Exposition(format))
        let parts = life.parts
        if let loops = parts.loops {
            page.write(calls: loops)
            page.write(connections: loops)
            page.write(core: loops)
        }
        if let journal = parts.journal { page.write(journal, life) }
        if let postgres = parts.postgres { page.write(postgres) }
        page.write(life, logs, isReady: isReady, commit)
        page.write(ProcessFigures.now())
        let took = TurnTime.fromSystem().monotonicNanoseconds - began
        page.exposition.write(Names.scrapeDuration, Double(took) / 1e9)
        page.exposition.end()
        return page.exposition.text
    }

    // MARK: - Calls

    private mutating func write(calls loops: ServerParts.Loops) {
        let meters = loops.meters
        exposition.begin(Names.started)
        for (method, name) in CallNames.all.enumerated() {
            exposition.sample(
                meters.sum { $0.started(method) }, name.type, name.service, name.method)
        }
        exposition.begin(Names.handled)
        for (method, name) in CallNames.all.enumerated() {
            for status in StatusCode.allCases {
                let count = meters.sum { $0.handled(method, status) }
                // What never happened is left out, but for the good end.
                guard count > 0 || status == .ok else { continue }
                exposition.sample(
                    count, name.type, name.service, name.method, status.metricName)
            }
        }
        exposition.begin(Names.handling)
        for (method, name) in CallNames.all.dropLast().enumerated() {
            let buckets = (0..<LatencyBuckets.count).map { bucket in
                meters.sum { $0.bucket(method, bucket) }
            }
            exposition.histogram(
                buckets, nanoseconds: meters.sum { $0.nanoseconds(method) }, name.type,
                name.service, name.method)
        }
        writeRefusals(loops)
    }

    private mutating func writeRefusals(_ loops: ServerParts.Loops) {
        exposition.begin(Names.refusals)
        for reason in Reason.allCases where reason != .unspecified {
            let count = loops.refusals(reason)
            if count > 0 { exposition.sample(count, "\(reason.name)") }
        }
        exposition.write(Names.replays, loops.services.sum { $0.replays })
        exposition.write(Names.undecodable, loops.services.sum { $0.refusals(.undecodable) })
        exposition.write(Names.stressTagged, loops.services.sum { $0.stressTagged })
    }

    private mutating func write(connections loops: ServerParts.Loops) {
        exposition.write(Names.open, loops.controls.reduce(0) { $0 + $1.connectionCount })
        exposition.write(Names.accepted, loops.meters.sum { $0.accepted })
        exposition.write(Names.turnedAway, loops.meters.sum { $0.turnedAway })
        exposition.begin(Names.closed)
        for end in ConnectionEnd.allCases {
            exposition.sample(loops.meters.sum { $0.ended(end) }, "\(end.name)")
        }
        exposition.write(Names.loops, loops.controls.count)
    }

    // MARK: - Core and journal

    private mutating func write(core loops: ServerParts.Loops) {
        let use = loops.core.tableUse()
        exposition.write(Names.accounts, use.accounts.now)
        exposition.write(Names.accountsLimit, use.accounts.max)
        exposition.write(Names.codes, use.codes.now)
        exposition.write(Names.codesLimit, use.codes.max)
        exposition.write(Names.holds, use.holds.now)
        exposition.write(Names.holdsLimit, use.holds.max)
        exposition.write(Names.ids, use.ids.now)
        exposition.write(Names.idsLimit, use.ids.max)
        exposition.write(Names.expiries, loops.services.sum { $0.expired })
        exposition.write(Names.forgotten, loops.services.sum { $0.forgotten })
        let reach = loops.core.refusalReachMilliseconds(at: loops.clock.time(of: .fromSystem()))
        exposition.write(Names.ringReach, Double(reach) / 1e3)
    }

    private mutating func write(_ journal: ServerParts.Journal, _ life: ServerLife) {
        let tally = journal.tally
        exposition.write(Names.records, tally.records)
        exposition.write(Names.recordBytes, tally.recordBytes)
        exposition.write(Names.blocks, tally.blocks)
        exposition.write(Names.seals, tally.seals)
        exposition.write(Names.durable, journal.durable.current)
        exposition.write(Names.epoch, journal.epoch)
        exposition.write(Names.queueBytes, journal.queue.takenByteCount)
        exposition.write(Names.queueLimit, CommitQueue.capacity)
        exposition.write(Names.queueRecords, journal.queue.waitingRecordCount)
        exposition.begin(Names.writeSeconds)
        exposition.histogram(
            (0..<LatencyBuckets.count).map { tally.writes(inBucket: $0) },
            nanoseconds: tally.writeNanoseconds)
        exposition.write(Names.longestWrite, Double(tally.writeNanosecondsMax) / 1e9)
        exposition.write(Names.used, journal.queue.usedByteCount)
        exposition.write(Names.setAside, journal.queue.setAsideByteCount)
        exposition.write(Names.journalLimit, journal.queue.byteCountMax)
        exposition.begin(Names.journalState)
        for state in JournalState.allCases {
            exposition.sample(life.journalState == state ? 1 : 0, state.name)
        }
    }

    // MARK: - Postgres, the server, the process

    private mutating func write(_ postgres: ProjectionStatus) {
        exposition.begin(Names.phase)
        for phase in [ProjectionStatus.Phase.connecting, .following, .off] {
            exposition.sample(postgres.phase.load(ordering: .relaxed) == phase ? 1 : 0, "\(phase)")
        }
        exposition.write(
            Names.appliedSequence, postgres.appliedSequence.load(ordering: .relaxed))
        exposition.write(Names.lagSequences, postgres.lagSequences.load(ordering: .relaxed))
        exposition.write(
            Names.lagSeconds, Double(postgres.lagMilliseconds.load(ordering: .relaxed)) / 1e3)
        exposition.write(Names.lagBytes, postgres.lagBytes.load(ordering: .relaxed))
        exposition.write(
            Names.outageBudget, postgres.outageBudgetSeconds.load(ordering: .relaxed))
        exposition.write(Names.batches, postgres.batches.load(ordering: .relaxed))
        exposition.write(Names.rows, postgres.rows.load(ordering: .relaxed))
        exposition.write(Names.retries, postgres.retries.load(ordering: .relaxed))
        exposition.write(
            Names.fenceRejections, postgres.fenceRejections.load(ordering: .relaxed))
        exposition.write(Names.deadLetters, postgres.deadLetters.load(ordering: .relaxed))
        exposition.write(
            Names.longestBatch,
            Double(postgres.batchMillisecondsMax.load(ordering: .relaxed)) / 1e3)
    }

    private mutating func write(
        _ life: ServerLife, _ logs: LogDesk, isReady: Bool, _ commit: String
    ) {
        exposition.write(Names.ready, isReady ? 1 : 0)
        exposition.begin(Names.serverPhase)
        for phase in ServerPhase.allCases {
            exposition.sample(life.phase == phase ? 1 : 0, phase.name)
        }
        exposition.write(Names.replayRecords, life.replayedRecords.load(ordering: .relaxed))
        exposition.begin(Names.logLines)
        for (level, count) in logs.lineCounts { exposition.sample(count, level) }
        exposition.write(Names.logSuppressed, logs.suppressedCount)
        exposition.begin(Names.buildInfo)
        exposition.sample(
            1, ServerVersion.text, commit, ServerVersion.swift,
            ServerVersion.journalFormat)
    }

    private mutating func write(_ process: ProcessFigures) {
        exposition.write(Names.cpu, process.cpuSeconds)
        exposition.write(Names.resident, process.residentBytes)
        exposition.write(Names.virtual, process.virtualBytes)
        exposition.write(Names.openFiles, process.openFiles)
        exposition.write(Names.maxFiles, process.openFilesMax)
        exposition.write(Names.startTime, process.startSeconds)
        exposition.write(Names.threads, process.threads)
    }
}

extension Array {
    /// The sum of a figure of each.
    func sum(_ figure: (Element) -> UInt64) -> UInt64 { reduce(0) { $0 + figure($1) } }
}

extension ServerParts.Loops {
    /// Refusals for a reason over all loops, those included that the loops answered by themselves.
    func refusals(_ reason: Reason) -> UInt64 {
        let count = services.sum { $0.refusals(reason) }
        return switch reason {
        case .deadlineExceeded: count + meters.sum { $0.expired + $0.expiredWhileHeld }
        case .journalFailed: count + meters.sum { $0.lostWhileHeld }
        default: count
        }
    }
}
