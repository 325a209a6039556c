// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// Say what is to be kept of an account.
public struct SetStockPolicyCommand: Sendable, BitwiseCopyable {
    /// The request's id; not zero.
    public var request: ClientID
    /// Which account.
    public var codes: StockCodes
    /// What is to hold from now on, in whole; its ranges were checked.
    public var policy: StockPolicy
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        request: ClientID, codes: StockCodes, policy: StockPolicy, fingerprint: UInt64
    ) {
        self.request = request
        self.codes = codes
        self.policy = policy
        self.fingerprint = fingerprint
    }
}

/// Move units from one warehouse to another.
public struct TransferStockCommand: Sendable, BitwiseCopyable {
    /// The request's id; not zero.
    public var request: ClientID
    /// The brand's code.
    public var brand: ByteRange
    /// The SKU's code.
    public var sku: ByteRange
    /// The code of the warehouse that gives.
    public var fromWarehouse: ByteRange
    /// The code of the one that gets; another one.
    public var toWarehouse: ByteRange
    /// Units, 1 to 10^9.
    public var quantity: Int64
    /// Keyed hash of the request's content.
    public var fingerprint: UInt64

    /// Names each field.
    public init(
        request: ClientID, brand: ByteRange, sku: ByteRange, fromWarehouse: ByteRange,
        toWarehouse: ByteRange, quantity: Int64, fingerprint: UInt64
    ) {
        self.request = request
        self.brand = brand
        self.sku = sku
        self.fromWarehouse = fromWarehouse
        self.toWarehouse = toWarehouse
        self.quantity = quantity
        self.fingerprint = fingerprint
    }
}
