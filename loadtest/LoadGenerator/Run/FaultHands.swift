// SPDX-License-Identifier: Apache-2.0

/// All that break things in a run, and what they tell.
struct FaultHands: Sendable {
    /// What they did.
    let log: FaultLog
    /// Breaks the server and its connections.
    let server: FaultHand
    /// Breaks Postgres.
    let postgres: PostgresFaultHand

    init(
        control: RunControl, server: ServerProcess?, postgres: PostgresProcess?, startAt: UInt64
    ) {
        log = FaultLog(startAt: startAt)
        self.server = FaultHand(control: control, server: server, log: log)
        self.postgres = PostgresFaultHand(postgres: postgres, log: log)
    }
}
