// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization

/// The Postgres that a run started itself: the only one that its faults may kill.
///
/// Who is to be signalled stands in `postmaster.pid`: the command may be a wrapper such as `runuser`. The
/// same file says when connections are taken, so that nothing here speaks to Postgres.
final class PostgresProcess: Sendable {
    private struct State {
        /// What was started; 0: it doesn't run.
        var pid: Int32 = 0
        /// Postgres's first process, the same or a descendant; 0: not known.
        var postmaster: Int32 = 0
        /// We are ending it: that it ends is no surprise.
        var isEnding = false
    }

    private let command: CommandWords
    private let data: String
    private let logPath: String
    private let state = Mutex(State())

    /// How long a start may take: after a kill its own log is replayed meanwhile.
    static let readyNanoseconds: UInt64 = 60_000_000_000
    /// How long it may take to end after SIGINT.
    static let endNanoseconds: UInt64 = 30_000_000_000
    /// How long those that were killed may take to be gone.
    private static let goneNanoseconds: UInt64 = 10_000_000_000

    /// - Parameters:
    ///   - command: its words; it must stay in the foreground.
    ///   - data: the cluster's directory, the command's `-D`.
    ///   - folder: where its output goes.
    init(_ command: CommandWords, data: String, folder: String) {
        self.command = command
        self.data = data
        logPath = folder + "/postgres.log"
    }

    /// Starts it and waits until it takes connections.
    func start() throws(RunFailure) {
        // SAFETY: a C string during the call.
        let log = unsafe open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else {
            throw RunFailure(.couldNotRun, "can't write \(logPath): \(systemText(errno))")
        }
        defer { close(log) }
        var pid: pid_t = 0
        let code = spawn(command.words, log, log, &pid)
        guard code == 0 else {
            throw RunFailure(.couldNotRun, "can't start \(command.words[0]): \(systemText(code))")
        }
        state.withLock { $0 = State(pid: pid) }
        let end = stockade_monotonic_nanoseconds() + PostgresProcess.readyNanoseconds
        while stockade_monotonic_nanoseconds() < end {
            if let found = readyPostmaster(below: pid) {
                state.withLock { $0.postmaster = found }
                return
            }
            let ended = stockade_reap(pid, 0)
            guard ended < 0 else {
                state.withLock { $0 = State() }
                throw RunFailure(
                    .couldNotRun,
                    "Postgres ended with \(ended) before it took connections (the command must stay "
                        + "in the foreground, as `postgres -D DIR` does):\n\(lastLog)")
            }
            usleep(5_000)
        }
        throw RunFailure(
            .couldNotRun,
            "Postgres took no connections after \(PostgresProcess.readyNanoseconds / 1_000_000_000) s, "
                + "or \(data)/postmaster.pid can't be read or isn't of the process that was started:"
                + "\n\(lastLog)")
    }

    /// Kills all of it as a crash of the machine would, and waits until it is gone: as long as somebody
    /// has its shared memory it can't be started again.
    func kill() {
        let (pid, postmaster) = state.withLock { state in
            state.isEnding = true
            return (state.pid, state.postmaster)
        }
        guard pid > 0 else { return }
        // Not a wrapper: it is Postgres's parent, and has to take note of its end. As long as nobody did,
        // the next start takes the old one for alive.
        let members = ProcessFamily.stop(postmaster > 0 ? postmaster : pid)
        for member in members { _ = Glibc.kill(member, SIGKILL) }
        thaw()
        let end = stockade_monotonic_nanoseconds() + PostgresProcess.goneNanoseconds
        while stockade_reap(pid, 0) < 0 {
            guard stockade_monotonic_nanoseconds() < end else {
                for member in ProcessFamily.members(of: pid) { _ = Glibc.kill(member, SIGKILL) }
                _ = stockade_reap(pid, 1)
                break
            }
            usleep(1_000)
        }
        while members.contains(where: { ProcessFamily.isAlive($0) }),
            stockade_monotonic_nanoseconds() < end
        { usleep(1_000) }
        state.withLock { $0 = State() }
    }

    /// Stops all of it: connections stay, and nothing answers.
    func freeze() {
        let postmaster = state.withLock { $0.postmaster }
        if postmaster > 0 { _ = ProcessFamily.stop(postmaster) }
    }

    /// Lets it go on; a wrapper that stopped along with it, too.
    func thaw() {
        let pid = state.withLock { $0.pid }
        guard pid > 0 else { return }
        for member in ProcessFamily.members(of: pid) { _ = Glibc.kill(member, SIGCONT) }
    }

    /// Asks it to end (a fast shutdown) and waits; kills it when it doesn't.
    func terminate() {
        let pid = state.withLock { state in
            state.isEnding = true
            return state.pid
        }
        guard pid > 0 else { return }
        dismiss()
        let end = stockade_monotonic_nanoseconds() + PostgresProcess.endNanoseconds
        while stockade_monotonic_nanoseconds() < end {
            if stockade_reap(pid, 0) >= 0 { return state.withLock { $0 = State() } }
            usleep(5_000)
        }
        kill()
    }

    /// Asks it to end and doesn't wait.
    func dismiss() {
        thaw()
        let (pid, postmaster) = state.withLock { ($0.pid, $0.postmaster) }
        if postmaster > 0 {
            _ = Glibc.kill(postmaster, SIGINT)
        } else if pid > 0 {
            _ = Glibc.kill(pid, SIGTERM)
        }
    }

    /// Whether it has ended by itself, and how: it is asked for once.
    func hasEnded() -> Int32? {
        state.withLock { state in
            guard state.pid > 0, !state.isEnding else { return nil }
            let code = stockade_reap(state.pid, 0)
            guard code >= 0 else { return nil }
            state = State()
            return code
        }
    }

    /// The last lines that it wrote.
    var lastLog: String {
        let text = TextFile.read(logPath) ?? ""
        return text.split(separator: "\n").suffix(8).joined(separator: "\n")
    }

    /// The first process, once it takes connections. What a crash left behind names one that isn't ours.
    private func readyPostmaster(below pid: Int32) -> Int32? {
        guard let text = TextFile.read(data + "/postmaster.pid") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // Its eighth line: starting, ready, stopping, standby.
        guard lines.count >= 8, lines[7].hasPrefix("ready"), let found = Int32(lines[0]),
            ProcessFamily.members(of: pid).contains(found)
        else { return nil }
        return found
    }
}
