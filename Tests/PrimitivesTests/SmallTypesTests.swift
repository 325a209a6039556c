// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct SmallTypesTests {
    @Test func ticksAddUpToTheEndOfTime() {
        #expect(Tick(milliseconds: 5).advanced(byMilliseconds: 7) == Tick(milliseconds: 12))
        #expect(Tick(milliseconds: 5) < Tick(milliseconds: 6))
        #expect(Tick.max.advanced(byMilliseconds: 1) == .max)
        #expect(Tick(milliseconds: 1).advanced(byMilliseconds: .max) == .max)
        #expect(Tick(milliseconds: (1 << 48) - 2).advanced(byMilliseconds: 1) == .max)
    }

    @Test func wallTimeStaysWhatARowCanHold() {
        #expect(WallTime(milliseconds: -1).milliseconds == 0)
        #expect(WallTime(milliseconds: .max).milliseconds == (1 << 48) - 1)
        #expect(WallTime(milliseconds: 1_700_000_000_000).milliseconds == 1_700_000_000_000)
    }

    @Test func anIDIsExactlySixteenBytes() {
        let bytes = (0..<20).map { UInt8($0) }
        for start in 0...8 as ClosedRange<UInt32> {
            for count in 0...20 as ClosedRange<UInt32> {
                let id = ClientID(bytes.span, at: ByteRange(start: start, count: count))
                #expect((id != nil) == (count == 16 && start <= 4), "\(count) bytes at \(start)")
            }
        }
        let id = ClientID(bytes.span, at: ByteRange(start: 1, count: 16))
        #expect(id == ClientID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10))
    }

    @Test func onlyAllZeroIsZero() {
        #expect(ClientID(high: 0, low: 0).isZero)
        #expect(!ClientID(high: 1, low: 0).isZero)
        #expect(!ClientID(high: 0, low: 1 << 63).isZero)
        #expect(MemoryLayout<ClientID>.size == ClientID.byteCount)
    }

    @Test func aRangeKnowsItsIndices() {
        #expect(ByteRange(start: 3, count: 4).indices == 3..<7)
        #expect(ByteRange.empty.isEmpty)
        #expect(!ByteRange(start: 0, count: 1).isEmpty)
    }
}
