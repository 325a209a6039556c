// SPDX-License-Identifier: Apache-2.0

/// What a run leaves behind for the oracle.
public struct OracleInput: Sendable {
    /// The run's ledger, whole.
    public var ledgerPath: String
    /// What `stockade check --dump` wrote after the run; nil: the journal isn't within reach.
    public var dumpPath: String?
    /// For the sorters' files, which never outlive the verification; made if it isn't there.
    public var workFolder: String
    /// The run's.
    public var identity: RunIdentity
    /// The brand that was sold.
    public var brand: String
    /// SKUs that were set.
    public var skus: Int
    /// Units that a SKU was set to.
    public var units: @Sendable (Int) -> Int64
    /// The first SKUs are the flash set.
    public var flash = 0
    /// What a broken rule means; a check that isn't named fails the run.
    public var levels: [CheckName: CheckLevel] = [:]
    /// Exit code of `stockade check`: 0 fine, 1 violations, 3 damaged; nil: it didn't run.
    public var journalCheckExit: Int32?
    /// Its output; or, without a dump, why there is none.
    public var journalCheckText = ""
    /// What `stockade check --postgres` said; nil: nothing.
    var postgres: PostgresReading?
    /// Why Postgres wasn't held against the journal, or not wholly; nil: it was.
    var postgresGap: String? = PostgresReading.unnamed
    /// Nil: there was no closing phase.
    public var closing: ClosingResult?
    /// When the server was killed or stopped for good, nanoseconds since the run's start: what it
    /// remembers in memory alone, such as a Release that overtook its Reserve, ends there.
    public var restarts: [UInt64] = []
    /// Memory for each of the three sorters, in bytes.
    public var sortMemoryBytes = 64 << 20

    /// Names what it can't do without.
    public init(
        ledgerPath: String, dumpPath: String?, workFolder: String, identity: RunIdentity,
        brand: String, skus: Int, units: @escaping @Sendable (Int) -> Int64
    ) {
        self.ledgerPath = ledgerPath
        self.dumpPath = dumpPath
        self.workFolder = workFolder
        self.identity = identity
        self.brand = brand
        self.skus = skus
        self.units = units
    }
}

/// How the closing phase ended.
public struct ClosingResult: Equatable, Sendable {
    /// Per flash SKU: whether its buyer was refused for want of stock.
    public var refusedSKUs: [Bool]
    /// Why it is incomplete; nil: it isn't.
    public var note: String?

    /// Names the parts.
    public init(refusedSKUs: [Bool], note: String? = nil) {
        self.refusedSKUs = refusedSKUs
        self.note = note
    }
}
