// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Free blocks by size, last in, first out. Sizes are multiples of 16 bytes; larger blocks than
/// `blockBytesMax` are the system's.
///
/// Before each block lie 16 bytes that say what it can hold. A free block begins with the address
/// of the next one of its size.
@safe struct BlockCache: ~Copyable {
    private static let grain = 16
    private static let headBytes = 16
    private static let blockBytesMax = 1_024

    /// By size, in grains: the first free block.
    private let firsts: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    /// Bytes of the free blocks, at most `Limits.engineBytesKeptMax`.
    private(set) var keptBytes = 0

    init() {
        let count = Self.blockBytesMax / Self.grain + 1
        unsafe firsts = .allocate(capacity: count)
        unsafe firsts.initialize(repeating: nil, count: count)
    }

    deinit { unsafe firsts.deallocate() }

    /// A block of at least `count` bytes, aligned as malloc does; nil when there is no memory.
    @inline(__always)
    mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        guard count <= Self.blockBytesMax else { return unsafe allocateFromSystem(count) }
        let grains = (count + Self.grain - 1) / Self.grain
        guard let block = unsafe firsts[grains] else { return unsafe allocateFromSystem(count) }
        // SAFETY: a free block begins with the address of the next.
        unsafe firsts[grains] = block.load(as: UnsafeMutableRawPointer?.self)
        keptBytes -= grains * Self.grain
        return unsafe block
    }

    /// Takes a block back.
    @inline(__always)
    mutating func release(_ block: UnsafeMutableRawPointer) {
        let capacity = unsafe self.capacity(of: block)
        guard capacity <= Self.blockBytesMax,
            keptBytes + capacity <= Limits.engineBytesKeptMax
        else { return unsafe Self.freeToSystem(block) }
        // SAFETY: the block is nobody's; one without room for an address is never made.
        unsafe block.storeBytes(
            of: firsts[capacity / Self.grain], as: UnsafeMutableRawPointer?.self)
        unsafe firsts[capacity / Self.grain] = block
        keptBytes += capacity
    }

    /// Moves a block's content to one of at least `count` bytes; nil, and the old block stays, when
    /// there is no memory.
    mutating func reallocate(
        _ block: UnsafeMutableRawPointer, _ count: Int
    ) -> UnsafeMutableRawPointer? {
        let capacity = unsafe self.capacity(of: block)
        if count <= capacity { return unsafe block }
        guard let larger = unsafe allocate(count) else { return nil }
        // SAFETY: the old block has so many bytes, the new one more.
        unsafe memcpy(larger, block, capacity)
        unsafe release(block)
        return unsafe larger
    }

    /// Gives all free blocks back to the system.
    mutating func empty() {
        for grains in 0...Self.blockBytesMax / Self.grain {
            while let block = unsafe firsts[grains] {
                // SAFETY: a free block begins with the address of the next.
                unsafe firsts[grains] = block.load(as: UnsafeMutableRawPointer?.self)
                unsafe Self.freeToSystem(block)
            }
        }
        keptBytes = 0
    }

    private func capacity(of block: UnsafeMutableRawPointer) -> Int {
        // SAFETY: allocateFromSystem has written it there.
        unsafe (block - Self.headBytes).load(as: Int.self)
    }

    private func allocateFromSystem(_ count: Int) -> UnsafeMutableRawPointer? {
        // At least one grain: a free block must have room for an address.
        let (rounded, overflow) = max(count, 1).addingReportingOverflow(Self.grain - 1)
        guard !overflow, rounded < Int.max / 2 else { return nil }
        let capacity = rounded / Self.grain * Self.grain
        guard let whole = unsafe malloc(Self.headBytes + capacity) else { return nil }
        unsafe whole.storeBytes(of: capacity, as: Int.self)
        return unsafe whole + Self.headBytes
    }

    private static func freeToSystem(_ block: UnsafeMutableRawPointer) {
        // SAFETY: malloc gave the address before the head.
        unsafe free(block - headBytes)
    }
}
