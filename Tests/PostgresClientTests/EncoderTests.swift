// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import PostgresClient

/// The binary forms, byte by byte. That Postgres reads them the same way is tested with a real one
/// in Tests/Conformance.
@Suite struct EncoderTests {
    @Test func integers() {
        #expect(PostgresValue.int2(-2).bytes == [0xff, 0xfe])
        #expect(PostgresValue.int4(0x0102_0304).bytes == [1, 2, 3, 4])
        #expect(PostgresValue.int8(-1).bytes == [UInt8](repeating: 0xff, count: 8))
        #expect(PostgresValue.int8(.min).bytes == [0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(PostgresValue.int8(1).type == 20)
    }

    @Test func truthTextAndBytes() {
        #expect(PostgresValue.bool(true).bytes == [1])
        #expect(PostgresValue.bool(false).bytes == [0])
        #expect(PostgresValue.text("té").bytes == [0x74, 0xc3, 0xa9])
        #expect(PostgresValue.text("").bytes == [])
        #expect(PostgresValue.bytea([0, 255].span).bytes == [0, 255])
        #expect(PostgresValue.null(.uuid).bytes == nil)
        #expect(PostgresValue.null(.uuid).type == 2950)
    }

    @Test func ids() {
        let id = ClientID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
        #expect(PostgresValue.uuid(id).bytes == Array(1...16))
    }

    @Test(arguments: [
        (0, -946_684_800_000_000), (946_684_800_000, 0), (946_684_800_001, 1_000),
        ((1 << 48) - 1, 280_528_291_910_655_000),
    ])
    func moments(unixMilliseconds: Int64, microseconds: Int64) {
        let time = WallTime(milliseconds: unixMilliseconds)
        #expect(PostgresTime.microseconds(time) == microseconds)
        #expect(PostgresTime.wallTime(microseconds: microseconds) == time)
        #expect(PostgresValue.timestamptz(time).bytes == PostgresValue.int8(microseconds).bytes)
    }

    @Test func infinityIsLate() {
        #expect(PostgresTime.wallTime(microseconds: .max).milliseconds == (1 << 48) - 1)
        #expect(PostgresTime.wallTime(microseconds: .min).milliseconds == 0)
    }

    @Test(
        arguments: [
            (0, 0, []), (1, 0, [1]), (9_999, 0, [9_999]), (10_000, 1, [1]), (10_001, 1, [1, 1]),
            (120_000_000, 2, [1, 2_000]), (100_000_000, 2, [1]),
            (.max, 4, [1_844, 6_744, 737, 955, 1_615]),
        ] as [(UInt64, Int16, [Int16])])
    func numbers(value: UInt64, weight: Int16, digits: [Int16]) {
        let words = [Int16(digits.count), weight, 0, 0] + digits
        let bytes = words.flatMap {
            [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
        }
        #expect(PostgresValue.numeric(value).bytes == bytes)
    }

    @Test func anArray() {
        var writer = ArrayWriter(of: .int2)
        #expect(bytes(writer) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21])
        writer.append(int2: 7)
        writer.append(int2: -1)
        let body: [UInt8] = [0, 0, 0, 2, 0, 7, 0, 0, 0, 2, 0xff, 0xff]
        let head: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1]
        #expect(bytes(writer) == head + body)
        #expect(PostgresValue.array(writer).type == 1005)
        #expect(PostgresValue.array(writer).bytes == head + body)
        writer.removeAll()
        #expect(writer.count == 0)
        writer.appendNull()
        #expect(
            bytes(writer) == [
                0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 21, 0, 0, 0, 1, 0, 0, 0, 1, 255, 255, 255, 255,
            ])
    }

    @Test func copiedRows() {
        var writer = CopyWriter()
        writer.beginRow(fields: 2)
        writer.append(int2: 5)
        writer.appendNull()
        writer.beginRow(fields: 1)
        writer.append(text: "ab")
        writer.finish()
        #expect(writer.rowCount == 2)
        let begin: [UInt8] =
            Array("PGCOPY\n".utf8) + [0xff, 13, 10, 0] + Array(repeating: 0, count: 8)
        let rows: [UInt8] =
            [0, 2, 0, 0, 0, 2, 0, 5, 255, 255, 255, 255] + [0, 1, 0, 0, 0, 2, 0x61, 0x62]
        #expect(writer.withBytes { bytes($0) } == begin + rows + [255, 255])
        writer.removeAll()
        writer.finish()
        #expect(writer.withBytes { bytes($0) } == begin + [255, 255])
    }

    @Test func aWriterGrowsUpToItsBound() {
        var writer = CopyWriter(byteCountMax: 10_000)
        var rows = 0
        while !writer.overflowed {
            writer.beginRow(fields: 1)
            writer.append(int8: 1)
            rows += 1
        }
        #expect(writer.byteCount <= 10_000)
        #expect(rows == (10_000 - 19) / 14 + 1)
        writer.removeAll()
        let overflowed = writer.overflowed
        #expect(!overflowed)
        #expect(writer.rowCount == 0)
    }

    private func bytes(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

    private func bytes(_ writer: borrowing ArrayWriter) -> [UInt8] {
        writer.withBytes { bytes($0) }
    }
}
