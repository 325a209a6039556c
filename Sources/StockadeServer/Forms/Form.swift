// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI

/// The rules for single fields, as the `.proto` comments state them. Checked without a lock, before
/// identity: they never get stricter within the retention, or a retry would be judged differently.
enum Form {
    static let quantityMax: Int64 = 1_000_000_000
    static let characterMax = 64
    static let timeToLiveMin: UInt64 = 1_000

    static func id(
        _ range: ByteRange, _ field: StaticString, in message: Span<UInt8>
    ) throws(FormFault) -> ClientID {
        guard let id = ClientID(message, at: range)
        else { throw FormFault(field, "must be 16 bytes") }
        guard !id.isZero else { throw FormFault(field, "must not be all zero") }
        return id
    }

    /// Business codes: 1 to 64 printable ASCII characters.
    static func code(
        _ range: ByteRange, _ field: StaticString, in message: Span<UInt8>
    ) throws(FormFault) {
        guard !range.isEmpty, range.count <= UInt32(characterMax)
        else { throw FormFault(field, "must have 1 to 64 characters") }
        for index in range.indices where message[index] < 0x20 || message[index] > 0x7e {
            throw FormFault(field, "must be printable ASCII")
        }
    }

    /// Texts for people: up to 64 characters of any script.
    static func text(
        _ range: ByteRange, _ field: StaticString, in message: Span<UInt8>
    ) throws(FormFault) {
        var characters = 0
        // Each character has one byte that isn't a UTF-8 continuation.
        for index in range.indices where message[index] & 0xc0 != 0x80 { characters += 1 }
        guard characters <= characterMax
        else { throw FormFault(field, "must have at most 64 characters") }
    }

    /// Whether two texts of the request are the same.
    static func areEqual(
        _ first: ByteRange, _ second: ByteRange, in message: Span<UInt8>
    ) -> Bool {
        guard first.count == second.count else { return false }
        for index in 0..<Int(first.count)
        where message[Int(first.start) + index] != message[Int(second.start) + index] {
            return false
        }
        return true
    }

    static func key(
        _ key: StockKey, isPresent: Bool, in message: Span<UInt8>
    ) throws(FormFault) -> StockCodes {
        guard isPresent else { throw FormFault("key", "must be set") }
        try code(key.brand, "key.brand", in: message)
        try code(key.sku, "key.sku", in: message)
        try code(key.warehouse, "key.warehouse", in: message)
        return StockCodes(brand: key.brand, sku: key.sku, warehouse: key.warehouse)
    }

    /// A time to live, or 0: the core chooses.
    static func timeToLive(
        _ milliseconds: UInt32, _ field: StaticString
    ) throws(FormFault) -> UInt64 {
        let value = UInt64(milliseconds)
        guard value == 0 || value >= timeToLiveMin, value <= CoreLimits.timeToLiveMaxMilliseconds
        else { throw FormFault(field, "must be 0, or 1000 to 86400000") }
        return value
    }

    /// A number of units that is set and not asked for: 0 to 10^12.
    static func figure(_ value: Int64, _ field: StaticString) throws(FormFault) {
        guard value >= 0, value <= CoreLimits.onHandMax else {
            throw FormFault(field, "must be 0 to 1000000000000", reason: .qtyOutOfRange)
        }
    }

    /// A number of units that is asked for: 1 to 10^9.
    static func quantity(_ value: Int64) throws(FormFault) {
        guard value >= 1, value <= quantityMax else {
            throw FormFault("quantity", "must be 1 to 1000000000", reason: .qtyOutOfRange)
        }
    }

    static func fillMode(
        _ mode: StockadeAPI.FillMode?
    ) throws(FormFault) -> CoreFillMode {
        switch mode {
        case .unspecified, .allOrNothing: return .allOrNothing
        case .partial: return .partial
        case .backorder:
            throw FormFault("fill_mode", "BACKORDER isn't served by this version")
        case nil:
            throw FormFault("fill_mode", "must be ALL_OR_NOTHING or PARTIAL")
        }
    }
}
