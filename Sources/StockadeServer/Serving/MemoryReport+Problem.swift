// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import ReservationCore

extension MemoryReport {
    /// What a server takes beside its tables, whatever its bounds are: the journal's buffers, the
    /// connections' and the log's.
    private static var baseByteCount: Int { 64 << 20 }
    /// What each loop takes: what it reads requests and makes answers in, its own buffers.
    private static var loopByteCount: Int { 8 << 20 }
    /// Threads beside the loops at most: signals, the journal's two, Postgres's three, the
    /// administration side's two, warnings.
    private static var otherThreads: Int { 9 }
    /// A thread's stack where the system sets it no limit.
    private static var unlimitedStackByteCount: Int { 2 << 20 }
    /// What the C library sets aside of the addresses, though not of the memory, for a thread that
    /// allocates.
    private static var arenaByteCount: Int { 64 << 20 }
    /// A limit beyond this has no memory to go with it either.
    private static var stackByteCountMax: Int { 1 << 40 }

    /// Why the tables can't be made here, or nil. All of them are touched at start: without this the
    /// system would end the process in the middle of it, or another one.
    static func problem(_ core: CoreConfiguration, loops: Int) -> String? {
        let tables = byteCount(core)
        let touched = baseByteCount + loops * loopByteCount
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        if let problem = problem(tables, touched, machine, "of memory here") { return problem }
        // Stacks, arenas and what is mapped already count against the process's own limit only: it is
        // one of addresses.
        guard let limit = byteLimit(RLIMIT_AS) else { return nil }
        let stack = min(byteLimit(RLIMIT_STACK) ?? unlimitedStackByteCount, stackByteCountMax)
        let threads = (loops + otherThreads) * (stack + arenaByteCount)
        let beside = mappedByteCount() + touched + threads
        return problem(tables, beside, limit, "for this process (ulimit -v)")
    }

    private static func problem(
        _ tables: Int, _ beside: Int, _ room: Int, _ whose: String
    ) -> String? {
        // Tables may be larger than any sum that is still a number.
        guard tables > room - beside else { return nil }
        return
            "the tables take \(mebibytes(tables)) MiB and the server beside them "
            + "\(mebibytes(beside)) MiB, and there are \(room >> 20) MiB \(whose): lower --ids-max, "
            + "--holds-max, --accounts-max or --codes-max, or give it more memory"
    }

    /// Rounded up: as much is enough.
    private static func mebibytes(_ count: Int) -> Int {
        count >> 20 + (count & (1 << 20 - 1) == 0 ? 0 : 1)
    }

    /// What the process may take of something; nil: as much as there is.
    private static func byteLimit(_ resource: __rlimit_resource) -> Int? {
        var limit = rlimit()
        // SAFETY: writes the struct that it is given.
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
            limit.rlim_cur != rlim_t.max
        else { return nil }
        return Int(clamping: limit.rlim_cur)
    }

    /// What the process has mapped now: the program, its libraries, what was made so far. 0 where the
    /// system doesn't say it.
    private static func mappedByteCount() -> Int {
        let text = try? BoundedFile.bytes(of: "/proc/self/statm", atMost: 4_096)
        // Its first number is the count of mapped pages.
        let digits = (text ?? []).prefix { $0 != UInt8(ascii: " ") }
        let pages = Int(String(decoding: digits, as: UTF8.self)) ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
