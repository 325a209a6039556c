// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct ByteWriterTests {
    @Test func writesFromFrontToBack() {
        var writer = ByteWriter(capacity: 64)
        writer.append(0x01)
        writer.append([0x02, 0x03].span)
        writer.append("ab")
        writer.append(littleEndian: UInt16(0x0405))
        writer.append(littleEndian: UInt32(0x0607_0809))
        writer.append(littleEndian: Int64(-2))
        #expect(
            contents(writer) == [
                1, 2, 3, 0x61, 0x62, 5, 4, 9, 8, 7, 6, 0xfe, 255, 255, 255, 255, 255, 255, 255,
            ])
        #expect(writer.overflowed == false)
    }

    @Test func anIDIsWrittenAsItCame() {
        let bytes = (1...16).map { UInt8($0) }
        var writer = ByteWriter(capacity: 16)
        guard let id = ClientID(bytes.span, at: ByteRange(start: 0, count: 16))
        else { return #expect(Bool(false), "16 bytes are an id") }
        writer.append(id)
        #expect(contents(writer) == bytes)
    }

    @Test(arguments: [
        (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (1_234_567_890, "1234567890"),
        (Int64.max, "9223372036854775807"), (Int64.min, "-9223372036854775808"),
    ])
    func writesDecimals(value: Int64, text: String) {
        var writer = ByteWriter(capacity: 20)
        writer.appendDecimal(value)
        #expect(contents(writer) == Array(text.utf8))
        #expect(writer.overflowed == false)
    }

    @Test func writesTheLargestDecimal() {
        var writer = ByteWriter(capacity: 20)
        writer.appendDecimal(UInt64.max)
        #expect(contents(writer) == Array("18446744073709551615".utf8))
    }

    @Test func whatDoesNotFitIsLeftOutAndRemembered() {
        var writer = ByteWriter(capacity: 3)
        writer.append([1, 2].span)
        writer.append([3, 4].span)
        #expect(contents(writer) == [1, 2])
        #expect(writer.overflowed == true)
        writer.append(UInt8(3))
        #expect(contents(writer) == [1, 2, 3], "smaller things still fit")
        #expect(writer.overflowed == true, "and it is still known that something is missing")
        writer.append(UInt8(4))
        writer.append(littleEndian: UInt16(5))
        writer.append("six")
        #expect(writer.count == 3)
        writer.removeAll()
        #expect(writer.count == 0)
        #expect(writer.overflowed == false)
    }

    @Test func opensAGapAnywhere() {
        for position in 0...4 {
            var writer = ByteWriter(capacity: 8)
            let before: [UInt8] = [1, 2, 3, 4]
            writer.append(before.span)
            writer.insertGap(at: position, count: 3)
            #expect(
                contents(writer) == before[..<position] + [0, 0, 0] + before[position...],
                "at \(position)")
            writer.insertGap(at: position, count: 2)
            #expect(writer.overflowed == true)
            #expect(writer.count == 7)
        }
    }

    @Test func truncatesAndOverwrites() {
        var writer = ByteWriter(capacity: 4)
        writer.append([1, 2, 3].span)
        writer[1] = 9
        writer.truncate(to: 2)
        #expect(contents(writer) == [1, 9])
        #expect(writer[1] == 9)
        writer.append([7, 8].span)
        #expect(contents(writer) == [1, 9, 7, 8])
    }
}
