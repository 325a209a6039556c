// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Where the parts of a record lie in its bytes, checked once: for reading millions of them without
/// making lists. `Record` reads the same.
///
/// The accessors want the very bytes that the shape was made of. Each reads what its type has; on
/// another type's bytes it reads something else, or traps at their end.
public struct RecordShape: Hashable, Sendable, BitwiseCopyable {
    /// What happened.
    public let type: RecordType
    /// The brand's code.
    public let brand: UInt32
    /// Legs of a hold's or an order's record; else 0.
    public let legCount: Int
    /// Accounts of a hold's or an order's record; else 0.
    public let figureCount: Int
    /// A grant's fill mode, as it was written.
    public let fillMode: UInt8
    /// Holds that become an order together; else 0.
    public let holdCount: Int
    private let legsStart: Int

    private static let legByteCount = 12

    /// Looks at a record's header and lengths.
    public init(_ bytes: Span<UInt8>) throws(RecordError) {
        guard bytes.count >= RecordHeader.byteCount,
            Int(bytes.littleEndian(UInt16.self, at: 0)) == bytes.count, bytes.count % 8 == 0
        else { throw RecordError(code: .length, byteOffset: 0) }
        guard bytes[3] == RecordHeader.version
        else { throw RecordError(code: .version(bytes[3]), byteOffset: 3) }
        guard let type = RecordType(rawValue: bytes[2])
        else { throw RecordError(code: .type(bytes[2]), byteOffset: 2) }
        self.type = type
        brand = bytes.littleEndian(UInt32.self, at: 12)
        let fixed =
            switch type {
            case .define: 22
            case .setStock: 104
            case .adjustStock: 92
            case .reserve, .confirm, .order, .orderFromHolds: 52
            case .release, .expire: 36
            case .cancel, .extend: 64
            case .setPolicy: 112
            case .transfer: 136
            }
        guard bytes.count >= fixed
        else { throw RecordError(code: .length, byteOffset: bytes.count) }
        holdCount = type == .orderFromHolds ? Int(bytes.littleEndian(UInt16.self, at: 44)) : 0
        legsStart = fixed + holdCount * RecordHold.byteCount
        var end = legsStart
        switch type {
        case .define:
            (legCount, figureCount, fillMode) = (0, 0, 0)
            end += Int(bytes[21])
        case .setStock, .adjustStock, .extend, .setPolicy, .transfer:
            (legCount, figureCount, fillMode) = (0, 0, 0)
        case .reserve, .confirm, .release, .expire, .order, .orderFromHolds, .cancel:
            let packed = bytes.littleEndian(UInt16.self, at: fixed - 2)
            legCount = Int(bytes.littleEndian(UInt16.self, at: fixed - 4))
            figureCount = Int(packed & 0xfff)
            fillMode = UInt8(packed >> 12)
            end += legCount * RecordShape.legByteCount
            end += figureCount * RecordShape.figureByteCount(type)
        }
        guard bytes.count >= end
        else { throw RecordError(code: .length, byteOffset: bytes.count) }
        guard type != .orderFromHolds || legsOfHolds(bytes) == legCount
        else { throw RecordError(code: .length, byteOffset: fixed) }
    }

    private func legsOfHolds(_ bytes: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<holdCount { count += Int(hold(index, bytes).legCount) }
        return count
    }

    /// Whether the figures of a type's accounts say what is committed.
    private static func hasCommitted(_ type: RecordType) -> Bool {
        switch type {
        case .confirm, .order, .orderFromHolds, .cancel: true
        default: false
        }
    }

    private static func figureByteCount(_ type: RecordType) -> Int {
        hasCommitted(type) ? 28 : 20
    }

    // MARK: - Any but a definition

    /// The id at the record's begin: the request's that changed stock, the reservation's, or the
    /// order's (order, order from holds, cancel).
    public func id(_ bytes: Span<UInt8>) -> ClientID { RecordShape.id(bytes, at: 16) }

    private static func id(_ bytes: Span<UInt8>, at offset: Int) -> ClientID {
        ClientID(
            high: bytes.littleEndian(UInt64.self, at: offset).byteSwapped,
            low: bytes.littleEndian(UInt64.self, at: offset + 8).byteSwapped)
    }

    // MARK: - Holds

    /// A leg, by its place.
    public func leg(_ index: Int, _ bytes: Span<UInt8>) -> RecordLeg {
        precondition(index >= 0 && index < legCount)
        let start = legsStart + index * RecordShape.legByteCount
        let amount = bytes.littleEndian(UInt32.self, at: start + 8)
        return RecordLeg(
            line: bytes.littleEndian(UInt32.self, at: start),
            account: bytes.littleEndian(UInt32.self, at: start + 4),
            amount: amount & 0x7fff_ffff, isShort: amount >> 31 == 1)
    }

