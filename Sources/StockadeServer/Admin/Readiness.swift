// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Whether calls should come here. Postgres is no part of it: the sale goes on without.
enum Readiness {
    /// A check by name, what is wrong, and how long looking took.
    struct Check: Sendable {
        var name: String
        var problem: String?
        var milliseconds: Double

        var line: String {
            let time = "\((milliseconds * 1_000).rounded() / 1_000) ms"
            return problem.map { "[-] \(name) \(time): \($0)" } ?? "[+] \(name) \(time)"
        }
    }

    static func isReady(_ life: ServerLife) -> Bool {
        checks(life, now: { 0 }).allSatisfy { $0.problem == nil }
    }

    static func checks(_ life: ServerLife, now: () -> UInt64) -> [Check] {
        [
            check("replay", now) { replay(life) },
            check("drain", now) { life.phase == .draining ? "draining" : nil },
            check("journal", now) { journal(life) },
            check("journal-space", now) {
                life.parts.journal?.queue.isShortOfSpace == true
                    ? "less than the reserve is free: new reservations are refused, or soon will be; "
                        + "see --journal-max and the disk" : nil
            },
        ]
    }

    private static func check(
        _ name: String, _ now: () -> UInt64, _ problem: () -> String?
    ) -> Check {
        let began = now()
        let problem = problem()
        return Check(name: name, problem: problem, milliseconds: Double(now() - began) / 1e6)
    }

    private static func replay(_ life: ServerLife) -> String? {
        switch life.phase {
        case .starting: "making tables"
        case .replaying: "reading the journal: \(progress(life))"
        case .serving, .draining, .failed: nil
        }
    }

    private static func journal(_ life: ServerLife) -> String? {
        if life.phase == .failed { return life.failure ?? "failed" }
        return switch life.journalState {
        case .failed: "the disk failed"
        case .stalled: "records wait, and none has become durable for a second or more"
        case .well, .full, nil: nil
        }
    }

    static func progress(_ life: ServerLife) -> String {
        let records = life.replayedRecords.load(ordering: .relaxed)
        let read = life.replayedBytes.load(ordering: .relaxed) >> 20
        let all = life.replayByteCount.load(ordering: .relaxed) >> 20
        return "\(records) records, \(read) of at most \(all) MiB"
    }
}
