// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@Suite struct FieldTests {
    @Test func tagsOfEveryWireType() throws {
        for raw in UInt32(0)...4_095 {
            let result = tag(written { $0.appendVarint(UInt64(raw)) })
            switch (raw >> 3, raw & 7) {
            case (0, _): #expect(result == .failure(WireError(.fieldZero, at: 0)))
            case (_, 3), (_, 4): #expect(result == .failure(WireError(.group, at: 0)))
            case (_, 6), (_, 7): #expect(result == .failure(WireError(.unknownWireType, at: 0)))
            default:
                let tag = try result.get()
                #expect(tag.number == raw >> 3)
                #expect(UInt32(tag.wireType.rawValue) == raw & 7)
            }
        }
    }

    @Test func highestFieldNumber() throws {
        let highest = try tag([0xfa, 0xff, 0xff, 0xff, 0x0f]).get()
        #expect(highest == .lengthDelimited(FieldTag.fieldNumberMax))
    }

    @Test(
        arguments: [
            ([0xf8, 0xff, 0xff, 0xff, 0x1f], .varintTooLong),  // a 33rd bit
            ([0x88, 0x80, 0x80, 0x80, 0x80, 0x00], .varintTooLong),  // six bytes
            ([0x88, 0x80, 0x80, 0x80], .truncated),
            ([], .truncated),
        ] as [([UInt8], WireError.Code)])
    func refusesTagsBeyond32Bits(bytes: [UInt8], code: WireError.Code) {
        #expect(tag(bytes) == .failure(WireError(code, at: 0)))
    }

    @Test func lengthsEndWhereTheBytesEnd() throws {
        let exact: [UInt8] = [0x02, 0x61, 0x62]
        var offset = 0
        #expect(try Protobuf.readBytes(exact.span, at: &offset) == ByteRange(start: 1, count: 2))
        #expect(offset == 3)
        for (bytes, code) in [
            ([0x03, 0x61, 0x62], .truncated), ([0xff, 0xff, 0xff, 0xff, 0x0f], .truncated),
            ([0xff, 0xff, 0xff, 0xff, 0x1f], .varintTooLong), ([0x80], .truncated),
        ] as [([UInt8], WireError.Code)] {
            #expect(throws: WireError(code, at: 0)) {
                var offset = 0
                return try Protobuf.readBytes(bytes.span, at: &offset)
            }
        }
    }

    @Test func skipsEveryWireTypeAndNoFurther() throws {
        for (tag, value) in [
            (0x08, [0xff, 0x01]), (0x09, Array(repeating: 0xff, count: 8)),
            (0x0a, [0x03, 0xff, 0xff, 0xff]), (0x0a, [0x00]),
            (0x0d, Array(repeating: 0xff, count: 4)),
        ] as [(UInt32, [UInt8])] {
            let known = try #require(FieldTag(rawValue: tag))
            let bytes = value + [0x77]
            var offset = 0
            try Protobuf.skipValue(of: known, bytes.span, at: &offset)
            #expect(offset == value.count)
            for length in 0..<value.count {
                let cut = Array(value[0..<length])
                #expect(throws: WireError(.truncated, at: 0)) {
                    var offset = 0
                    try Protobuf.skipValue(of: known, cut.span, at: &offset)
                }
            }
        }
    }

    @Test(arguments: ["", "plain", "Größe", "品牌", "😀", "\u{0}", "\u{10FFFF}"])
    func acceptsText(text: String) throws {
        let bytes = [UInt8(text.utf8.count)] + text.bytes
        var offset = 0
        let range = try Protobuf.readText(bytes.span, at: &offset)
        #expect(range == ByteRange(start: 1, count: UInt32(text.utf8.count)))
    }

    @Test(
        arguments: [
            ([0x80], 0),  // continuation without a start
            ([0x61, 0xc3], 1),  // cut short
            ([0x61, 0xc0, 0xaf], 1),  // overlong
            ([0xe0, 0x80, 0xaf], 0),
            ([0xed, 0xa0, 0x80], 0),  // a surrogate
            ([0xf4, 0x90, 0x80, 0x80], 0),  // beyond U+10FFFF
            ([0x61, 0x62, 0xff], 2),
        ] as [([UInt8], Int)])
    func refusesTextThatIsNotUTF8(text: [UInt8], bad: Int) {
        let bytes = [0x00, UInt8(text.count)] + text
        #expect(throws: WireError(.invalidUTF8, at: 2 + bad)) {
            var offset = 1
            return try Protobuf.readText(bytes.span, at: &offset)
        }
    }

    @Test func leavesDefaultsOut() {
        #expect(
            written {
                $0.appendField(1, UInt64(0))
                $0.appendField(2, Int64(0))
                $0.appendField(3, OpenEnum<StatusCode>(.ok))
                $0.appendField(4, .empty, of: [UInt8]().span)
                $0.appendField(5, ifPresent: nil)
            }.isEmpty)
        #expect(written { $0.appendField(5, ifPresent: 0) } == [0x28, 0x00])
        #expect(written { $0.appendPresentField(2, "") } == [0x12, 0x00])
    }

    @Test func fieldNumbersAbove15TakeTwoBytes() {
        #expect(written { $0.appendField(16, UInt64(1)) } == [0x80, 0x01, 0x01])
    }

    /// Around each length at which the length itself takes a byte more.
    @Test(arguments: [0, 1, 126, 127, 128, 129, 16_382, 16_383, 16_384, 2_097_151, 2_097_152])
    func nestedLengths(length: Int) throws {
        let body = Array(repeating: UInt8(0x5a), count: length)
        let bytes = written(capacity: length + 32) {
            let outer = $0.beginMessage(1)
            let inner = $0.beginMessage(2)
            $0.append(body.span)
            $0.endMessage(inner)
            $0.endMessage(outer)
        }
        var offset = 0
        #expect(try Protobuf.readTag(bytes.span, at: &offset) == .lengthDelimited(1))
        let outer = try Protobuf.readBytes(bytes.span, at: &offset)
        #expect(offset == bytes.count)
        #expect(outer.indices.upperBound == bytes.count)
        offset = outer.indices.lowerBound
        #expect(try Protobuf.readTag(bytes.span, at: &offset) == .lengthDelimited(2))
        let inner = try Protobuf.readBytes(bytes.span, at: &offset)
        #expect(offset == bytes.count)
        #expect(Array(bytes[inner.indices]) == body)
        let prefix = written { $0.appendVarint(UInt64(outer.count)) }.count
        #expect(outer.indices.lowerBound == 1 + prefix)
    }

    /// A writer of any size either holds the whole or says that it doesn't, and never traps.
    @Test func overflowAtEveryByte() {
        let body = Array(repeating: UInt8(0x5a), count: 130)
        let size = 139
        for capacity in 1...size + 1 {
            var writer = ByteWriter(capacity: capacity)
            let outer = writer.beginMessage(1)
            let inner = writer.beginMessage(2)
            writer.append(body.span)
            writer.endMessage(inner)
            writer.appendField(3, UInt64(300))
            writer.endMessage(outer)
            #expect(writer.overflowed == (capacity < size))
        }
    }
}
