// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A process and all that come from it, as the kernel tells it now. None of them has threads that start
/// processes: only the first thread's children are asked for.
enum ProcessFamily {
    /// Its own id first, children before grandchildren.
    static func members(of pid: Int32) -> [Int32] {
        var found = [pid]
        var next = 0
        while next < found.count {
            let parent = found[next]
            next += 1
            let text = TextFile.read("/proc/\(parent)/task/\(parent)/children") ?? ""
            for child in text.split(separator: " ").compactMap({ Int32($0) })
            where !found.contains(child) {
                found.append(child)
            }
        }
        return found
    }

    /// Stops all of them and gives their ids. What the kernel tells of a family in which somebody ends may
    /// have gaps: it is asked until all that it names have stopped, and then nobody begins or ends.
    static func stop(_ pid: Int32) -> [Int32] {
        var known: [Int32] = []
        for _ in 0..<1_000 {
            let members = members(of: pid)
            if members == known, !members.contains(where: { isRunning($0) }) { break }
            known = members
            for member in members { _ = Glibc.kill(member, SIGSTOP) }
            usleep(100)
        }
        return known
    }

    /// Whether a process is there and more than a record of its end.
    static func isAlive(_ pid: Int32) -> Bool {
        guard let state = state(of: pid) else { return false }
        return state != "Z" && state != "X"
    }

    /// Whether it may still do something.
    private static func isRunning(_ pid: Int32) -> Bool { isAlive(pid) && state(of: pid) != "T" }

    /// One letter, as the kernel tells it: T has stopped, Z has ended; nil: it isn't there.
    static func state(of pid: Int32) -> Character? {
        let text = TextFile.read("/proc/\(pid)/stat")
        return text?.split(separator: ")").last?.dropFirst().first
    }
}
