// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives

/// Where rows go, field by field: a COPY's stream, or an array for each column.
protocol RowSink: ~Copyable, PostgresFields {
    /// Begins a row of that many fields.
    mutating func beginRow(fields: Int)
}

extension CopyWriter: RowSink {}

extension PostgresFields where Self: ~Copyable {
    /// A text that the program has.
    mutating func append(fixed text: StaticString) {
        // SAFETY: a static string's bytes live as long as the process.
        append(text: unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// An id, or null.
    mutating func append(optional id: ClientID?) {
        if let id { append(uuid: id) } else { appendNull() }
    }

    /// A code's text, or null.
    mutating func append(optionalCode number: UInt32?, _ codes: borrowing CodeBook) {
        if let number { append(code: number, codes) } else { appendNull() }
    }

    /// A code's text.
    mutating func append(code number: UInt32, _ codes: borrowing CodeBook) {
        codes.withText(number) { append(text: $0) }
    }
}
