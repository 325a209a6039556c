// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// nghttp2's memory.
@Suite struct BlockCacheTests {
    @Test func theLatestFreedIsTheNextTaken() throws {
        var cache = BlockCache()
        let first = try unsafe #require(cache.allocate(100))
        let second = try unsafe #require(cache.allocate(100))
        unsafe cache.release(first)
        unsafe cache.release(second)
        #expect(cache.keptBytes == 2 * 112)
        // The same grain serves any size in it.
        #expect(unsafe cache.allocate(112) == second)
        #expect(unsafe cache.allocate(97) == first)
        #expect(cache.keptBytes == 0)
        unsafe cache.release(first)
        unsafe cache.release(second)
        cache.empty()
        #expect(cache.keptBytes == 0)
    }

    @Test func everySizeHoldsWhatItShould() throws {
        var cache = BlockCache()
        for count in [0, 1, 15, 16, 17, 1_023, 1_024, 1_025, 70_000] {
            let block = try unsafe #require(cache.allocate(count))
            #expect(unsafe UInt(bitPattern: block) % 16 == 0)
            unsafe block.initializeMemory(as: UInt8.self, repeating: 0xaa, count: count)
            let larger = try unsafe #require(cache.reallocate(block, count * 2 + 1))
            for index in 0..<count {
                #expect(unsafe larger.load(fromByteOffset: index, as: UInt8.self) == 0xaa)
            }
            unsafe cache.release(larger)
        }
        cache.empty()
    }

    @Test func whatIsKeptHasABound() throws {
        var cache = BlockCache()
        var blocks: [UnsafeMutableRawPointer] = unsafe []
        for _ in 0..<Limits.engineBytesKeptMax / 1_024 + 10 {
            unsafe blocks.append(try #require(cache.allocate(1_024)))
        }
        for block in unsafe blocks { unsafe cache.release(block) }
        #expect(cache.keptBytes == Limits.engineBytesKeptMax)
        cache.empty()
    }

    @Test func impossibleSizesAreRefused() {
        var cache = BlockCache()
        #expect(unsafe cache.allocate(Int.max) == nil)
        #expect(unsafe cache.allocate(-1) == nil)
    }
}
