// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import ReservationCore

extension MemoryReport {
    /// Why the tables can't be made here, or nil. All of them are touched at start: without this the
    /// system would end the process in the middle of it, or another one.
    static func problem(_ core: CoreConfiguration) -> String? {
        let needed = ReservationCore<MemorySink>.byteCount(core)
        let room = availableByteCount()
        guard needed > room else { return nil }
        return
            "the tables take \(needed >> 20) MiB and there are \(room >> 20) MiB for this process: "
            + "lower --ids-max, --holds-max, --accounts-max or --codes-max, or give it more memory"
    }

    /// The machine's memory, or less where the process has a limit of its own (ulimit -v).
    private static func availableByteCount() -> Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        var limit = rlimit()
        // SAFETY: writes the struct that it is given.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
            return machine
        }
        return min(machine, Int(clamping: limit.rlim_cur))
    }
}
