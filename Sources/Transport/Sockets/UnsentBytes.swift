// SPDX-License-Identifier: Apache-2.0

/// What a socket didn't take of a write: kept by the connection until it does. An idle connection
/// has none and owns no memory for it.
@safe struct UnsentBytes: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>?
    private var total = 0
    private var sent = 0

    init() {
        unsafe start = nil
    }

    deinit { unsafe start?.deallocate() }

    /// True when the socket has taken everything.
    var isEmpty: Bool { sent == total }
    /// Bytes left.
    var count: Int { total - sent }

    /// Copies `count` bytes, at least one. Nothing was left before.
    mutating func keep(_ source: UnsafePointer<UInt8>, count: Int) {
        precondition(isEmpty && count > 0)
        removeAll()
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        // SAFETY: the caller owns the bytes; the new block has room for them.
        unsafe block.initialize(from: source, count: count)
        unsafe start = block
        total = count
    }

    /// Writes what the socket takes; gives the memory back with the last byte.
    mutating func write(to stream: borrowing ByteStream) -> ByteStream.Outcome {
        guard let start = unsafe start else { return .blocked }
        // SAFETY: `count` bytes at that place are initialised.
        let outcome = unsafe stream.write(start + sent, count: count)
        if case .moved(let bytes) = outcome { sent += bytes }
        if isEmpty { removeAll() }
        return outcome
    }

    /// Forgets what is left.
    mutating func removeAll() {
        unsafe start?.deallocate()
        unsafe start = nil
        total = 0
        sent = 0
    }
}
