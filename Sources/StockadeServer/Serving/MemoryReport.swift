// SPDX-License-Identifier: Apache-2.0

public import ReservationCore

/// What the tables of a configuration take, in words: printed at start, so that nobody has to guess
/// what a bound costs.
public enum MemoryReport {
    /// One line per bound.
    public static func lines(_ core: CoreConfiguration) -> [String] {
        let total = ReservationCore<MemorySink>.byteCount(core)
        return [
            "accounts-max \(core.accountsMax), codes-max \(core.codesMax), "
                + "holds-max \(core.holdsMax), ids-max \(core.idsMax)",
            "retention \(core.retentionMilliseconds) ms, "
                + "refusals remembered in \(core.refusalRingBytes >> 20) MiB",
            "tables take \(total >> 20) MiB, all of it touched now",
        ]
    }
}
