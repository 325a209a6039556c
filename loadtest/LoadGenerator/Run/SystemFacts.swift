// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the machine is, and what processes have used: read from the kernel's own files.
enum SystemFacts {
    /// What a result must say of the machine that it was measured on.
    static func machine() -> [RunRecord.Fact] {
        var facts: [RunRecord.Fact] = []
        let cpu = TextFile.read("/proc/cpuinfo") ?? ""
        let model = cpu.split(separator: "\n").first { $0.hasPrefix("model name") }
        if let name = model?.split(separator: ":").last {
            facts.append(.init("processor", String(name.drop { $0 == " " })))
        }
        facts.append(.init("cores", "\(onlineCores)"))
        if let kernel = TextFile.read("/proc/sys/kernel/osrelease") {
            facts.append(.init("kernel", "Linux \(kernel.split(separator: "\n").first ?? "")"))
        }
        let clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        if let source = TextFile.read(clock)?.split(separator: "\n").first {
            facts.append(.init("clock", String(source)))
        }
        if let memory = field("MemTotal", of: "/proc/meminfo") {
            facts.append(.init("memory", "\(memory / 1_024) MiB"))
        }
        return facts
    }

    /// Cores that are there.
    static var onlineCores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Cores that a process may run on, as the kernel lists them: `0-1`.
    static func coresAllowed(of pid: Int32) -> String {
        let path = pid == 0 ? "/proc/self/status" : "/proc/\(pid)/status"
        let text = TextFile.read(path) ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("Cpus_allowed_list:") {
            return line.split(separator: "\t").last.map(String.init) ?? ""
        }
        return ""
    }

    /// The numbers in a list of cores.
    static func cores(in list: String) -> Set<Int> {
        var cores: Set<Int> = []
        for part in list.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            cores.formUnion(first...last)
        }
        return cores
    }

    /// The most memory that this process ever had, in bytes.
    static var peakMemory: Int { (field("VmHWM", of: "/proc/self/status") ?? 0) * 1_024 }

    /// Segments that TCP has sent again since the machine was started.
    static var retransmissions: Int {
        let rows = (TextFile.read("/proc/net/snmp") ?? "").split(separator: "\n")
            .filter { $0.hasPrefix("Tcp:") }.map { $0.split(separator: " ") }
        guard rows.count == 2, let index = rows[0].firstIndex(of: "RetransSegs"),
            index < rows[1].count
        else { return 0 }
        return Int(rows[1][index]) ?? 0
    }

    /// Seconds that a hypervisor took from this machine's cores since it was started, over all cores.
    static var stolenSeconds: Double {
        let text = TextFile.read("/proc/stat") ?? ""
        guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return 0 }
        let fields = line.split(separator: " ")
        guard fields.count > 8, let ticks = Double(fields[8]) else { return 0 }
        return ticks / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    /// CPU seconds that a process has used, all its threads.
    static func cpuSeconds(of pid: Int32) -> Double {
        let text = TextFile.read("/proc/\(pid)/stat") ?? ""
        // The second field is a name in brackets, and may hold anything.
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return 0 }
        return (user + system) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Descriptors that this process may open.
    static var descriptorsMax: Int {
        var limit = rlimit()
        // SAFETY: the kernel fills the struct that it is given.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1_024
        }
        return Int(clamping: limit.rlim_cur)
    }

    private static func field(_ name: String, of path: String) -> Int? {
        let text = TextFile.read(path) ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.split(separator: " ").compactMap { Int($0) }.first
        }
        return nil
    }
}
