// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The core's bounds. Every table is made from them once and never grows.
public struct CoreConfiguration: Sendable {
    /// Stock accounts (and, later, credit and quota), 1 to 2^28.
    public var accountsMax = 1_000_000
    /// Codes in all: brands, SKUs, warehouses and dealers together, 1 to 2^28.
    public var codesMax = 1_100_000
    /// Live holds, 1 to 2^28.
    public var holdsMax = 1_000_000
    /// Remembered holds, orders and outcomes together, 1 to 2^28. A live hold counts twice: its own
    /// entry and the room of its order.
    public var idsMax = 2_500_000
    /// Cells for the lines of holds and orders with several lines, or nil for half of `idsMax` and
    /// some; 1,000 to 2^28.
    public var legsMax: Int?
    /// How long what has ended is remembered, in milliseconds; 1 s to 7 days.
    public var retentionMilliseconds: UInt64 = 24 * 3_600_000
    /// How long a refusal is remembered at most, in milliseconds.
    public var refusalReachMilliseconds: UInt64 = 10 * 60_000
    /// Memory of the ring of refusals, in bytes, over all stripes.
    public var refusalRingBytes = 64 << 20
    /// Locks over holds, orders and outcomes: 16 per loop, a power of two.
    public var holdStripes = 32
    /// Locks over accounts, a power of two up to 65,536.
    public var accountStripes = 1_024
    /// The tick at which the server begins: the highest of its journal's life, or 0.
    public var firstTick = Tick(milliseconds: 0)
    /// The secret of every hash here; drawn once in the journal's life.
    public var hashKey: (UInt64, UInt64)
    #if PlantedFaults
        /// The promise to break.
        public var plantedFault: PlantedFault?
    #endif

    /// The defaults, which suit a machine of 4 GiB, with a hash key.
    public init(hashKey: (UInt64, UInt64)) {
        self.hashKey = hashKey
    }

    /// Entries in each hold stripe's part of a table that has `total` in all.
    ///
    /// Ids spread over the stripes by a keyed hash, so a part's share is binomial. Seven times
    /// its root and 64 more are over seven standard deviations at every size, a chance of one in 10^12:
    /// a part is never full before the whole is, in practice; if it happens, it counts as full.
    func partCapacity(of total: Int) -> Int {
        let share = (total + holdStripes - 1) / holdStripes
        return share + 7 * Int(Double(share).squareRoot()) + 64
    }

    /// Rows of each hold stripe: for all ids, and the outcomes beyond them.
    var rowsPerPart: Int { partCapacity(of: idsMax + idsForEnds) }

    /// Cells for the legs of holds and orders with more than one line, over all stripes: each line of
    /// such a hold takes two, its order's with it. A hold of one line takes none.
    public var legCellsMax: Int { legsMax ?? idsMax / 2 + 2 * CoreLimits.linesPerDecisionMax }

    /// Notes on orders, over all stripes: what most orders never have.
    var notesMax: Int { idsMax / 16 + 2 * CoreLimits.eventsPerOrderMax }

    /// Outcomes of cancellations in whole that are remembered although `idsMax` is reached. When more
    /// orders than this are cancelled within one retention while the tables are full, the others are
    /// refused, ID_TABLE_FULL, until ids are forgotten.
    var idsForEnds: Int { idsMax / 48 + 8 }
}

/// Bounds that are not configuration, because records and wire forms rely on them.
public enum CoreLimits {
    /// Lines of one reservation or order. Bounds a record at 20 KiB and the scratch lists.
    public static let linesPerDecisionMax = 500
    /// Longest time to live, in milliseconds: a day. Fits the record's 32 bits.
    public static let timeToLiveMaxMilliseconds: UInt64 = 24 * 3_600_000
    /// Units on hand at most, so that sums of figures can't overflow 64 bits.
    public static let onHandMax: Int64 = 1_000_000_000_000
    /// Accounts that any configuration may have, and so the numbers that a record may.
    public static let accountsMax = 1 << 28
    /// Reservations that one order may be made of, so that its record is bounded too.
    public static let reservationsPerOrderMax = 16
    /// Warehouses of one SKU: a line that names none looks at all of them under their locks.
    public static let warehousesPerSkuMax = 64
    /// Accounts that the lines of one decision may choose from: bounds what sorting them takes.
    public static let candidatesPerDecisionMax = 4_096
    /// Events of an order that memory keeps; Postgres has all.
    public static let eventsPerOrderMax = 64
    /// Entries that one page of a list may have.
    public static let listedMax = 1_000
    /// Slots that one page of a list looks at, and how many under one holding of a stripe's lock.
    public static let slotsPerPageMax = 4_096
    static let slotsPerLockMax = 256
    /// Milliseconds that a hold lives when nobody says otherwise.
    public static let timeToLiveDefaultMilliseconds: UInt64 = 15 * 60_000
    /// Bytes of a code's text.
    public static let codeByteCountMax = 64
    /// Due holds that one turn or one short Reserve collects at most, so that neither takes long.
    public static let expiriesPerTurnMax = 256
    /// Wheel entries that a turn may move besides, at about 20 ns each.
    public static let wheelMovesPerTurnMax = 8_192
    /// Entries handled under one holding of a stripe's lock: bounds what another call waits for.
    public static let wheelEntriesPerLockMax = 32
}
