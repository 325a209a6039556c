// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@Suite struct VarintTests {
    /// Every value at which the coded length changes, its neighbours, and the ends.
    static let values: [UInt64] = {
        var values: [UInt64] = [0, 1, .max, .max - 1, UInt64(Int64.max), 1 << 63]
        for shift in stride(from: 7, through: 63, by: 7) {
            let power: UInt64 = 1 << shift
            values += [power - 1, power, power + 1]
        }
        return values
    }()

    @Test(arguments: values) func readsWhatItWrote(value: UInt64) throws {
        let bytes = written { $0.appendVarint(value) }
        #expect(bytes.count == max(1, (64 - value.leadingZeroBitCount + 6) / 7))
        var offset = 0
        #expect(try Protobuf.readVarint(bytes.span, at: &offset) == value)
        #expect(offset == bytes.count)
    }

    @Test(arguments: values) func refusesEveryTruncation(value: UInt64) {
        let bytes = written { $0.appendVarint(value) }
        for length in 0..<bytes.count {
            let cut = Array(bytes[0..<length])
            #expect(throws: WireError(.truncated, at: 0)) {
                var offset = 0
                return try Protobuf.readVarint(cut.span, at: &offset)
            }
        }
    }

    @Test func acceptsPaddingUpToTenBytes() throws {
        for padding in 0...8 {
            let bytes = [0x85] + Array(repeating: 0x80, count: padding) + [0x00] as [UInt8]
            var offset = 0
            #expect(try Protobuf.readVarint(bytes.span, at: &offset) == 5)
            #expect(offset == bytes.count)
        }
    }

    @Test(
        arguments: [
            Array(repeating: 0x80, count: 10) + [0x00],  // eleven bytes
            Array(repeating: 0x80, count: 10),  // ten, and each says that one follows
            Array(repeating: 0xff, count: 9) + [0x02],  // a 65th bit
            Array(repeating: 0xff, count: 9) + [0x7f],
        ] as [[UInt8]])
    func refusesMoreThan64Bits(bytes: [UInt8]) {
        let shifted = [0x00, 0x00] + bytes
        #expect(throws: WireError(.varintTooLong, at: 2)) {
            var offset = 2
            return try Protobuf.readVarint(shifted.span, at: &offset)
        }
    }

    @Test func narrowTypesTakeTheLowBits() throws {
        let bytes = written { $0.appendVarint(0xffff_ffff_0000_0007) }
        var offset = 0
        #expect(try Protobuf.readUInt32(bytes.span, at: &offset) == 7)
        offset = 0
        let open: OpenEnum<StatusCode> = try Protobuf.readEnum(bytes.span, at: &offset)
        #expect(open.known == .permissionDenied)
        offset = 0
        #expect(try Protobuf.readInt64(bytes.span, at: &offset) == -0xffff_fff9)
    }

    @Test func enumsKeepWhatTheyDoNotKnow() {
        #expect(OpenEnum<StatusCode>(rawValue: 17).known == nil)
        #expect(OpenEnum<StatusCode>(rawValue: -1).known == nil)
        #expect(OpenEnum<StatusCode>(rawValue: 256).known == nil)
        #expect(OpenEnum(StatusCode.dataLoss).rawValue == 15)
        let bytes = written { $0.appendField(1, OpenEnum<StatusCode>(rawValue: -1)) }
        #expect(bytes == [0x08] + Array(repeating: 0xff, count: 9) + [0x01])
    }
}
