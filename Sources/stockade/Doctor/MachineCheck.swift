// SPDX-License-Identifier: Apache-2.0

import Glibc
import StockadeServer

/// What a server needs of the machine itself.
enum MachineCheck {
    /// Connections of a busy sale, and what else is open.
    private static let filesWanted = 16_384
    /// Below, the load of a demonstration isn't served.
    private static let filesNeeded = 256

    static func findings(_ settings: Settings, _ configuration: ServerConfiguration) -> [Finding] {
        [
            files(), memory(configuration), processors(configuration.loops), kernel(), clock(),
            hugePages(),
        ]
    }

    private static func files() -> Finding {
        var limit = rlimit()
        // SAFETY: the kernel fills in the structure during the call.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .warn("files", "the limit of open files is unknown", "look at `ulimit -n`")
        }
        let count = Int(clamping: limit.rlim_cur)
        let text = "\(count) open files at most, so about \(max(0, count - 64)) connections"
        let advice = "`ulimit -n 65536` before the start, or LimitNOFILE=65536 in the systemd unit"
        if count < filesNeeded { return .fail("files", text, advice) }
        if count < filesWanted { return .warn("files", text, advice) }
        return .pass("files", text)
    }

    private static func memory(_ configuration: ServerConfiguration) -> Finding {
        let tables = MemoryReport.byteCount(configuration.core)
        var room = SystemFile.bytes("/proc/meminfo", "MemAvailable") ?? 0
        var whose = "available"
        for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
            if let limit = SystemFile.line(path).flatMap(Int.init), limit < room {
                room = limit
                whose = "allowed by the control group"
            }
        }
        let text = "tables take \(tables >> 20) MiB of \(room >> 20) MiB \(whose)"
        let advice =
            "lower --ids-max, --holds-max or --accounts-max, or give the machine more memory"
        // Journal buffers, connections, the program itself.
        if tables + 128 << 20 > room { return .fail("memory", text, advice) }
        if tables > room / 4 * 3 { return .warn("memory", text, advice) }
        return .pass("memory", text)
    }

    private static func processors(_ loops: Int) -> Finding {
        let count = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let text = "\(count) processors for \(loops) event loops"
        guard loops <= count else {
            return .warn(
                "processors", text, "loops beyond the processors only take turns: --loops \(count)")
        }
        return .pass("processors", text)
    }

    private static func kernel() -> Finding {
        let release = SystemFile.line("/proc/sys/kernel/osrelease") ?? "unknown"
        let numbers = release.split { $0 == "." || $0 == "-" }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else {
            return .warn("kernel", "version \(release)", "Linux 5.11 or later is known to do")
        }
        // epoll_pwait2 came with 5.11; before it, waits are rounded to milliseconds.
        guard (numbers[0], numbers[1]) >= (5, 11) else {
            return .warn(
                "kernel", "Linux \(release): waits of less than a millisecond aren't to be had",
                "Linux 5.11 or later")
        }
        return .pass("kernel", "Linux \(release)")
    }

    private static func clock() -> Finding {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        guard let source = SystemFile.line(path) else {
            return .warn("clock", "the clock source is unknown", "look at \(path)")
        }
        guard
            ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"]
                .contains(source)
        else {
            return .warn(
                "clock", "clock source \(source): each look at the clock may be a system call",
                "tsc or kvm-clock, if the machine has them: \(path)")
        }
        return .pass("clock", "clock source \(source)")
    }

    private static func hugePages() -> Finding {
        let path = "/sys/kernel/mm/transparent_hugepage/enabled"
        guard let line = SystemFile.line(path) else {
            return .pass("huge pages", "transparent huge pages aren't there")
        }
        let chosen = line.split(separator: " ").first { $0.hasPrefix("[") }?
            .dropFirst().dropLast()
        guard let chosen, chosen != "never" else {
            return .warn(
                "huge pages", "transparent huge pages are off: look-ups in big tables cost more",
                "echo madvise > \(path)")
        }
        return .pass("huge pages", "transparent huge pages: \(chosen)")
    }
}
