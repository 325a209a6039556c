// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The bytes that `write` leaves in a writer.
func written(capacity: Int = 1 << 16, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter(capacity: capacity)
    write(&writer)
    precondition(!writer.overflowed, "the test's own writer is too small")
    return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
}

extension String {
    /// The text's UTF-8 bytes.
    var bytes: [UInt8] { Array(utf8) }
}

// `#expect` takes its arguments apart and can't hold spans: these take and return whole values.

/// What the base64 text stands for; nil when it isn't base64.
func base64Decoded(_ text: String) -> [UInt8]? {
    var isBase64 = false
    let bytes = written { isBase64 = $0.appendBase64Decoded(text.bytes.span) }
    return isBase64 ? bytes : nil
}

/// The prefix at `offset`.
func prefix(_ bytes: [UInt8], at offset: Int) -> MessagePrefix? {
    MessagePrefix(bytes.span, at: offset)
}

/// What the header value stands for.
func timeout(_ value: String) -> CallTimeout? {
    CallTimeout(value.bytes.span)
}

/// The tag at the start, or what is wrong with it.
func tag(_ bytes: [UInt8]) -> Result<FieldTag, WireError> {
    var offset = 0
    do throws(WireError) {
        return .success(try Protobuf.readTag(bytes.span, at: &offset))
    } catch {
        return .failure(error)
    }
}
