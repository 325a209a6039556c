// SPDX-License-Identifier: Apache-2.0

extension RunOptions {
    /// Sees to it that the run, the server and the check mean the same Postgres, and that nothing is to
    /// break which isn't ours. `{postgres}` in the commands is filled in; a `--postgres` of the server
    /// command is the run's too; optional faults go where there is no Postgres to break.
    ///
    /// - Throws: `RunFailure` with what to write instead.
    public mutating func settlePostgres() throws(RunFailure) {
        try settleConninfo()
        try settleCommand()
        try settleFaults()
    }

    /// Of each fault that was left out, what and why; of a run that has no Postgres.
    public var leftOutTexts: [String] {
        faultsLeftOut.map { fault in
            "\(fault.kind.name) at \(Quantity.text(duration: fault.at)) is left out: "
                + (postgres == nil
                    ? "there is no Postgres (--postgres, --postgres-command)"
                    : "stampede didn't start this Postgres (--postgres-command)")
        }
    }

    /// The Postgres that is ours, not yet started.
    func postgresProcess(folder: String) -> PostgresProcess? {
        guard let command = postgresCommand, let data = command.value(of: "-D") else { return nil }
        return PostgresProcess(command, data: data, folder: folder)
    }

    private mutating func settleConninfo() throws(RunFailure) {
        let placeholder = "{postgres}"
        let told = serverCommand?.value(of: "--postgres")
        guard let named = postgres ?? (told == placeholder ? nil : told) else {
            if told == placeholder || checkCommand?.has(placeholder) == true {
                throw RunFailure(
                    .badUsage, "{postgres} stands for what --postgres CONNINFO says: give it")
            }
            return
        }
        guard serverCommand != nil else {
            throw RunFailure(
                .badUsage,
                "--postgres needs --server-command: what is in Postgres is held against the journal of "
                    + "a server that stampede itself started and ended")
        }
        guard let told else {
            throw RunFailure(
                .badUsage,
                "the server doesn't know of the Postgres: add --postgres {postgres} to "
                    + "--server-command")
        }
        guard told == placeholder || told == named else {
            throw RunFailure(
                .badUsage,
                "two Postgres: the server command says '\(told)', --postgres says '\(named)'; write "
                    + "--postgres {postgres} in --server-command")
        }
        if let command = checkCommand, !command.has(placeholder) {
            throw RunFailure(
                .badUsage,
                "the check isn't told of the Postgres: --check-command needs --postgres {postgres}")
        }
        postgres = named
        serverCommand = serverCommand?.replacing(placeholder, with: named)
    }

    private func settleCommand() throws(RunFailure) {
        guard let postgresCommand else { return }
        guard postgres != nil else {
            throw RunFailure(
                .badUsage,
                "--postgres-command needs --postgres CONNINFO: how the server and the check reach it"
            )
        }
        guard postgresCommand.value(of: "-D") != nil else {
            throw RunFailure(
                .badUsage,
                "--postgres-command needs -D DIR, as in 'postgres -D DIR': DIR/postmaster.pid says "
                    + "which process is to be signalled")
        }
    }

    private mutating func settleFaults() throws(RunFailure) {
        guard postgresCommand == nil else { return }
        faultsLeftOut = scenario.faults.filter { $0.kind.needsOwnPostgres && $0.isOptional }
        scenario.faults.removeAll { $0.kind.needsOwnPostgres && $0.isOptional }
        guard let fault = scenario.faults.first(where: { $0.kind.needsOwnPostgres }) else { return }
        let name = fault.kind.name
        guard postgres == nil else {
            throw RunFailure(
                .unsafe,
                "the scenario has \(name): that is done only to a Postgres that stampede itself "
                    + "started; give --postgres-command, or take the fault out")
        }
        throw RunFailure(
            .badUsage,
            "the scenario has \(name), and there is no Postgres: give --postgres CONNINFO and "
                + "--postgres-command 'postgres -D DIR …', or mark the fault optional: true")
    }
}

extension CommandWords {
    fileprivate func has(_ text: String) -> Bool { words.contains { $0.contains(text) } }
}
