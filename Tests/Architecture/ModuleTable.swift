// SPDX-License-Identifier: Apache-2.0

/// Who may know whom: a folder is a promise about what may change inside it, an arrow about who may
/// know whom.
enum ModuleTable {
    /// What a module is allowed.
    struct Rule {
        /// The Swift modules right below it; theirs are allowed too.
        var below: [String] = []
        /// C modules that it owns. An arrow never hands these on.
        var owns: [String] = []
        /// From other packages, or of the toolchain.
        var outside: [String] = []
        /// Modules of ours that an arrow would allow and that are forbidden all the same.
        var never: [String] = []
        /// True where a call's path goes: no Foundation, no text, no allocation.
        var isHot = false
    }

    /// A missing module is an error too: a new folder needs a line here.
    static let rules: [String: Rule] = [
        "Primitives": Rule(owns: ["CIntrinsics"], isHot: true),
        "Effects": Rule(below: ["Primitives"], isHot: true),
        "Journal": Rule(below: ["Primitives"], owns: ["CLinux"], isHot: true),
        // A checker that shares the core's rules shares its mistakes.
        "Audit": Rule(
            below: ["Journal", "Effects", "PostgresClient"], never: ["ReservationCore"]),
        "PostgresClient": Rule(below: ["Primitives"], owns: ["CPostgres"], outside: ["Glibc"]),
        "Projection": Rule(
            below: ["Journal", "Effects", "PostgresClient"], outside: ["Glibc"],
            never: ["ReservationCore"]),
        "Wire": Rule(below: ["Primitives"], isHot: true),
        "StockadeAPI": Rule(below: ["Wire"], isHot: true),
        "ReservationCore": Rule(below: ["Effects"], isHot: true),
        "Transport": Rule(
            below: ["Wire"], owns: ["CLinux", "CNghttp2"], outside: ["Glibc"], isHot: true),
        "StockadeServer": Rule(
            below: ["StockadeAPI", "ReservationCore", "Journal", "Projection", "Transport"],
            outside: [
                "Logging", "Yams", "Glibc", "FlyingFox", "FlyingSocks", "FoundationEssentials",
            ]),
        "stockade": Rule(
            below: ["StockadeServer", "Audit", "Projection"], owns: ["CBuild"],
            outside: ["ArgumentParser", "Logging", "Glibc"]),
        "LoadGenerator": Rule(
            below: ["StockadeAPI", "Transport"], owns: ["CLinux"],
            outside: ["Histogram", "Yams", "Glibc"], never: coreSide),
        "stampede": Rule(
            below: ["LoadGenerator"], outside: ["ArgumentParser", "Glibc"], never: coreSide),
    ]

    /// Folders that are C: a module map and a header, no Swift.
    static let cModules = ["CLinux", "CIntrinsics", "CNghttp2", "CPostgres", "CBuild"]

    /// A load tester that shares these shares their bugs.
    static let coreSide = [
        "ReservationCore", "Ordering", "Effects", "Journal", "Audit", "Projection",
        "PostgresClient", "StockadeServer",
    ]

    /// Of the toolchain and without I/O: fine anywhere.
    static let everywhere = ["Swift", "Synchronization"]

    /// Every module that one may import, arrows followed to the end.
    static func allowed(_ module: String) -> Set<String> {
        guard let rule = rules[module] else { return [] }
        var allowed = Set(everywhere + rule.owns + rule.outside)
        var next = rule.below
        while let below = next.popLast() {
            guard allowed.insert(below).inserted else { continue }
            next += rules[below]?.below ?? []
        }
        return allowed.subtracting(rule.never)
    }
}
