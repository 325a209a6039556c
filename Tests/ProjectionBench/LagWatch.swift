// SPDX-License-Identifier: Apache-2.0

import Glibc
import PostgresClient
import Synchronization

/// Asks Postgres from outside, on a connection of its own, how far the tables are.
final class LagWatch: Sendable {
    /// What was seen, and when the answer was here.
    struct Sample: Sendable {
        var nanoseconds: UInt64
        var applied: UInt64
        var durable: UInt64
    }

    private static let pauseMicroseconds: UInt32 = 10_000
    private let conninfo: String
    private let durable: DurableLog
    private let samples = Mutex<[Sample]>([])
    private let isOver = Atomic<Bool>(false)

    init(_ conninfo: String, durable: DurableLog) {
        self.conninfo = conninfo
        self.durable = durable
    }

    /// Asks until `stop`, on a thread of its own. A Postgres that is away is asked again.
    func run() {
        while !isOver.load(ordering: .relaxed) {
            do throws(PostgresError) {
                var connection = try PostgresConnection(conninfo, timeout: .seconds(1))
                while !isOver.load(ordering: .relaxed) {
                    try look(&connection)
                    usleep(LagWatch.pauseMicroseconds)
                }
            } catch {
                usleep(LagWatch.pauseMicroseconds)
            }
        }
    }

    private func look(_ connection: inout PostgresConnection) throws(PostgresError) {
        let rows = try connection.query("SELECT applied_seq FROM stockade.state")
        let seen = RunClock.nanoseconds
        guard rows.count == 1, let applied = try rows.integer(0, 0) else { return }
        let sample = Sample(
            nanoseconds: seen, applied: UInt64(applied), durable: durable.sequence)
        samples.withLock { $0.append(sample) }
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// The last that was seen.
    var applied: UInt64 { samples.withLock { $0.last?.applied ?? 0 } }

    var all: [Sample] { samples.withLock { $0 } }
}
