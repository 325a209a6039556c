// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The bytes that `write` leaves in a writer.
func written(capacity: Int = 1 << 20, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter(capacity: capacity)
    write(&writer)
    precondition(!writer.overflowed, "the test's own writer is too small")
    return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
}

extension String {
    /// The text's UTF-8 bytes.
    var bytes: [UInt8] { Array(utf8) }
}

/// The texts of a message that a test makes: what its ranges point into.
struct Texts {
    private(set) var bytes: [UInt8] = []

    /// Adds a text and says where it lies.
    mutating func add(_ text: String) -> ByteRange { add(text.bytes) }

    /// Adds bytes and says where they lie.
    mutating func add(_ added: [UInt8]) -> ByteRange {
        bytes += added
        return ByteRange(start: UInt32(bytes.count - added.count), count: UInt32(added.count))
    }
}

extension ByteWriter {
    /// What was written; the test's own room must have sufficed.
    var contents: [UInt8] {
        borrowing get {
            precondition(!overflowed)
            return withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }
    }
}
