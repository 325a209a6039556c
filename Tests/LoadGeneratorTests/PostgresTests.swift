// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// A run with Postgres behind the server: what it takes from the command line, what it makes of the
/// check's words.
@Suite struct PostgresTests {
    private static let serve = "stockade serve --listen {listen} --data d"
    private static let kill = Fault(at: 1, kind: .killPostgres(restartAfter: 1))
    private static let optional = Fault(
        at: 2_000_000_000, kind: .stopPostgres(lasting: 1), isOptional: true)

    private func options(
        server: String? = serve + " --postgres {postgres}", postgres: String? = "host=/a dbname=b",
        command: String? = "runuser -u postgres -- postgres -D /a/data", check: String? = nil,
        faults: [Fault] = []
    ) -> RunOptions {
        var scenario = Scenario(name: "test")
        scenario.faults = faults
        var options = RunOptions(scenario)
        options.serverCommand = server.flatMap { CommandWords($0) }
        options.checkCommand = check.flatMap { CommandWords($0) }
        options.postgresCommand = command.flatMap { CommandWords($0) }
        options.postgres = postgres
        return options
    }

    private func refusal(_ options: RunOptions) -> RunFailure? {
        var options = options
        do {
            try options.settlePostgres()
            return nil
        } catch { return error }
    }

    // MARK: - The command line

