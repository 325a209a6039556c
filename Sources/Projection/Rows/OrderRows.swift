// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// An order. Its three states are what a new order has.
public struct OrderRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var order: ClientID
    /// For whom.
    public var dealer: UInt32
    /// What it was made of.
    public var reservation: ClientID
    /// When.
    public var created: WallTime
    /// Of its record.
    public var sequence: UInt64
}

/// A line of an order; lines of which nothing was confirmed aren't there.
public struct OrderLineRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// The order.
    public var order: ClientID
    /// The line's number.
    public var line: UInt32
    /// What.
    public var sku: UInt32
    /// Where.
    public var warehouse: UInt32
    /// Units.
    public var quantity: UInt32
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
