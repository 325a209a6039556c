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
    /// Where its policy is in `ProjectionBatch.policies`; nil: the batch didn't set it.
    public var policyRow: UInt32?
}

/// What is kept of an account, as it was set last in the batch. The safety is among its figures.
public struct PolicyRow: Hashable, Sendable, BitwiseCopyable {
    /// The account's number.
    public var account: UInt32
    /// The policy.
    public var policy: StockPolicy
}

/// What a record changed of one account.
public struct MovementRow: Hashable, Sendable, BitwiseCopyable {
    /// Why.
    public enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
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
        /// An order was made that no hold came before.
        case order
        /// An order was cancelled, in part or in whole.
        case cancel
        /// What is kept of it was set.
        case policy
        /// Units came from another warehouse, or went there.
        case transfer

        /// As the table has it.
        public var text: StaticString {
            switch self {
            case .set: "SET"
            case .adjust: "ADJUST"
            case .reserve: "RESERVE"
            case .confirm: "CONFIRM"
            case .release: "RELEASE"
            case .expire: "EXPIRE"
            case .order: "ORDER"
            case .cancel: "CANCEL"
            case .policy: "POLICY"
            case .transfer: "TRANSFER"
            }
        }
    }

    /// Of the record.
    public var sequence: UInt64
    /// The account's place in the record, from 0.
    public var line: UInt32
    /// Why.
    public var kind: Kind
    /// The account's number.
    public var account: UInt32
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
    /// Units more that are never sold.
    public var safetyChange: Int64
    /// The id that its record begins with (`RecordShape.id`): of the request, the reservation or
    /// the order.
    public var reference: ClientID
}

/// A request that took effect and has an id of its own.
public struct OutcomeRow: Hashable, Sendable, BitwiseCopyable {
    /// Which call it was.
    public enum Call: UInt8, Hashable, Sendable, BitwiseCopyable {
        /// `SetStock`
        case setStock
        /// `AdjustStock`
        case adjustStock
        /// `SetStockPolicy`
        case setStockPolicy
        /// `TransferStock`
        case transferStock
        /// `CancelOrder`
        case cancelOrder
        /// `Extend`
        case extend

        /// As the table has it.
        public var text: StaticString {
            switch self {
            case .setStock: "SetStock"
            case .adjustStock: "AdjustStock"
            case .setStockPolicy: "SetStockPolicy"
            case .transferStock: "TransferStock"
            case .cancelOrder: "CancelOrder"
            case .extend: "Extend"
            }
        }
    }

    /// Which accounts.
    public struct Stock: Hashable, Sendable, BitwiseCopyable {
        /// What.
        public var sku: UInt32
        /// Where; of a transfer, where from.
        public var warehouse: UInt32
        /// Where a transfer went; else nil.
        public var toWarehouse: UInt32?
    }

    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var request: ClientID
    /// Which call it was.
    public var call: Call
    /// What it changed; nil: its reference says so.
    public var stock: Stock?
    /// The order of a cancellation, the reservation of an extension; else nil.
    public var reference: ClientID?
    /// Of its record.
    public var sequence: UInt64
    /// When.
    public var wall: WallTime
}
