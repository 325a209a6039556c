// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// nghttp2's memory.
@Suite struct BlockCacheTests {
    /// A cache whose blocks are named by their addresses.
    private struct Cache: ~Copyable {
        var blocks = BlockCache()

        mutating func take(_ count: Int) -> UInt? {
            let block = unsafe blocks.allocate(count)
            return UInt(bitPattern: block) == 0 ? nil : UInt(bitPattern: block)
        }

        mutating func giveBack(_ address: UInt) {
            guard let block = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
            unsafe blocks.release(block)
        }

        mutating func grow(_ address: UInt, to count: Int) -> UInt? {
            guard let block = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
                return nil
            }
            let larger = unsafe blocks.reallocate(block, count)
            return UInt(bitPattern: larger) == 0 ? nil : UInt(bitPattern: larger)
        }

        func fill(_ address: UInt, _ count: Int, with byte: UInt8) {
            guard let block = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
            unsafe block.initializeMemory(as: UInt8.self, repeating: byte, count: count)
        }

        func isFilled(_ address: UInt, _ count: Int, with byte: UInt8) -> Bool {
            guard let block = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
                return false
            }
            return (0..<count).allSatisfy {
                unsafe block.load(fromByteOffset: $0, as: UInt8.self) == byte
            }
        }
    }

    @Test func theLatestFreedIsTheNextTaken() throws {
        var cache = Cache()
        let first = cache.take(100)
        let second = cache.take(100)
        cache.giveBack(try #require(first))
        cache.giveBack(try #require(second))
        #expect(cache.blocks.keptBytes == 2 * 112)
        // The same grain serves any size in it.
        let again = [cache.take(112), cache.take(97)]
        #expect(again == [second, first])
        #expect(cache.blocks.keptBytes == 0)
        cache.giveBack(try #require(first))
        cache.giveBack(try #require(second))
        cache.blocks.empty()
        #expect(cache.blocks.keptBytes == 0)
    }

    @Test func everySizeHoldsWhatItShould() throws {
        var cache = Cache()
        for count in [0, 1, 15, 16, 17, 1_023, 1_024, 1_025, 70_000] {
            let taken = cache.take(count)
            let block = try #require(taken)
            #expect(block % 16 == 0)
            cache.fill(block, count, with: 0xaa)
            let grown = cache.grow(block, to: count * 2 + 1)
            let larger = try #require(grown)
            let isKept = cache.isFilled(larger, count, with: 0xaa)
            #expect(isKept, "\(count) bytes")
            cache.giveBack(larger)
        }
        cache.blocks.empty()
    }

    @Test func whatIsKeptHasABound() throws {
        var cache = Cache()
        var taken: [UInt] = []
        for _ in 0..<Limits.engineBytesKeptMax / 1_024 + 10 {
            let block = cache.take(1_024)
            taken.append(try #require(block))
        }
        for block in taken { cache.giveBack(block) }
        #expect(cache.blocks.keptBytes == Limits.engineBytesKeptMax)
        cache.blocks.empty()
    }

    @Test func impossibleSizesAreRefused() {
        var cache = Cache()
        let blocks = [cache.take(Int.max), cache.take(Int.max / 2 + 1)]
        #expect(blocks == [nil, nil])
    }
}
