// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The bounds that records must keep and those of the audit itself.
///
/// What the decisions promise is stated here once more and not imported: whoever checks a rule must
/// not share its definition with whoever follows it. A test compares the two.
public enum AuditLimits {
    /// Violations kept with their sentence. Beyond that they are only counted: a journal that is wrong from
    /// its beginning has millions, and a person reads the first.
    public static let violationsKeptMax = 1_000

    /// Differences of one table in Postgres that are kept with their sentence.
    public static let differencesKeptMax = 20
    /// Rows of a table in Postgres that are fetched at once: one to three megabytes.
    static let rowsFetched = 10_000
    /// How long Postgres may take for those; before the first ones it sorts the table.
    static let fetchTimeout = Duration.seconds(1_800)
    /// Records that Postgres refused whose sequences are kept; of the ones beyond, the lack of their
    /// effect is told too.
    static let deadLettersMax = 100_000

    /// Milliseconds by which a record's tick may lie behind the tick at which another loop has
    /// already forgotten the same id: about the longest turn of a loop on a starved machine.
    public static let tickStepBackMilliseconds: UInt64 = 5_000

    /// Units on hand at most.
    static let onHandMax: Int64 = 1_000_000_000_000
    /// Units of one leg, or of one difference up or down, at most.
    static let quantityMax: Int64 = 1_000_000_000
    /// Legs of one record at most.
    static let legsMax = 500
    /// Reservations of one order at most.
    static let reservationsMax = 16
    /// Bytes of a code's text at most.
    static let codeByteCountMax = 64
    /// Milliseconds from a grant to its deadline.
    static let timeToLive: ClosedRange<UInt32> = 1_000...86_400_000
    /// How long what has ended may be remembered, in milliseconds: a second to seven days.
    public static let retentionMilliseconds: ClosedRange<UInt64> = 1_000...604_800_000

    /// The step back allowed under a retention: never more than a quarter of it, or a short
    /// retention couldn't be checked at all.
    static func tickStepBack(retention: UInt64) -> UInt64 {
        min(tickStepBackMilliseconds, retention / 4)
    }

    /// A tick some milliseconds later, as a plain number that can't overflow.
    static func tick(_ tick: UInt64, after milliseconds: UInt64) -> UInt64 {
        Tick(milliseconds: tick).advanced(byMilliseconds: milliseconds).milliseconds
    }
}
