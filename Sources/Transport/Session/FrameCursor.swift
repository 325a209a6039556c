// SPDX-License-Identifier: Apache-2.0

/// Where the frames of a connection begin in what is read from it: nghttp2's own knowledge, kept
/// beside it so that a frame can be seen before nghttp2 sees it.
///
/// A state machine over lengths (RFC 9113 section 4.1); it reads a frame's head and nothing else.
struct FrameCursor: BitwiseCopyable {
    static let headBytes = 9
    static let headers: UInt8 = 1
    static let pushPromise: UInt8 = 5
    static let continuation: UInt8 = 9
    /// Of a client (RFC 9113 section 3.4).
    static let prefaceBytes = 24

    /// Bytes of the begun frame, or of the preface, that are still to come.
    private var missing = FrameCursor.prefaceBytes
    /// A head that the last read cut: its first bytes.
    private var cutHead: UInt64 = 0
    private var cutHeadBytes = 0

    /// A frame as it lies in what was read.
    struct Place: BitwiseCopyable {
        /// Of its head; meaningless when the head was cut.
        var start: Int
        var type: UInt8
        /// All of it is here, its head too.
        var isWhole: Bool
    }

    /// Goes to the end of the next frame; nil when nothing is left of `bytes`. `at` is 0 for the first
    /// call on what was read.
    @inline(__always)
    mutating func next(in bytes: Span<UInt8>, at: inout Int) -> Place? {
        if missing > 0 {
            let step = min(missing, bytes.count - at)
            missing -= step
            at += step
        }
        let left = bytes.count - at
        guard left > 0 else { return nil }
        guard cutHeadBytes == 0, left >= Self.headBytes else {
            return nextOfCutHead(in: bytes, at: &at)
        }
        let start = at
        let length = Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
        let end = start + Self.headBytes + length
        at = min(end, bytes.count)
        missing = end - at
        return Place(start: start, type: bytes[start + 3], isWhole: missing == 0)
    }

    /// The same for a head that comes in pieces. Only length and type are kept of it.
    private mutating func nextOfCutHead(in bytes: Span<UInt8>, at: inout Int) -> Place? {
        while cutHeadBytes < Self.headBytes {
            guard at < bytes.count else { return nil }
            if cutHeadBytes < 4 { cutHead = cutHead << 8 | UInt64(bytes[at]) }
            cutHeadBytes += 1
            at += 1
        }
        let length = Int(cutHead >> 8)
        let type = UInt8(truncatingIfNeeded: cutHead)
        cutHead = 0
        cutHeadBytes = 0
        let step = min(length, bytes.count - at)
        at += step
        missing = length - step
        return Place(start: -1, type: type, isWhole: false)
    }
}
