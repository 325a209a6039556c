// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A leg as records have it: 12 bytes, line u32, account u32, amount u32.
public struct RecordLeg: Hashable, Sendable, BitwiseCopyable {
    /// The line's number in the reservation.
    public var line: UInt32
    /// The account's number.
    public var account: UInt32
    /// Units: granted (reserve), confirmed (confirm), given back (release, expire).
    public var amount: UInt32
    /// True when less than the line asked for was granted. The highest bit of the amount.
    public var isShort: Bool

    /// Makes a leg; `amount` is below 2^31.
    public init(line: UInt32, account: UInt32, amount: UInt32, isShort: Bool) {
        self.line = line
        self.account = account
        self.amount = amount
        self.isShort = isShort
    }
}

extension ByteWriter {
    /// Appends a leg's 12 bytes.
    public mutating func append(_ leg: RecordLeg) {
        append(littleEndian: leg.line)
        append(littleEndian: leg.account)
        append(littleEndian: leg.amount | (leg.isShort ? 1 << 31 : 0))
    }
}

/// The records' bodies, each written in one go or, where it has a list, begun and then added to.
///
/// `Protocols/journal.md` has them as a table; here each function's parameters are the
/// fields in their order. Figures are absolute and stand after the change, amounts are what changed:
/// a checker applies the amounts and compares with the figures.
public enum RecordWriting {
    /// Writes a code's definition: number u32, kind u8, length u8, the text.
    public static func define(
        brand: UInt32, number: UInt32, kind: UInt8, text: Span<UInt8>,
        into record: inout ByteWriter
    ) {
        RecordHeader.begin(.define, brand: brand, into: &record)
        record.append(littleEndian: number)
        record.append(kind)
        record.append(UInt8(text.count))
        record.append(text)
        RecordHeader.end(&record)
    }

