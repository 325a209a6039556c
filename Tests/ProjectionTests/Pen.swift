// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

/// A writer that can be kept in what is copied.
final class Pen {
    var writer = ByteWriter(capacity: RecordHeader.recordByteCountMax)

    /// What was written.
    var bytes: [UInt8] { writer.withBytes { span in (0..<span.count).map { span[$0] } } }
}
