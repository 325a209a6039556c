// SPDX-License-Identifier: Apache-2.0

import Glibc
import Journal
import Projection
import Transport

/// How fast the tables follow a journal.
struct ProjectionBench {
    /// At the beginning of a paced run nothing is measured: connecting, the codes, the stock.
    private static let warmUp: UInt64 = 1_000_000_000
    /// Nothing is waited for longer.
    private static let patience: UInt64 = 300_000_000_000
    private static let seriesStep: UInt64 = 50_000_000

    var conninfo = ""
    var data: String
    var skus = 1_000
    var linesMax = 3
    var gap = 0
    /// Whether records of all types are written.
    var isMixed = false
    /// Of a transaction; nil: the projector's own limit.
    var rowsMax: Int?

    /// Writes a journal of so many orders, and nothing else.
    func write(orders: Int) throws {
        let clock = RunClock()
        let log = DurableLog()
        try WritingJournal.run(at: data, clock: clock, log: log) { writing in
            if isMixed { return try writeMixed(orders, writing, log) }
            var stream = OrderStream(writing.queue, clock: clock, linesMax: linesMax, gap: gap)
            stream.prepare(skus: skus)
            for _ in 0..<orders { stream.step() }
            stream.finish()
            try wait("the disk") { log.sequence == stream.lastSequence }
            var report = Report()
            report.orders = orders
            report.orderLines = stream.lines
            report.records = stream.lastSequence
            report.seconds = Double(clock.elapsed) / 1e9
            try report.print()
        }
    }

    private func writeMixed(_ count: Int, _ writing: WritingJournal, _ log: DurableLog) throws {
        var stream = MixedStream(
            writing.queue, clock: writing.clock, linesMax: linesMax, gap: gap)
        stream.prepare(skus: skus)
        for _ in 0..<count { stream.step() }
        stream.finish()
        try wait("the disk") { log.sequence == stream.lastSequence }
        var report = Report()
        report.orders = count
        report.records = stream.lastSequence
        try report.print()
    }

    /// Brings an empty database up to the end of a journal that was written before.
    func fill() throws {
        let facts = try JournalFacts.read(at: data)
        try waitForScript()
        let clock = RunClock()
        let running = try RunningProjector(
            conninfo, facts, rowsMax: rowsMax, durable: { facts.lastSequence },
            used: { facts.usedByteCount })
        try wait("the tables") {
            running.applied >= facts.lastSequence
        }
        var report = Report()
        report.seconds = Double(clock.elapsed) / 1e9
        report.records = facts.lastSequence
        running.note(in: &report)
        report.projectorCPUSeconds = running.end()
        try report.print()
    }

    /// Writes so many orders a second for so long, with a projector beside it.
    func pace(_ perSecond: Int, seconds: Int) throws {
        let clock = RunClock()
        let log = DurableLog()
        try WritingJournal.run(at: data, clock: clock, log: log) { writing in
            let running = try RunningProjector(
                conninfo, writing.facts, rowsMax: rowsMax, durable: { log.sequence },
                used: { [queue = writing.queue] in queue.usedByteCount })
            let watch = LagWatch(conninfo, durable: log)
            let watching = try WorkerThread(name: "watch") { watch.run() }
            var stream = OrderStream(writing.queue, clock: clock, linesMax: linesMax, gap: gap)
            stream.prepare(skus: skus)
            try waitForScript()
            let begin = RunClock.nanoseconds
            var report = write(perSecond, seconds, &stream)
            let end = RunClock.nanoseconds
            report.seconds = Double(end - begin) / 1e9
            try wait("the tables") { watch.applied >= stream.lastSequence }
            report.behindSeconds = Double(RunClock.nanoseconds - end) / 1e9
            running.note(in: &report)
            report.projectorCPUSeconds = running.end()
            watch.stop()
            watching.join()
            let samples = watch.all
            report.lag = LagFigures(log.all, samples, from: begin + ProjectionBench.warmUp)
            report.series = series(samples, from: begin)
            try report.print()
        }
    }

    /// Appends each order when it is due, in the order of a clock that doesn't wait.
    private func write(_ perSecond: Int, _ seconds: Int, _ stream: inout OrderStream) -> Report {
        let begin = RunClock.nanoseconds
        let total = perSecond * seconds
        var report = Report()
        while stream.reserved < total {
            let elapsed = Double(RunClock.nanoseconds - begin) / 1e9
            let due = min(Int(elapsed * Double(perSecond)), total)
            while stream.reserved < due { stream.step() }
            stream.submit()
            usleep(1_000)
        }
        stream.finish()
        report.orders = total
        report.orderLines = stream.lines
        report.records = stream.lastSequence
        return report
    }

    private func series(_ samples: [LagWatch.Sample], from begin: UInt64) -> [Report.Point] {
        var points: [Report.Point] = []
        var next = begin
        for sample in samples where sample.nanoseconds >= next {
            points.append([sample.nanoseconds - begin, sample.applied, sample.durable])
            next = sample.nanoseconds + ProjectionBench.seriesStep
        }
        return points
    }

    /// Whoever measures from outside reads his own clocks first.
    private func waitForScript() throws {
        Report.say("ready")
        guard readLine() == "go" else { throw BenchFault(description: "told to stop") }
    }

    private func wait(_ what: String, until isThere: () -> Bool) throws {
        let deadline = RunClock.nanoseconds + ProjectionBench.patience
        while !isThere() {
            guard RunClock.nanoseconds < deadline else {
                throw BenchFault(description: "waited too long for \(what)")
            }
            usleep(1_000)
        }
    }
}
