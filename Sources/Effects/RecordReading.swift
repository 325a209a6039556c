// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A record read back: for replay, for the checker, for tests. Off the hot path.
public enum Record: Hashable, Sendable {
    /// One account's figures after the change; `committed` only where the record changes it.
    public struct Figure: Hashable, Sendable {
        /// The account's number.
        public var account: UInt32
        /// Units in live holds.
        public var held: Int64
        /// Units committed, or nil when the record's type can't change them.
        public var committed: Int64?
        /// The account's version.
        public var version: UInt64
    }

    /// A code got its number.
    case define(brand: UInt32, number: UInt32, kind: UInt8, text: [UInt8])
    /// An absolute stock figure was applied.
    case setStock(
        brand: UInt32, request: ClientID, fingerprint: UInt64, account: UInt32, sku: UInt32,
        warehouse: UInt32, sourceVersion: UInt64, figures: StockFigures)
    /// A stock figure was changed by a difference.
    case adjustStock(
        brand: UInt32, request: ClientID, fingerprint: UInt64, account: UInt32, delta: Int64,
        figures: StockFigures)
    /// A hold was granted.
    case reserve(
        brand: UInt32, reservation: ClientID, fingerprint: UInt64, dealer: UInt32,
        timeToLive: UInt32, fillMode: UInt8, legs: [RecordLeg], figures: [Figure])
    /// A hold became an order.
    case confirm(
        brand: UInt32, reservation: ClientID, order: ClientID, legs: [RecordLeg],
        figures: [Figure])
    /// A hold was given back by its owner.
    case release(brand: UInt32, reservation: ClientID, legs: [RecordLeg], figures: [Figure])
    /// A hold was given back by its deadline.
    case expire(brand: UInt32, reservation: ClientID, legs: [RecordLeg], figures: [Figure])
    /// An order was made at once.
    case order(
        brand: UInt32, order: ClientID, fingerprint: UInt64, dealer: UInt32, fillMode: UInt8,
        legs: [RecordLeg], figures: [Figure])
    /// Holds became an order.
    case orderFromHolds(
        brand: UInt32, order: ClientID, fingerprint: UInt64, dealer: UInt32, holds: [RecordHold],
        legs: [RecordLeg], figures: [Figure])
    /// An order was cancelled, in part or in whole.
    case cancel(
        brand: UInt32, order: ClientID, request: ClientID, fingerprint: UInt64, cause: UInt8,
        legs: [RecordLeg], figures: [Figure])
    /// A hold's deadline was moved.
    case extend(
        brand: UInt32, reservation: ClientID, request: ClientID, fingerprint: UInt64,
        deadline: UInt64)
    /// An account's policy was set.
    case setPolicy(
        brand: UInt32, request: ClientID, fingerprint: UInt64, account: UInt32,
        policy: StockPolicy, figures: StockFigures)
    /// Units moved from one warehouse to another.
    case transfer(
        brand: UInt32, request: ClientID, fingerprint: UInt64, quantity: Int64, from: UInt32,
        to: UInt32, fromFigures: StockFigures, toFigures: StockFigures)
}

/// Why bytes aren't a record.
public struct RecordError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Code: Hashable, Sendable {
        /// The bytes end before the record does, or its length is odd.
        case length
        /// A type that this version doesn't know.
        case type(UInt8)
        /// A form that this version doesn't know.
        case version(UInt8)
    }

    /// What is wrong.
    public var code: Code
    /// Where reading stopped, in bytes from the record's start.
    public var byteOffset: Int

    /// Names both.
    public init(code: Code, byteOffset: Int) {
        self.code = code
        self.byteOffset = byteOffset
    }
}

