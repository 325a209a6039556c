// SPDX-License-Identifier: Apache-2.0

import CLinux
import Journal
import Primitives
import Projection
import Synchronization
import Transport

/// A projector on a thread of its own.
struct RunningProjector: ~Copyable {
    /// How long the end may take.
    private static let finishTime = Duration.seconds(3)

    private let projector: Projector
    private let thread: WorkerThread
    private let cpu: CPUTime

    /// What the thread took of a processor, known once it has ended.
    private final class CPUTime: Sendable {
        let nanoseconds = Atomic<UInt64>(0)
    }

    init(
        _ conninfo: String, _ facts: JournalFacts, rowsMax: Int?,
        durable: @escaping @Sendable () -> UInt64, used: @escaping @Sendable () -> Int
    ) throws {
        var configuration = ProjectionConfiguration(
            conninfo: conninfo, journalPath: facts.path, identity: facts.identity,
            journalEpoch: facts.epoch, journalByteCountMax: WritingJournal.byteCountMax)
        if let rowsMax { configuration.limits.rowsMax = rowsMax }
        let projector = Projector(
            configuration,
            source: ProjectionSource(
                durableSequence: durable, usedByteCount: used,
                wall: { WallTime(milliseconds: TurnTime.fromSystem().wallMilliseconds) }),
            log: { note in Report.tell("\(note.level): \(note.text)") })
        let cpu = CPUTime()
        self.projector = projector
        self.cpu = cpu
        thread = try WorkerThread(name: "projection") {
            projector.run()
            cpu.nanoseconds.store(stockade_thread_cpu_nanoseconds(), ordering: .releasing)
        }
    }

    /// Up to which record the tables are, as it says itself.
    var applied: UInt64 { projector.status.appliedSequence.load(ordering: .relaxed) }

    /// What it has done so far.
    func note(in report: inout Report) {
        let status = projector.status
        report.batches = Int(status.batches.load(ordering: .relaxed))
        report.rows = Int(status.rows.load(ordering: .relaxed))
        report.retries = Int(status.retries.load(ordering: .relaxed))
        report.deadLetters = Int(status.deadLetters.load(ordering: .relaxed))
    }

    /// Ends it; the seconds that its thread took of a processor.
    consuming func end() -> Double {
        projector.finish(within: RunningProjector.finishTime)
        thread.join()
        return Double(cpu.nanoseconds.load(ordering: .acquiring)) / 1e9
    }
}
