// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// An order that was made in the batch, as it stands at the batch's end.
public struct OrderRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var order: ClientID
    /// For whom.
    public var dealer: UInt32
    /// What it was made of; nil: of none or of several.
    public var reservation: ClientID?
    /// When.
    public var created: WallTime
    /// Of its record.
    public var sequence: UInt64
    /// Whether nothing is left of it.
    public var isCancelled = false
    /// When it changed last.
    public var changed: WallTime
    /// Of the record that changed it last.
    public var lastSequence: UInt64
    /// Its lines in `ProjectionBatch.orderLines`.
    public var firstLine: UInt32
    /// How many.
    public var lineCount: UInt32
}

/// A line of an order; lines of which nothing was confirmed aren't there.
public struct OrderLineRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// The order.
    public var order: ClientID
    /// Of the record that made it.
    public var sequence: UInt64
    /// The line's number.
    public var line: UInt32
    /// What.
    public var sku: UInt32
    /// Where.
    public var warehouse: UInt32
    /// Units.
    public var quantity: UInt32
    /// How many of them were cancelled within the batch.
    public var cancelled: UInt32 = 0
}

/// What was cancelled in the batch of an order that the table has already. Whether anything is left
/// of it is seen there.
public struct OrderCancelRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// The order.
    public var order: ClientID
    /// When, the last time.
    public var changed: WallTime
    /// Of the last record.
    public var lastSequence: UInt64
}

/// What was cancelled in the batch of a line that the table has already.
public struct OrderLineCancelRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// The order.
    public var order: ClientID
    /// The line's number.
    public var line: UInt32
    /// Where.
    public var warehouse: UInt32
    /// Units, of all records.
    public var units: UInt64
    /// Of the last of them.
    public var lastSequence: UInt64
}

/// That something of an order was cancelled. Whether anything was left after it is seen in the
/// order's own row, which is written before.
public struct OrderEventRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// The order.
    public var order: ClientID
    /// Of its record.
    public var sequence: UInt64
    /// When.
    public var wall: WallTime
    /// Why, as the caller numbered it.
    public var cause: UInt8
    /// How much, over all lines.
    public var units: UInt64
    /// The request.
    public var request: ClientID

    /// The cause as the table has it.
    public var causeText: String {
        let names = [
            "UNSPECIFIED", "DEALER", "BRAND", "STOCK", "PAYMENT", "MISTAKE", "FRAUD", "OTHER",
        ]
        return cause < names.count ? names[Int(cause)] : "CAUSE_\(cause)"
    }
}

/// A record that can't become rows, or whose rows the tables refuse: for a person to look at.
public struct DeadLetterRow: Hashable, Sendable {
    /// Of the record.
    public var sequence: UInt64
    /// What the database said; empty when it wasn't asked.
    public var sqlState: String
    /// What is wrong.
    public var message: String
    /// The record.
    public var body: [UInt8]
    /// When it was made.
    public var wall: WallTime
}
