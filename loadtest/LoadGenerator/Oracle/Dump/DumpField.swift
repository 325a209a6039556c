// SPDX-License-Identifier: Apache-2.0

/// The fields of a dump that the oracle reads; `Protocols/dump.md` has them all.
enum DumpField: Int, CaseIterable {
    case kind, brand, sku, warehouse, forgotten
    case highestTick, retention, violations
    case onHand, held, allocated, safety, available
    case reservation, state, createdSequence, deadline, ended, order, lines
    case sequence, request
    case lineNumber, granted, confirmed, quantity, cancelled

    var name: StaticString {
        switch self {
        case .kind: "kind"
        case .brand: "brand"
        case .sku: "sku"
        case .warehouse: "warehouse"
        case .forgotten: "forgotten"
        case .highestTick: "highest_tick"
        case .retention: "retention_ms"
        case .violations: "violations"
        case .onHand: "on_hand"
        case .held: "held"
        case .allocated: "allocated"
        case .safety: "safety"
        case .available: "available"
        case .reservation: "reservation_id"
        case .state: "state"
        case .createdSequence: "created_sequence"
        case .deadline: "deadline_tick"
        case .ended: "ended_tick"
        case .order: "order_id"
        case .lines: "lines"
        case .sequence: "sequence"
        case .request: "request_id"
        case .lineNumber: "line_number"
        case .granted: "granted"
        case .confirmed: "confirmed"
        case .quantity: "quantity"
        case .cancelled: "cancelled"
        }
    }
}

/// A field's name as two words: exact for up to 16 bytes, and no field that is read is longer.
struct FieldName: Equatable {
    static let byteCountMax = 16

    private var words: (UInt64, UInt64) = (0, 0)
    private(set) var count = 0
    /// A name that is longer, or has escapes: no field of ours.
    private(set) var isForeign = false

    init() {}

    init(_ text: StaticString) {
        for byte in text.description.utf8 { append(byte) }
    }

    mutating func append(_ byte: UInt8) {
        count += 1
        guard count <= FieldName.byteCountMax, byte != 0x5c else { return isForeign = true }
        words = (words.0 << 8 | words.1 >> 56, words.1 << 8 | UInt64(byte))
    }

    static func == (left: FieldName, right: FieldName) -> Bool {
        left.words == right.words && left.count == right.count
            && left.isForeign == right.isForeign
    }
}

/// Where the values of one object are.
struct DumpFields {
    /// What a value is.
    enum Form: UInt8 { case absent, null, text, number, yes, no, list, object }

    struct Place {
        var form = Form.absent
        /// Of the value; of a text without its quotes.
        var start: Int32 = 0
        var end: Int32 = 0

        var range: Range<Int> { Int(start)..<Int(end) }
    }

    private var places = InlineArray<27, Place>(repeating: Place())

    subscript(_ field: DumpField) -> Place {
        get { places[field.rawValue] }
        set { places[field.rawValue] = newValue }
    }
}
