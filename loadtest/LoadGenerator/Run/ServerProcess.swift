// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization
internal import Transport

/// The server that a run started itself: the only one that its faults may kill.
final class ServerProcess: Sendable {
    private struct State {
        /// 0: it doesn't run.
        var pid: Int32 = 0
        /// HOST:PORT of its first start; later ones use the same.
        var address: String?
        /// We are ending it: that it ends is no surprise.
        var isEnding = false
        /// CPU seconds of those that have ended.
        var endedCPU = 0.0
    }

    private let command: CommandWords
    private let outputPath: String
    private let logPath: String
    private let state = Mutex(State())

    /// How long a start may take: a long journal is replayed meanwhile.
    static let readyNanoseconds: UInt64 = 60_000_000_000
    /// How long it may take to end after SIGTERM.
    static let endNanoseconds: UInt64 = 30_000_000_000

    /// - Parameters:
    ///   - command: its words; `{listen}` in them stands for where to listen.
    ///   - folder: where its output goes.
    init(_ command: CommandWords, folder: String) {
        self.command = command
        outputPath = folder + "/server.out"
        logPath = folder + "/server.log"
    }

    /// HOST:PORT, once it has been ready.
    var address: String? { state.withLock { $0.address } }

    /// Its process; 0 while it doesn't run.
    var pid: Int32 { state.withLock { $0.pid } }

    /// Starts it and waits until it serves: until it says `ready HOST:PORT`.
    func start() throws(RunFailure) {
        let listen = state.withLock { $0.address } ?? "127.0.0.1:0"
        let words = command.words.map { word in
            word.replacing("{listen}", with: listen)
        }
        // SAFETY: C strings during the calls.
        let output = unsafe open(outputPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        let errors = unsafe open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        defer {
            close(output)
            close(errors)
        }
        guard output >= 0, errors >= 0 else {
            throw RunFailure(.couldNotRun, "can't write \(outputPath): \(systemText(errno))")
        }
        let before = Int(lseek(output, 0, SEEK_END))
        var pid: pid_t = 0
        let code = spawn(words, output, errors, &pid)
        guard code == 0 else {
            throw RunFailure(.couldNotRun, "can't start \(words[0]): \(systemText(code))")
        }
        state.withLock {
            $0.pid = pid
            $0.isEnding = false
        }
        let end = stockade_monotonic_nanoseconds() + ServerProcess.readyNanoseconds
        while stockade_monotonic_nanoseconds() < end {
            if let address = readyAddress(after: before) {
                state.withLock { $0.address = $0.address ?? address }
                return
            }
            let ended = stockade_reap(pid, 0)
            guard ended < 0 else {
                state.withLock { $0.pid = 0 }
                throw RunFailure(
                    .couldNotRun, "the server ended with \(ended) before it was ready:\n\(lastLog)")
            }
            usleep(2_000)
        }
        throw RunFailure(
            .couldNotRun,
            "the server wasn't ready after \(ServerProcess.readyNanoseconds / 1_000_000_000) s")
    }

    /// Kills it as a crash would, and waits for its end.
    func kill() { _ = end(with: SIGKILL) }

    /// Sends it a signal: SIGSTOP, SIGCONT.
    func signal(_ number: Int32) {
        let pid = pid
        if pid > 0 { _ = Glibc.kill(pid, number) }
    }

    /// Asks it to drain and waits; its exit code, 128 + 9 when it had to be killed.
    func terminate() -> Int32? {
        let pid = pid
        guard pid > 0 else { return nil }
        state.withLock { $0.isEnding = true }
        // One that is stopped doesn't hear.
        _ = Glibc.kill(pid, SIGCONT)
        countCPU(of: pid)
        _ = Glibc.kill(pid, SIGTERM)
        let end = stockade_monotonic_nanoseconds() + ServerProcess.endNanoseconds
        while stockade_monotonic_nanoseconds() < end {
            let code = stockade_reap(pid, 0)
            if code >= 0 {
                state.withLock { $0.pid = 0 }
                return code
            }
            usleep(5_000)
        }
        return self.end(with: SIGKILL)
    }

    /// Asks it to end and doesn't wait: the last thing that a process does that ends at once.
    func dismiss() {
        signal(SIGCONT)
        signal(SIGTERM)
    }

    /// Whether it has ended by itself, and how: it is asked for once.
    func hasEnded() -> Int32? {
        state.withLock { state in
            guard state.pid > 0, !state.isEnding else { return nil }
            let code = stockade_reap(state.pid, 0)
            guard code >= 0 else { return nil }
            state.pid = 0
            return code
        }
    }

    /// CPU seconds of all its starts up to now.
    var cpuSeconds: Double {
        let (pid, ended) = state.withLock { ($0.pid, $0.endedCPU) }
        return ended + (pid > 0 ? SystemFacts.cpuSeconds(of: pid) : 0)
    }

    /// The last lines that it wrote on standard error.
    var lastLog: String {
        let text = TextFile.read(logPath) ?? ""
        return text.split(separator: "\n").suffix(8).joined(separator: "\n")
    }

    private func end(with number: Int32) -> Int32? {
        let pid = pid
        guard pid > 0 else { return nil }
        state.withLock { $0.isEnding = true }
        countCPU(of: pid)
        _ = Glibc.kill(pid, number)
        let code = stockade_reap(pid, 1)
        state.withLock { $0.pid = 0 }
        return code
    }

    private func countCPU(of pid: Int32) {
        let seconds = SystemFacts.cpuSeconds(of: pid)
        state.withLock { $0.endedCPU += seconds }
    }

    private func readyAddress(after offset: Int) -> String? {
        guard let text = TextFile.read(outputPath, from: offset), text.contains("\n") else {
            return nil
        }
        for line in text.split(separator: "\n") where line.hasPrefix("ready ") {
            return String(line.dropFirst(6))
        }
        return nil
    }
}

/// Starts a program. Returns 0 or an error number.
func spawn(_ words: [String], _ output: Int32, _ errors: Int32, _ pid: inout pid_t) -> Int32 {
    // SAFETY: strdup's copies live until they are freed below; the array ends with nil.
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    return unsafe stockade_spawn(words[0], &arguments, output, errors, environ, &pid)
}
