// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The bytes of a literal: they live as long as the program.
@safe struct ConstantText: BitwiseCopyable {
    let start: UnsafePointer<UInt8>
    let count: Int

    init(_ text: StaticString) {
        precondition(text.hasPointerRepresentation)
        unsafe start = text.utf8Start
        count = text.utf8CodeUnitCount
    }

    /// True when `bytes` are exactly this text.
    @inline(__always)
    func matches(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count == count else { return false }
        // SAFETY: both have `count` bytes.
        return unsafe bytes.withUnsafeBufferPointer { unsafe memcmp($0.baseAddress!, start, count) }
            == 0
    }
}

extension Span<UInt8> {
    /// True when the span holds exactly the bytes of `text`, which isn't empty.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        ConstantText(text).matches(self)
    }

    /// True when the span begins with the bytes of `text`, which isn't empty.
    @inline(__always)
    func begins(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        return count >= length && ConstantText(text).matches(extracting(0..<length))
    }
}
