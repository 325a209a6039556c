// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a writer holds.
func contents(_ writer: borrowing ByteWriter) -> [UInt8] {
    writer.withBytes { span in
        var bytes: [UInt8] = []
        for index in 0..<span.count { bytes.append(span[index]) }
        return bytes
    }
}