extension Record {
    /// Reads the record that `bytes` consist of.
    public init(_ bytes: Span<UInt8>) throws(RecordError) {
        var reader = RecordReader(offset: 0)
        let length = try reader.integer(UInt16.self, bytes)
        let rawType = try reader.integer(UInt8.self, bytes)
        let version = try reader.integer(UInt8.self, bytes)
        guard Int(length) == bytes.count, length % 8 == 0, length >= RecordHeader.byteCount
        else { throw RecordError(code: .length, byteOffset: 0) }
        guard version == RecordHeader.version
        else { throw RecordError(code: .version(version), byteOffset: 3) }
        guard let type = RecordType(rawValue: rawType)
        else { throw RecordError(code: .type(rawType), byteOffset: 2) }
        reader.offset = 12
        let brand = try reader.integer(UInt32.self, bytes)
        switch type {
        case .define:
            let number = try reader.integer(UInt32.self, bytes)
            let kind = try reader.integer(UInt8.self, bytes)
            let count = Int(try reader.integer(UInt8.self, bytes))
            self = .define(
                brand: brand, number: number, kind: kind,
                text: try reader.bytes(count, bytes))
        case .setStock:
            let request = try reader.id(bytes)
            let fingerprint = try reader.integer(UInt64.self, bytes)
            let account = try reader.integer(UInt32.self, bytes)
            let sku = try reader.integer(UInt32.self, bytes)
            let warehouse = try reader.integer(UInt32.self, bytes)
            _ = try reader.integer(UInt32.self, bytes)
            let sourceVersion = try reader.integer(UInt64.self, bytes)
            self = .setStock(
                brand: brand, request: request, fingerprint: fingerprint, account: account,
                sku: sku, warehouse: warehouse, sourceVersion: sourceVersion,
                figures: try reader.stockFigures(bytes))
        case .adjustStock:
            let request = try reader.id(bytes)
            let fingerprint = try reader.integer(UInt64.self, bytes)
            let delta = try reader.integer(Int64.self, bytes)
            let figures = try reader.stockFigures(bytes)
            self = .adjustStock(
                brand: brand, request: request, fingerprint: fingerprint,
                account: try reader.integer(UInt32.self, bytes), delta: delta, figures: figures)
        case .reserve:
            let reservation = try reader.id(bytes)
            let fingerprint = try reader.integer(UInt64.self, bytes)
            let dealer = try reader.integer(UInt32.self, bytes)
            let timeToLive = try reader.integer(UInt32.self, bytes)
            let counts = try reader.counts(bytes)
            self = .reserve(
                brand: brand, reservation: reservation, fingerprint: fingerprint, dealer: dealer,
                timeToLive: timeToLive, fillMode: counts.extra,
                legs: try reader.legs(counts.legs, bytes),
                figures: try reader.figures(counts.accounts, withCommitted: false, bytes))
        case .confirm:
            let reservation = try reader.id(bytes)
            let order = try reader.id(bytes)
            let counts = try reader.counts(bytes)
            self = .confirm(
                brand: brand, reservation: reservation, order: order,
                legs: try reader.legs(counts.legs, bytes),
                figures: try reader.figures(counts.accounts, withCommitted: true, bytes))
        case .release, .expire:
            let reservation = try reader.id(bytes)
            let counts = try reader.counts(bytes)
            let legs = try reader.legs(counts.legs, bytes)
            let figures = try reader.figures(counts.accounts, withCommitted: false, bytes)
            self =
                type == .release
                ? .release(brand: brand, reservation: reservation, legs: legs, figures: figures)
                : .expire(brand: brand, reservation: reservation, legs: legs, figures: figures)
        case .order, .orderFromHolds, .cancel:
            self = try reader.orderRecord(type, brand: brand, bytes)
        case .extend:
            self = .extend(
                brand: brand, reservation: try reader.id(bytes), request: try reader.id(bytes),
                fingerprint: try reader.integer(UInt64.self, bytes),
                deadline: try reader.integer(UInt64.self, bytes))
        case .setPolicy:
            let request = try reader.id(bytes)
            let fingerprint = try reader.integer(UInt64.self, bytes)
            let account = try reader.integer(UInt32.self, bytes)
            let timeToLive = try reader.integer(UInt32.self, bytes)
            let figures = try reader.stockFigures(bytes)
            self = .setPolicy(
                brand: brand, request: request, fingerprint: fingerprint, account: account,
                policy: StockPolicy(
                    safety: figures.safety,
                    backorderLimit: try reader.integer(Int64.self, bytes),
                    lowWater: try reader.integer(Int64.self, bytes),
                    highWater: try reader.integer(Int64.self, bytes),
                    holdTimeToLiveMilliseconds: UInt64(timeToLive)),
                figures: figures)
        case .transfer:
            self = .transfer(
                brand: brand, request: try reader.id(bytes),
                fingerprint: try reader.integer(UInt64.self, bytes),
                quantity: try reader.integer(Int64.self, bytes),
                from: try reader.integer(UInt32.self, bytes),
                to: try reader.integer(UInt32.self, bytes),
                fromFigures: try reader.stockFigures(bytes),
                toFigures: try reader.stockFigures(bytes))
        }
    }
}