    @Test func thePlaceholderStaysOneWord() throws {
        var options = options(check: "check --dump {dump} --postgres={postgres}")
        try options.settlePostgres()
        #expect(
            options.serverCommand?.words == [
                "stockade", "serve", "--listen", "{listen}", "--data", "d", "--postgres",
                "host=/a dbname=b",
            ])
    }

    @Test func whatTheServerIsToldCounts() throws {
        var options = options(
            server: PostgresTests.serve + " --postgres 'host=/a dbname=b'", postgres: nil)
        try options.settlePostgres()
        #expect(options.postgres == "host=/a dbname=b")
    }

    @Test func withoutPostgresNothingChanges() throws {
        var options = options(server: PostgresTests.serve, postgres: nil, command: nil)
        try options.settlePostgres()
        #expect(options.postgres == nil && options.leftOutTexts == [])
    }

    @Test func whatDoesNotFitIsRefused() {
        let serve = PostgresTests.serve
        let cases: [(RunOptions, RunFailure.Kind, String)] = [
            (options(postgres: nil), .badUsage, "{postgres} stands for"),
            (
                options(server: serve, postgres: nil, command: nil, check: "c {dump} {postgres}"),
                .badUsage, "{postgres} stands for"
            ),
            (options(server: nil), .badUsage, "--postgres needs --server-command"),
            (options(server: serve), .badUsage, "the server doesn't know of the Postgres"),
            (options(server: serve + " --postgres host=/b"), .badUsage, "two Postgres"),
            (options(check: "c {dump}"), .badUsage, "the check isn't told"),
            (
                options(server: serve, postgres: nil), .badUsage,
                "--postgres-command needs --postgres"
            ),
            (options(command: "pg_ctl start"), .badUsage, "--postgres-command needs -D DIR"),
            (
                options(
                    server: serve, postgres: nil, command: nil, faults: [PostgresTests.kill]),
                .badUsage, "the scenario has kill_postgres, and there is no Postgres"
            ),
            (
                options(command: nil, faults: [PostgresTests.optional, PostgresTests.kill]),
                .unsafe, "the scenario has kill_postgres: that is done only to a Postgres"
            ),
        ]
        for (options, kind, text) in cases {
            let refusal = refusal(options)
            #expect(refusal?.kind == kind, "\(text)")
            #expect(refusal?.explanation.hasPrefix(text) == true, "\(refusal?.explanation ?? "-")")
        }
    }

    @Test func optionalFaultsGoWhereNothingIsOurs() throws {
        let faults = [PostgresTests.optional]
        var none = options(
            server: PostgresTests.serve, postgres: nil, command: nil, faults: faults)
        try none.settlePostgres()
        #expect(none.scenario.faults == [])
        #expect(
            none.leftOutTexts == [
                "stop_postgres at 2s is left out: there is no Postgres (--postgres, "
                    + "--postgres-command)"
            ])
        var foreign = options(command: nil, faults: faults)
        try foreign.settlePostgres()
        #expect(foreign.scenario.faults == [])
        #expect(foreign.leftOutTexts.first?.contains("didn't start this Postgres") == true)
        var own = options(faults: faults)
        try own.settlePostgres()
        #expect(own.scenario.faults == faults && own.leftOutTexts == [])
    }

    // MARK: - The check's words

    private static let words = """
        journal: 12 records, no violations
        postgres: up to record 1200 of 1234, 34 behind; 5600 rows compared
        violation postgres: stockade.holds 7: units 3, the journal says 2
        violation: account 4: 1 unit too many

        """

    @Test func theCheckIsRead() throws {
        let reading = try #require(PostgresReading(PostgresTests.words))
        #expect((reading.mark, reading.end, reading.behind) == (1_200, 1_234, 34))
        #expect(reading.words == "up to record 1200 of 1234, 34 behind; 5600 rows compared")
        #expect(
            reading.violations == [
                "violation postgres: stockade.holds 7: units 3, the journal says 2"
            ])
    }

    @Test(arguments: [
        "", "postgres: unreachable", "postgres: up to record 1 of 2",
        "postgres: up to record 99999999999999999999 of 1, 0 behind",
    ])
    func otherWordsAreNoReading(text: String) { #expect(PostgresReading(text) == nil) }

    @Test func aDifferenceBreaksTheCheckOfPostgresAlone() throws {
        let failed = try SaleBooks.clean().results { input in
            input.journalCheckExit = 1
            input.journalCheckText =
                "postgres: up to record 9 of 9, 0 behind\nviolation postgres: stockade.orders 3\nviolations 1\n"
            input.postgres = PostgresReading(input.journalCheckText)
            input.postgresGap = nil
        }.filter { $0.outcome == .failed }
        #expect(failed.map(\.name) == [.postgres])
        #expect(failed.first?.counterexamples.count == 1)
        #expect(failed.first?.extent == "up to record 9 of 9, 0 behind")
    }

    @Test func whatNobodyNamedIsNotChecked() throws {
        let result = try SaleBooks.clean().results { input in
            input.postgres = nil
            input.postgresGap = PostgresReading.unnamed
        }.first { $0.name == .postgres }
        #expect(result?.outcome == .notChecked("no Postgres was named (--postgres)"))
    }

    @Test func whatIsBehindIsSaid() throws {
        let reading = try #require(PostgresReading(PostgresTests.words))
        let behind = PostgresRecord(
            reading, behindAtServerEnd: 99, catchUpSeconds: 60, isOwn: true)
        #expect(behind.finding.verdict == .degraded)
        #expect(behind.finding.text.hasPrefix("up to record 1,200 of 1,234, 34 behind after"))
        var record = RunRecord()
        record.postgres = behind
        record.checks = [CheckResult(.postgres, level: .fail, outcome: .passed)]
        #expect(record.summaryJSON().contains(#""behind_when_server_ended": 99"#))
        #expect(record.reportHTML().contains("5600 rows compared"))
        let equal = try #require(PostgresReading("postgres: up to record 5 of 5, 0 behind"))
        #expect(
            PostgresRecord(equal, behindAtServerEnd: 0, catchUpSeconds: 0, isOwn: true).finding
                .verdict == .valid)
    }

    // MARK: - Processes

    @Test func aFamilyIsKnownAndStopped() throws {
        let text = try #require(CommandWords("/bin/sh -c 'sleep 600 & sleep 600 & wait'"))
        var pid: Int32 = 0
        #expect(spawn(text.words, 1, 2, &pid) == 0)
        defer { TestProcess.end(pid) }
        var members = [pid]
        for _ in 0..<1_000 where members.count < 3 {
            TestProcess.pause()
            members = ProcessFamily.members(of: pid)
        }
        #expect(members.count == 3 && members.first == pid)
        #expect(Set(ProcessFamily.stop(pid)) == Set(members))
        let states = members.map { ProcessFamily.state(of: $0) }
        #expect(states == ["T", "T", "T"])
        let areAlive = members.allSatisfy { ProcessFamily.isAlive($0) }
        #expect(areAlive)
    }
}
