// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Make an order, at once or of reservations. The lines, or the reservations, are passed beside it.
public struct CreateOrderCommand: Sendable, BitwiseCopyable {
    /// The order's id, made by the client; not zero.
    public var id: ClientID
    /// The brand's code.
    public var brand: ByteRange
    /// The dealer's code.
    public var dealer: ByteRange
    /// What to do when less is available; an order of reservations takes all of them or nothing.
    public var fillMode: FillMode
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        id: ClientID, brand: ByteRange, dealer: ByteRange, fillMode: FillMode,
        fingerprint: UInt64
    ) {
        self.id = id
        self.brand = brand
        self.dealer = dealer
        self.fillMode = fillMode
        self.fingerprint = fingerprint
    }
}

/// Cancel an order, in whole or in part. The lines are passed beside it; none means all.
public struct CancelOrderCommand: Sendable, BitwiseCopyable {
    /// The request's id; not zero.
    public var request: ClientID
    /// The order's id.
    public var order: ClientID
    /// The brand's code.
    public var brand: ByteRange
    /// Why, as the API numbers it.
    public var cause: UInt8
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        request: ClientID, order: ClientID, brand: ByteRange, cause: UInt8, fingerprint: UInt64
    ) {
        self.request = request
        self.order = order
        self.brand = brand
        self.cause = cause
        self.fingerprint = fingerprint
    }
}

/// Move a hold's deadline further away.
public struct ExtendCommand: Sendable, BitwiseCopyable {
    /// The request's id; not zero.
    public var request: ClientID
    /// The reservation's id.
    public var reservation: ClientID
    /// The brand's code.
    public var brand: ByteRange
    /// Milliseconds from now on, 1,000 to a day.
    public var timeToLiveMilliseconds: UInt64
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        request: ClientID, reservation: ClientID, brand: ByteRange,
        timeToLiveMilliseconds: UInt64, fingerprint: UInt64
    ) {
        self.request = request
        self.reservation = reservation
        self.brand = brand
        self.timeToLiveMilliseconds = timeToLiveMilliseconds
        self.fingerprint = fingerprint
    }
}
