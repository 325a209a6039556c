// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// What to do when less is available than asked for.
public enum FillMode: UInt8, Sendable, BitwiseCopyable {
    /// Grant every line in full, or nothing.
    case allOrNothing = 1
    /// Grant what there is, in line order; nothing at all is a refusal.
    case partial = 2
}

/// One line of a command. Texts lie in the span that is passed beside it.
public struct LineAsk: Sendable, BitwiseCopyable {
    /// The SKU's code; in a confirmation it may be empty.
    public var sku: ByteRange
    /// The warehouse's code. Empty: the core chooses; in a confirmation or a cancellation: any.
    public var warehouse: ByteRange
    /// Base units, 1 to 1,000,000,000.
    public var quantity: Int64
    /// Unique within the command, not 0.
    public var line: UInt32
    /// What is taken. Not of stock, the codes are those of `AccountKind`, and the command must be all
    /// or nothing.
    public var kind: AccountKind

    /// Names each field.
    public init(
        sku: ByteRange, warehouse: ByteRange, quantity: Int64, line: UInt32,
        kind: AccountKind = .stock
    ) {
        self.sku = sku
        self.warehouse = warehouse
        self.quantity = quantity
        self.line = line
        self.kind = kind
    }
}

/// Set units aside for a dealer. The form was checked: lengths, ranges, 1 to 500 lines.
public struct ReserveCommand: Sendable, BitwiseCopyable {
    /// The reservation's id, made by the client; not zero.
    public var id: ClientID
    /// The brand's code.
    public var brand: ByteRange
    /// The dealer's code.
    public var dealer: ByteRange
    /// Milliseconds until the hold expires, 1,000 to a day; 0: what the accounts' policies say, or
    /// the default.
    public var timeToLiveMilliseconds: UInt64
    /// What to do when less is available.
    public var fillMode: FillMode
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        id: ClientID, brand: ByteRange, dealer: ByteRange, timeToLiveMilliseconds: UInt64,
        fillMode: FillMode, fingerprint: UInt64
    ) {
        self.id = id
        self.brand = brand
        self.dealer = dealer
        self.timeToLiveMilliseconds = timeToLiveMilliseconds
        self.fillMode = fillMode
        self.fingerprint = fingerprint
    }
}

/// Make an order of a hold. The lines are passed beside it; none means all.
public struct ConfirmCommand: Sendable, BitwiseCopyable {
    /// The reservation's id.
    public var id: ClientID
    /// The brand's code.
    public var brand: ByteRange
    /// The order's id, made by the client; not zero.
    public var order: ClientID

    /// Names each field.
    public init(id: ClientID, brand: ByteRange, order: ClientID) {
        self.id = id
        self.brand = brand
        self.order = order
    }
}

/// Give a hold back.
public struct ReleaseCommand: Sendable, BitwiseCopyable {
    /// The reservation's id.
    public var id: ClientID
    /// The brand's code.
    public var brand: ByteRange

    /// Names each field.
    public init(id: ClientID, brand: ByteRange) {
        self.id = id
        self.brand = brand
    }
}

/// The codes of a stock account, or of one of another kind.
public struct StockCodes: Sendable, BitwiseCopyable {
    /// The brand's code.
    public var brand: ByteRange
    /// The SKU's code.
    public var sku: ByteRange
    /// The warehouse's code.
    public var warehouse: ByteRange
    /// What the account counts; it says what `sku` and `warehouse` name.
    public var kind: AccountKind

    /// Names each field.
    public init(
        brand: ByteRange, sku: ByteRange, warehouse: ByteRange, kind: AccountKind = .stock
    ) {
        self.brand = brand
        self.sku = sku
        self.warehouse = warehouse
        self.kind = kind
    }
}

/// Write what is physically there.
public struct SetStockCommand: Sendable, BitwiseCopyable {
    /// The request's id; not zero.
    public var request: ClientID
    /// Which account; it and its codes are made when they don't exist.
    public var codes: StockCodes
    /// Units, 0 to 10^12.
    public var onHand: Int64
    /// The source's version; 0 = unversioned, always applied.
    public var sourceVersion: UInt64
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        request: ClientID, codes: StockCodes, onHand: Int64, sourceVersion: UInt64,
        fingerprint: UInt64
    ) {
        self.request = request
        self.codes = codes
        self.onHand = onHand
        self.sourceVersion = sourceVersion
        self.fingerprint = fingerprint
    }
}

/// Change what is physically there by a difference.
public struct AdjustStockCommand: Sendable, BitwiseCopyable {
    /// The request's id; not zero.
    public var request: ClientID
    /// Which account.
    public var codes: StockCodes
    /// Units, not 0, at most 10^9 up or down.
    public var delta: Int64
    /// The version that the account must have, or nil.
    public var expectedVersion: UInt64?
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        request: ClientID, codes: StockCodes, delta: Int64, expectedVersion: UInt64?,
        fingerprint: UInt64
    ) {
        self.request = request
        self.codes = codes
        self.delta = delta
        self.expectedVersion = expectedVersion
        self.fingerprint = fingerprint
    }
}
