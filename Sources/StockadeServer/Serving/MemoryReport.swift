// SPDX-License-Identifier: Apache-2.0

public import ReservationCore

/// What the tables of a configuration take, in words: printed at start, so that nobody has to guess
/// what a bound costs.
public enum MemoryReport {
    /// Bytes of all tables.
    public static func byteCount(_ core: CoreConfiguration) -> Int {
        ReservationCore<MemorySink>.byteCount(core)
    }

    /// One line per bound.
    public static func lines(_ core: CoreConfiguration) -> [String] {
        [
            "accounts-max \(core.accountsMax), codes-max \(core.codesMax), "
                + "holds-max \(core.holdsMax), ids-max \(core.idsMax), legs-max \(core.legCellsMax)",
            "retention \(core.retentionMilliseconds) ms, "
                + "refusals remembered in \(core.refusalRingBytes >> 20) MiB",
            "tables take \(byteCount(core) >> 20) MiB, all of it touched now",
            "that is \(share(core, \.accountsMax)) bytes an account, "
                + "\(share(core, \.codesMax)) a code, \(share(core, \.idsMax)) an id",
        ]
    }

    /// What one more of a bound takes, from twice as many.
    private static func share(
        _ core: CoreConfiguration, _ bound: WritableKeyPath<CoreConfiguration, Int>
    ) -> Int {
        var doubled = core
        doubled[keyPath: bound] *= 2
        return (byteCount(doubled) - byteCount(core)) / core[keyPath: bound]
    }
}
