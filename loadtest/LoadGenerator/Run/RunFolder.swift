// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where a run's results go: a folder that has its name only once it is whole.
struct RunFolder: Sendable {
    /// Where the files are while the run is under way.
    let partial: String
    /// Where they are afterwards.
    let path: String

    /// Makes `OUT/NAME-TIME-ID.partial`, and OUT if need be.
    init(in out: String, name: String, identity: RunIdentity, unixSeconds: Int) throws(RunFailure) {
        let id = String(identity.runID, radix: 16)
        path = "\(out)/\(name)-\(RunFolder.stamp(unixSeconds))-\(id.prefix(8))"
        partial = path + ".partial"
        try RunFolder.make(out)
        // SAFETY: a C string during the call.
        guard unsafe mkdir(partial, 0o755) == 0 else {
            throw RunFailure(.couldNotRun, "can't make \(partial): \(systemText(errno))")
        }
    }

    /// Takes it away again: the run never began. What isn't of a run's beginning stays.
    func discard() {
        for name in ["scenario.lock.yaml", "server.out", "server.log", "postgres.log"] {
            // SAFETY: C strings during the calls.
            _ = unsafe unlink(partial + "/" + name)
        }
        _ = unsafe rmdir(partial)
    }

    /// Gives it its name.
    func finish() throws(RunFailure) {
        // SAFETY: C strings during the call.
        guard unsafe rename(partial, path) == 0 else {
            throw RunFailure(.couldNotRun, "can't rename \(partial): \(systemText(errno))")
        }
    }

    /// A date and time in UTC, as file names have it: `20261111T000000Z`.
    static func stamp(_ unixSeconds: Int) -> String {
        var seconds = time_t(unixSeconds)
        var parts = unsafe tm()
        // SAFETY: both structs live during the call.
        _ = unsafe gmtime_r(&seconds, &parts)
        let date = unsafe [parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday]
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec]
        func digits(_ numbers: [Int32]) -> String {
            numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        }
        return digits(date) + "T" + digits(time) + "Z"
    }

    private static func make(_ path: String) throws(RunFailure) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
            // SAFETY: a C string during the call.
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw RunFailure(.couldNotRun, "can't make \(made): \(systemText(errno))")
            }
        }
    }
}
