// SPDX-License-Identifier: Apache-2.0

/// A nested message that is being written: from `beginMessage` to `endMessage` of a `ByteWriter`.
public struct OpenMessage: Sendable, BitwiseCopyable {
    /// Where its first byte lies; the byte before is kept for its length.
    @usableFromInline let bodyStart: Int

    @inlinable
    init(bodyStart: Int) { self.bodyStart = bodyStart }
}
