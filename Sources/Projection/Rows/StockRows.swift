// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// A code that was defined. Its text is `CodeBook`'s.
public struct CodeRow: Hashable, Sendable, BitwiseCopyable {
    /// Its number.
    public var number: UInt32
    /// What it names.
    public var kind: CodeKind
    /// The brand that it belongs to; 0 for a brand.
    public var brand: UInt32
    /// Of its record.
    public var sequence: UInt64
}

/// An account after the last record of the batch that changed it. Codes are numbers, here and in all
/// rows.
public struct StockRow: Hashable, Sendable, BitwiseCopyable {
    /// Its number.
    public var account: UInt32
    /// Its brand.
    public var brand: UInt32
    /// Its SKU.
    public var sku: UInt32
    /// Its warehouse.
    public var warehouse: UInt32
    /// Its figures; the version is at most `Int64.max`.
    public var figures: StockFigures
    /// The last that a source gave; 0: none.
    public var sourceVersion: UInt64
    /// Of the last record that changed it.
    public var sequence: UInt64
    /// When that was.
    public var changed: WallTime
}

/// What a record changed of one account.
public struct MovementRow: Hashable, Sendable, BitwiseCopyable {
    /// Why.
    public enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable {
        /// An absolute figure was set.
        case set
        /// A figure was changed by a difference.
        case adjust
        /// A hold was granted.
        case reserve
        /// A hold became an order.
        case confirm
        /// A hold was given back by its owner.
        case release
        /// A hold was given back by its deadline.
        case expire

        /// As the table has it.
        public var text: StaticString {
            switch self {
            case .set: "SET"
            case .adjust: "ADJUST"
            case .reserve: "RESERVE"
            case .confirm: "CONFIRM"
            case .release: "RELEASE"
            case .expire: "EXPIRE"
            }
        }
    }

    /// Of the record.
    public var sequence: UInt64
    /// The account's place in the record, from 0.
    public var line: UInt32
    /// Why.
    public var kind: Kind
    /// The account's brand.
    public var brand: UInt32
    /// The account's SKU.
    public var sku: UInt32
    /// The account's warehouse.
    public var warehouse: UInt32
    /// When.
    public var wall: WallTime
    /// Units more on hand.
    public var onHandChange: Int64
    /// Units more in holds.
    public var heldChange: Int64
    /// Units more in orders.
    public var allocatedChange: Int64
    /// The request of a setting or an adjustment; else the reservation.
    public var reference: ClientID
}

/// A stock request that took effect.
public struct OutcomeRow: Hashable, Sendable, BitwiseCopyable {
    /// Which call it was.
    public enum Call: UInt8, Hashable, Sendable, BitwiseCopyable {
        /// `SetStock`
        case setStock
        /// `AdjustStock`
        case adjustStock

        /// As the table has it.
        public var text: StaticString {
            switch self {
            case .setStock: "SetStock"
            case .adjustStock: "AdjustStock"
            }
        }
    }

    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var request: ClientID
    /// Which call it was.
    public var call: Call
    /// What it changed.
    public var sku: UInt32
    /// Where.
    public var warehouse: UInt32
    /// Of its record.
    public var sequence: UInt64
    /// When.
    public var wall: WallTime
}