/// A position in a record's bytes, and how to step over its parts.
private struct RecordReader {
    var offset: Int

    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type, _ bytes: Span<UInt8>
    ) throws(RecordError) -> Value {
        let size = Value.bitWidth / 8
        guard bytes.count - offset >= size
        else { throw RecordError(code: .length, byteOffset: offset) }
        var value: Value = 0
        for index in 0..<size {
            value |= Value(truncatingIfNeeded: bytes[offset + index]) << (8 * index)
        }
        offset += size
        return value
    }

    mutating func bytes(_ count: Int, _ bytes: Span<UInt8>) throws(RecordError) -> [UInt8] {
        guard bytes.count - offset >= count
        else { throw RecordError(code: .length, byteOffset: offset) }
        var result: [UInt8] = []
        for index in offset..<offset + count { result.append(bytes[index]) }
        offset += count
        return result
    }

    mutating func id(_ bytes: Span<UInt8>) throws(RecordError) -> ClientID {
        let high = try integer(UInt64.self, bytes).byteSwapped
        return ClientID(high: high, low: try integer(UInt64.self, bytes).byteSwapped)
    }

    mutating func stockFigures(_ bytes: Span<UInt8>) throws(RecordError) -> StockFigures {
        StockFigures(
            onHand: try integer(Int64.self, bytes), held: try integer(Int64.self, bytes),
            allocated: try integer(Int64.self, bytes), safety: try integer(Int64.self, bytes),
            version: try integer(UInt64.self, bytes))
    }

    mutating func counts(
        _ bytes: Span<UInt8>
    ) throws(RecordError) -> (legs: Int, accounts: Int, extra: UInt8) {
        let legs = try integer(UInt16.self, bytes)
        let accounts = try integer(UInt16.self, bytes)
        return (Int(legs), Int(accounts & 0xfff), UInt8(accounts >> 12))
    }

    mutating func orderRecord(
        _ type: RecordType, brand: UInt32, _ bytes: Span<UInt8>
    ) throws(RecordError) -> Record {
        let order = try id(bytes)
        if type == .cancel {
            let request = try id(bytes)
            let fingerprint = try integer(UInt64.self, bytes)
            let cause = UInt8(truncatingIfNeeded: try integer(UInt32.self, bytes))
            let counts = try counts(bytes)
            return .cancel(
                brand: brand, order: order, request: request, fingerprint: fingerprint,
                cause: cause, legs: try legs(counts.legs, bytes),
                figures: try figures(counts.accounts, withCommitted: true, bytes))
        }
        let fingerprint = try integer(UInt64.self, bytes)
        let dealer = try integer(UInt32.self, bytes)
        let holdCount = Int(try integer(UInt32.self, bytes) & 0xffff)
        let counts = try counts(bytes)
        if type == .order {
            return .order(
                brand: brand, order: order, fingerprint: fingerprint, dealer: dealer,
                fillMode: counts.extra, legs: try legs(counts.legs, bytes),
                figures: try figures(counts.accounts, withCommitted: true, bytes))
        }
        var holds: [RecordHold] = []
        for _ in 0..<holdCount {
            holds.append(
                RecordHold(
                    reservation: try id(bytes), legCount: try integer(UInt32.self, bytes)))
        }
        return .orderFromHolds(
            brand: brand, order: order, fingerprint: fingerprint, dealer: dealer, holds: holds,
            legs: try legs(counts.legs, bytes),
            figures: try figures(counts.accounts, withCommitted: true, bytes))
    }

    mutating func legs(_ count: Int, _ bytes: Span<UInt8>) throws(RecordError) -> [RecordLeg] {
        var legs: [RecordLeg] = []
        for _ in 0..<count {
            let line = try integer(UInt32.self, bytes)
            let account = try integer(UInt32.self, bytes)
            let amount = try integer(UInt32.self, bytes)
            legs.append(
                RecordLeg(
                    line: line, account: account, amount: amount & 0x7fff_ffff,
                    isShort: amount >> 31 == 1))
        }
        return legs
    }

    mutating func figures(
        _ count: Int, withCommitted: Bool, _ bytes: Span<UInt8>
    ) throws(RecordError) -> [Record.Figure] {
        var figures: [Record.Figure] = []
        for _ in 0..<count {
            let account = try integer(UInt32.self, bytes)
            let held = try integer(Int64.self, bytes)
            let committed = withCommitted ? try integer(Int64.self, bytes) : nil
            figures.append(
                Record.Figure(
                    account: account, held: held, committed: committed,
                    version: try integer(UInt64.self, bytes)))
        }
        return figures
    }
}
