// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// The texts of one message to send, and where each lies.
struct MessageTexts: ~Copyable {
    private(set) var bytes: ByteWriter

    init(capacity: Int = 1_024) {
        bytes = ByteWriter(capacity: capacity)
    }

    mutating func add(_ text: String) -> ByteRange {
        let start = bytes.count
        for byte in text.utf8 { bytes.append(byte) }
        return ByteRange(start: UInt32(start), count: UInt32(bytes.count - start))
    }

    mutating func add(_ id: ClientID) -> ByteRange {
        let start = bytes.count
        bytes.append(id)
        return ByteRange(start: UInt32(start), count: UInt32(bytes.count - start))
    }

    mutating func removeAll() { bytes.removeAll() }

    borrowing func encode(_ message: some FlatMessage, into writer: inout ByteWriter) {
        bytes.withBytes { message.encode(into: &writer, texts: $0) }
    }
}
