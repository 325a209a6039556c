// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives

/// What a field of a table has, or must have.
enum TableValue {
    case null
    case integer(Int64)
    case bool(Bool)
    case text(String)
    case id(ClientID)
    /// Microseconds since 2000, as Postgres counts.
    case time(Int64)

    /// How a column's field is read.
    enum Form {
        case integer, bool, text, id, time
    }

    /// 2000-01-01T00:00:00Z in Unix milliseconds.
    private static let beginning: Int64 = 946_684_800_000

    /// A number of the journal's; no column has one beyond 63 bits, so there it can't be equal.
    static func number(_ value: UInt64) -> TableValue {
        value > UInt64(Int64.max) ? .text(String(value)) : .integer(Int64(value))
    }

    /// A wall time, in Unix milliseconds of at most 48 bits.
    static func wall(_ milliseconds: Int64) -> TableValue {
        .time((milliseconds &- beginning) &* 1_000)
    }

    /// Whether it is the same, texts byte for byte: Swift's own `==` takes some different letters for
    /// the same.
    func isSame(as other: TableValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.integer(let left), .integer(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.text(let left), .text(let right)):
            left == right && left.utf8.count == right.utf8.count
        case (.id(let left), .id(let right)): left == right
        case (.time(let left), .time(let right)): left == right
        default: false
        }
    }

    /// For people; what isn't printable ASCII as a question mark.
    var description: String {
        switch self {
        case .null: return "null"
        case .integer(let value): return String(value)
        case .bool(let value): return String(value)
        case .text(let value):
            let start = value.utf8.prefix(80).map { (0x20...0x7e).contains($0) ? $0 : 0x3f }
            return "\"\(String(decoding: start, as: UTF8.self))\""
        case .id(let value): return value.uuid
        case .time(let value):
            let (milliseconds, rest) = value.quotientAndRemainder(dividingBy: 1_000)
            let unix = milliseconds.addingReportingOverflow(TableValue.beginning)
            if unix.overflow || value == .max { return "infinity" }
            return rest == 0 ? "\(unix.partialValue) ms" : "\(unix.partialValue) ms and \(rest) us"
        }
    }
}

extension ClientID {
    /// As Postgres shows it.
    var uuid: String {
        let digits = Array(hex)
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return parts.joined(separator: "-")
    }
}
