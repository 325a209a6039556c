// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Where a walk over the tables stands: the next slot to look at.
public struct ListCursor: Equatable, Sendable, BitwiseCopyable {
    /// The hold stripe.
    public var stripe: UInt32
    /// The slot within it.
    public var slot: UInt32

    /// A place; without arguments the begin.
    public init(stripe: UInt32 = 0, slot: UInt32 = 0) {
        self.stripe = stripe
        self.slot = slot
    }
}

/// Whether a walk goes on.
public enum ListProgress: Equatable, Sendable, BitwiseCopyable {
    /// The cursor stands at what wasn't looked at yet.
    case more
    /// All was looked at.
    case end
}

/// Which reservations are wanted. An empty range is any.
public struct ReservationFilter: Sendable, BitwiseCopyable {
    /// The brand's code.
    public var brand: ByteRange
    /// The state that it is in, or any.
    public var state: HoldState?
    /// The dealer's code, or empty.
    public var dealer: ByteRange
    /// The code of a SKU that one of its lines is of, or empty.
    public var sku: ByteRange
    /// Its deadline is before this; it is held then.
    public var expiringBefore: Tick?

    /// Names each field.
    public init(
        brand: ByteRange, state: HoldState?, dealer: ByteRange, sku: ByteRange,
        expiringBefore: Tick?
    ) {
        self.brand = brand
        self.state = state
        self.dealer = dealer
        self.sku = sku
        self.expiringBefore = expiringBefore
    }
}

/// Which orders are wanted. An empty range is any.
public struct OrderFilter: Sendable, BitwiseCopyable {
    /// The brand's code.
    public var brand: ByteRange
    /// The state that it is in, or any.
    public var state: OrderState?
    /// The dealer's code, or empty.
    public var dealer: ByteRange
    /// It was made at this time or later.
    public var createdAfter: WallTime?
    /// It was made before this time.
    public var createdBefore: WallTime?

    /// Names each field.
    public init(
        brand: ByteRange, state: OrderState?, dealer: ByteRange, createdAfter: WallTime?,
        createdBefore: WallTime?
    ) {
        self.brand = brand
        self.state = state
        self.dealer = dealer
        self.createdAfter = createdAfter
        self.createdBefore = createdBefore
    }
}
