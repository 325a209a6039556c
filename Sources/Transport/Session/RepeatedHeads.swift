// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The header blocks that the calls of one connection repeat, and what each said.
///
/// A client says the same of all its calls to a method, but for the stream. HPACK makes the repeated
/// block short and still has every field of it decoded, checked and compared. Here the bytes of a
/// block stand for what it said, for as long as the table of fields that it refers to stays as it is.
///
/// A block becomes known in two steps: the scan that runs ahead of nghttp2 takes its bytes, and when
/// nghttp2 has found the request to be right, its outcome is added.
@safe struct RepeatedHeads: BitwiseCopyable {
    /// Blocks of a connection: a client has few methods in use at once.
    static let countMax = 4
    /// Bytes of a block: a request of HTTP's and gRPC's own fields, all in plain text.
    static let blockBytesMax = 192

    /// What a request's header block said of its call.
    struct Outcome: BitwiseCopyable {
        var method: UInt16 = 0
        var marks: HeaderMarks = []
        var watched: UInt32 = 0
        /// Nanoseconds that the caller waits; `.max`: forever.
        var timeout: UInt64 = .max
    }

    private struct Entry: BitwiseCopyable {
        /// 0: free.
        var byteCount = 0
        /// Its outcome is there.
        var isKnown = false
        /// The HEADERS frame of this connection whose outcome is awaited.
        var frame: UInt64 = 0
        var outcome = Outcome()
    }

    /// The blocks, one behind the other, each with room for the longest.
    private let bytes: UnsafeMutablePointer<UInt8>
    private var entries = InlineArray<4, Entry>(repeating: Entry())
    private var latest = 0
    private var oldest = 0
    private var isAwaiting = false

    /// Allocates the room for the blocks; `free` gives it back.
    init() {
        let count = Self.countMax * Self.blockBytesMax
        unsafe bytes = .allocate(capacity: count)
        unsafe bytes.initialize(repeating: 0, count: count)
    }

    /// Gives the memory back.
    func free() { unsafe bytes.deallocate() }

    /// What a block of 1 to `blockBytesMax` bytes said, if it is known. An unknown one that leaves the
    /// table as it is will be known when `learn` is told the outcome of HEADERS frame number `frame`.
    mutating func find(_ block: Span<UInt8>, frame: UInt64) -> Outcome? {
        for step in 0..<Self.countMax {
            let index = (latest + step) & (Self.countMax - 1)
            guard entries[index].byteCount == block.count, matches(index, block) else { continue }
            latest = index
            if entries[index].isKnown { return entries[index].outcome }
            entries[index].frame = frame
            return nil
        }
        guard HeaderBlock.leavesTheTable(block) else {
            forget()
            return nil
        }
        latest = oldest
        oldest = (oldest + 1) & (Self.countMax - 1)
        entries[latest].byteCount = block.count
        entries[latest].isKnown = false
        entries[latest].frame = frame
        unsafe block.withUnsafeBufferPointer {
            // SAFETY: the caller keeps to `blockBytesMax`, which is checked here.
            precondition($0.count <= Self.blockBytesMax)
            unsafe bytesOf(latest).update(from: $0.baseAddress!, count: $0.count)
        }
        isAwaiting = true
        return nil
    }

    /// HEADERS frame number `frame` was a request's and said this; nil: nothing that may be said for it
    /// again.
    mutating func learn(_ outcome: Outcome?, frame: UInt64) {
        guard isAwaiting else { return }
        isAwaiting = false
        for index in 0..<Self.countMax
        where entries[index].byteCount > 0 && !entries[index].isKnown {
            guard entries[index].frame == frame else {
                isAwaiting = true
                continue
            }
            if let outcome {
                entries[index].outcome = outcome
                entries[index].isKnown = true
            } else {
                entries[index].byteCount = 0
            }
        }
    }

    /// The table of fields has changed, or may have: no block means what it did.
    mutating func forget() {
        for index in 0..<Self.countMax { entries[index].byteCount = 0 }
        isAwaiting = false
    }

    @inline(__always)
    private func matches(_ index: Int, _ block: Span<UInt8>) -> Bool {
        // SAFETY: an entry's block has as many bytes, as the caller has seen.
        unsafe block.withUnsafeBufferPointer {
            unsafe memcmp(bytesOf(index), $0.baseAddress!, $0.count) == 0
        }
    }

    @inline(__always)
    private func bytesOf(_ index: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe bytes + index * Self.blockBytesMax
    }
}
