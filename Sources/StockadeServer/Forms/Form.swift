// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI

/// The rules for single fields, as the `.proto` comments state them. Checked without a lock, before identity: they never get
/// stricter within the retention, or a retry would be judged differently.
enum Form {
    static let quantityMax: Int64 = 1_000_000_000
    static let characterMax = 64
    static let timeToLiveDefault: UInt64 = 15 * 60_000
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

    static func key(
        _ key: StockKey, isPresent: Bool, in message: Span<UInt8>
    ) throws(FormFault) -> StockCodes {
        guard isPresent else { throw FormFault("key", "must be set") }
        try code(key.brand, "key.brand", in: message)
        try code(key.sku, "key.sku", in: message)
        try code(key.warehouse, "key.warehouse", in: message)
        return StockCodes(brand: key.brand, sku: key.sku, warehouse: key.warehouse)
    }

    static func timeToLive(_ milliseconds: UInt32) throws(FormFault) -> UInt64 {
        if milliseconds == 0 { return timeToLiveDefault }
        let value = UInt64(milliseconds)
        guard value >= timeToLiveMin, value <= CoreLimits.timeToLiveMaxMilliseconds
        else { throw FormFault("ttl_ms", "must be 0, or 1000 to 86400000") }
        return value
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