    /// An account's figures, by their place.
    public func figure(_ index: Int, _ bytes: Span<UInt8>) -> Record.Figure {
        precondition(index >= 0 && index < figureCount)
        let start =
            legsStart + legCount * RecordShape.legByteCount
            + index * RecordShape.figureByteCount(type)
        let commits = RecordShape.hasCommitted(type)
        return Record.Figure(
            account: bytes.littleEndian(UInt32.self, at: start),
            held: bytes.littleEndian(Int64.self, at: start + 4),
            committed: commits ? bytes.littleEndian(Int64.self, at: start + 12) : nil,
            version: bytes.littleEndian(UInt64.self, at: start + (commits ? 20 : 12)))
    }

    /// A hold that becomes part of an order, by its place.
    public func hold(_ index: Int, _ bytes: Span<UInt8>) -> RecordHold {
        precondition(index >= 0 && index < holdCount)
        let start = 52 + index * RecordHold.byteCount
        return RecordHold(
            reservation: RecordShape.id(bytes, at: start),
            legCount: bytes.littleEndian(UInt32.self, at: start + 16))
    }

    /// The request of a cancellation or an extension.
    public func request(_ bytes: Span<UInt8>) -> ClientID { RecordShape.id(bytes, at: 32) }

    /// Why an order was cancelled, as it was written.
    public func cause(_ bytes: Span<UInt8>) -> UInt8 { bytes[56] }

    /// The tick to which a deadline was moved.
    public func extendedDeadline(_ bytes: Span<UInt8>) -> UInt64 {
        bytes.littleEndian(UInt64.self, at: 56)
    }

    /// The dealer of a grant or an order.
    public func dealer(_ bytes: Span<UInt8>) -> UInt32 { bytes.littleEndian(UInt32.self, at: 40) }

    /// Milliseconds from a grant to its deadline.
    public func timeToLive(_ bytes: Span<UInt8>) -> UInt32 {
        bytes.littleEndian(UInt32.self, at: 44)
    }

    /// The order that a confirmation makes.
    public func order(_ bytes: Span<UInt8>) -> ClientID { RecordShape.id(bytes, at: 32) }

    // MARK: - Stock

    /// The account whose stock or policy was set, or whose stock was adjusted; of a transfer, the one
    /// that gave.
    public func account(_ bytes: Span<UInt8>) -> UInt32 {
        let start =
            switch type {
            case .adjustStock: 88
            case .transfer: 48
            default: 40
            }
        return bytes.littleEndian(UInt32.self, at: start)
    }

    /// The account that a transfer gave to.
    public func otherAccount(_ bytes: Span<UInt8>) -> UInt32 {
        bytes.littleEndian(UInt32.self, at: 52)
    }

    /// The units of a transfer.
    public func quantity(_ bytes: Span<UInt8>) -> Int64 { bytes.littleEndian(Int64.self, at: 40) }

    /// The policy that was set.
    public func policy(_ bytes: Span<UInt8>) -> StockPolicy {
        StockPolicy(
            safety: bytes.littleEndian(Int64.self, at: 72),
            backorderLimit: bytes.littleEndian(Int64.self, at: 88),
            lowWater: bytes.littleEndian(Int64.self, at: 96),
            highWater: bytes.littleEndian(Int64.self, at: 104),
            holdTimeToLiveMilliseconds: UInt64(bytes.littleEndian(UInt32.self, at: 44)))
    }

    /// The figures of `account` after the change.
    public func stockFigures(_ bytes: Span<UInt8>) -> StockFigures {
        let start =
            switch type {
            case .setStock: 64
            case .transfer: 56
            default: 48
            }
        return figures(bytes, at: start)
    }

    /// The figures of `otherAccount` after a transfer.
    public func otherStockFigures(_ bytes: Span<UInt8>) -> StockFigures { figures(bytes, at: 96) }

    private func figures(_ bytes: Span<UInt8>, at start: Int) -> StockFigures {
        StockFigures(
            onHand: bytes.littleEndian(Int64.self, at: start),
            held: bytes.littleEndian(Int64.self, at: start + 8),
            allocated: bytes.littleEndian(Int64.self, at: start + 16),
            safety: bytes.littleEndian(Int64.self, at: start + 24),
            version: bytes.littleEndian(UInt64.self, at: start + 32))
    }

    /// The codes of the account that a setting names.
    public func stockCodes(_ bytes: Span<UInt8>) -> (sku: UInt32, warehouse: UInt32) {
        (bytes.littleEndian(UInt32.self, at: 44), bytes.littleEndian(UInt32.self, at: 48))
    }

    /// The source's version that a setting names; 0: none.
    public func sourceVersion(_ bytes: Span<UInt8>) -> UInt64 {
        bytes.littleEndian(UInt64.self, at: 56)
    }

    // MARK: - Codes

    /// The number that a definition gives.
    public func codeNumber(_ bytes: Span<UInt8>) -> UInt32 {
        bytes.littleEndian(UInt32.self, at: 16)
    }

    /// What a definition's code names, as it was written.
    public func codeKind(_ bytes: Span<UInt8>) -> UInt8 { bytes[20] }

    /// Where a definition's text lies.
    public func codeText(_ bytes: Span<UInt8>) -> Range<Int> { 22..<22 + Int(bytes[21]) }
}