    /// Writes an applied SetStock: every figure of the account, and the codes it stands for.
    public static func setStock(
        brand: UInt32, request: ClientID, fingerprint: UInt64, account: UInt32, sku: UInt32,
        warehouse: UInt32, sourceVersion: UInt64, figures: StockFigures,
        into record: inout ByteWriter
    ) {
        RecordHeader.begin(.setStock, brand: brand, into: &record)
        record.append(request)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: account)
        record.append(littleEndian: sku)
        record.append(littleEndian: warehouse)
        record.append(littleEndian: UInt32(0))
        record.append(littleEndian: sourceVersion)
        append(figures, into: &record)
        RecordHeader.end(&record)
    }

    /// Writes an AdjustStock: the difference and every figure after it.
    public static func adjustStock(
        brand: UInt32, request: ClientID, fingerprint: UInt64, account: UInt32, delta: Int64,
        figures: StockFigures, into record: inout ByteWriter
    ) {
        RecordHeader.begin(.adjustStock, brand: brand, into: &record)
        record.append(request)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: delta)
        append(figures, into: &record)
        record.append(littleEndian: account)
        RecordHeader.end(&record)
    }

    /// Begins a grant: id 16, fingerprint u64, dealer u32, time to live u32 (milliseconds after the
    /// record's tick), legs u16, accounts u16 (fill mode in its highest four bits). Legs follow, then `held` figures.
    public static func beginReserve(
        brand: UInt32, reservation: ClientID, fingerprint: UInt64, dealer: UInt32,
        timeToLive: UInt32, fillMode: UInt8, legCount: Int, accountCount: Int,
        into record: inout ByteWriter
    ) {
        RecordHeader.begin(.reserve, brand: brand, into: &record)
        record.append(reservation)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: dealer)
        record.append(littleEndian: timeToLive)
        append(legCount: legCount, accountCount: accountCount, into: &record)
        record[record.count - 1] |= fillMode << 4
    }

    /// Begins a confirmation: reservation 16, order 16, legs u16, accounts u16. Legs (with what
    /// was confirmed; what was granted beyond it returns) follow, then `held, committed` figures.
    public static func beginConfirm(
        brand: UInt32, reservation: ClientID, order: ClientID, legCount: Int, accountCount: Int,
        into record: inout ByteWriter
    ) {
        RecordHeader.begin(.confirm, brand: brand, into: &record)
        record.append(reservation)
        record.append(order)
        append(legCount: legCount, accountCount: accountCount, into: &record)
    }

    /// Begins an order that no hold came before: id 16, fingerprint u64, dealer u32, zero u32, legs
    /// u16, accounts u16 (fill mode in its highest four bits). Legs follow, then `held, committed`
    /// figures.
    public static func beginOrder(
        brand: UInt32, order: ClientID, fingerprint: UInt64, dealer: UInt32, fillMode: UInt8,
        legCount: Int, accountCount: Int, into record: inout ByteWriter
    ) {
        RecordHeader.begin(.order, brand: brand, into: &record)
        record.append(order)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: dealer)
        record.append(littleEndian: UInt32(0))
        append(legCount: legCount, accountCount: accountCount, into: &record)
        record[record.count - 1] |= fillMode << 4
    }

    /// Begins an order that holds become: id 16, fingerprint u64, dealer u32, holds u16, zero u16,
    /// legs u16, accounts u16. A `RecordHold` for each hold follows, then the legs of all of them in
    /// the same order, then `held, committed` figures.
    public static func beginOrderFromHolds(
        brand: UInt32, order: ClientID, fingerprint: UInt64, dealer: UInt32, holdCount: Int,
        legCount: Int, accountCount: Int, into record: inout ByteWriter
    ) {
        RecordHeader.begin(.orderFromHolds, brand: brand, into: &record)
        record.append(order)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: dealer)
        record.append(littleEndian: UInt16(holdCount))
        record.append(littleEndian: UInt16(0))
        append(legCount: legCount, accountCount: accountCount, into: &record)
    }

    /// Begins a cancellation: order 16, request 16, fingerprint u64, cause u8, three zeroes, legs
    /// u16, accounts u16. The legs of which something is cancelled follow, with how much, then
    /// `held, committed` figures.
    public static func beginCancel(
        brand: UInt32, order: ClientID, request: ClientID, fingerprint: UInt64, cause: UInt8,
        legCount: Int, accountCount: Int, into record: inout ByteWriter
    ) {
        RecordHeader.begin(.cancel, brand: brand, into: &record)
        record.append(order)
        record.append(request)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: UInt32(cause))
        append(legCount: legCount, accountCount: accountCount, into: &record)
    }

    /// Writes that a hold's deadline was moved: reservation 16, request 16, fingerprint u64, the
    /// deadline's tick u64.
    public static func extend(
        brand: UInt32, reservation: ClientID, request: ClientID, fingerprint: UInt64,
        deadline: Tick, into record: inout ByteWriter
    ) {
        RecordHeader.begin(.extend, brand: brand, into: &record)
        record.append(reservation)
        record.append(request)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: deadline.milliseconds)
        RecordHeader.end(&record)
    }

    /// Writes a policy: request 16, fingerprint u64, account u32, time to live u32, every figure
    /// after it, then backorder limit, low and high water, i64 each.
    public static func setPolicy(
        brand: UInt32, request: ClientID, fingerprint: UInt64, account: UInt32,
        policy: StockPolicy, figures: StockFigures, into record: inout ByteWriter
    ) {
        RecordHeader.begin(.setPolicy, brand: brand, into: &record)
        record.append(request)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: account)
        record.append(littleEndian: UInt32(policy.holdTimeToLiveMilliseconds))
        append(figures, into: &record)
        record.append(littleEndian: policy.backorderLimit)
        record.append(littleEndian: policy.lowWater)
        record.append(littleEndian: policy.highWater)
        RecordHeader.end(&record)
    }

    /// Writes a transfer: request 16, fingerprint u64, units i64, the account that gave u32, the one
    /// that got u32, every figure of the first, then of the second.
    public static func transfer(
        brand: UInt32, request: ClientID, fingerprint: UInt64, quantity: Int64, from: UInt32,
        to: UInt32, fromFigures: StockFigures, toFigures: StockFigures,
        into record: inout ByteWriter
    ) {
        RecordHeader.begin(.transfer, brand: brand, into: &record)
        record.append(request)
        record.append(littleEndian: fingerprint)
        record.append(littleEndian: quantity)
        record.append(littleEndian: from)
        record.append(littleEndian: to)
        append(fromFigures, into: &record)
        append(toFigures, into: &record)
        RecordHeader.end(&record)
    }

    /// Begins a release or an expiry: reservation 16, legs u16, accounts u16. Legs
    /// follow, then `held` figures.
    public static func beginEnd(
        _ type: RecordType, brand: UInt32, reservation: ClientID, legCount: Int, accountCount: Int,
        into record: inout ByteWriter
    ) {
        precondition(type == .release || type == .expire)
        RecordHeader.begin(type, brand: brand, into: &record)
        record.append(reservation)
        append(legCount: legCount, accountCount: accountCount, into: &record)
    }

    /// Adds one account's figures to a reserve, release or expire record: 20 bytes.
    public static func addHeld(
        account: UInt32, held: Int64, version: UInt64, into record: inout ByteWriter
    ) {
        record.append(littleEndian: account)
        record.append(littleEndian: held)
        record.append(littleEndian: version)
    }

    /// Adds one account's figures to a record that changes what is committed: 28 bytes.
    public static func addHeldAndCommitted(
        account: UInt32, held: Int64, committed: Int64, version: UInt64,
        into record: inout ByteWriter
    ) {
        record.append(littleEndian: account)
        record.append(littleEndian: held)
        record.append(littleEndian: committed)
        record.append(littleEndian: version)
    }

    private static func append(
        legCount: Int, accountCount: Int, into record: inout ByteWriter
    ) {
        record.append(littleEndian: UInt16(legCount))
        // Twelve bits are enough for 500 accounts; the upper four belong to the caller.
        precondition(accountCount < 1 << 12)
        record.append(littleEndian: UInt16(accountCount))
    }

    private static func append(_ figures: StockFigures, into record: inout ByteWriter) {
        record.append(littleEndian: figures.onHand)
        record.append(littleEndian: figures.held)
        record.append(littleEndian: figures.allocated)
        record.append(littleEndian: figures.safety)
        record.append(littleEndian: figures.version)
    }
}
