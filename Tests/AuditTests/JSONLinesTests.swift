// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Audit

/// What is written is JSON, whatever the bytes.
@Suite struct JSONLinesTests {
    @Test func anyByteComesBack() throws {
        for byte in 0...255 as ClosedRange<UInt8> {
            var lines = JSONLines()
            lines.beginLine(kind: "account")
            lines.field("sku", code: [0x61, byte, 0x62])
            lines.endLine()
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(lines.bytes)) as? [String: String])
            #expect(object == ["kind": "account", "sku": "a\(Character(UnicodeScalar(byte)))b"])
            #expect(lines.bytes.allSatisfy { $0 < 0x7f })
        }
    }

    @Test func listsAndObjectsNest() {
        var lines = JSONLines()
        for number in [Int64.min, 0, Int64.max] {
            lines.beginLine(kind: "hold")
            lines.beginList("lines")
            for index in 0..<2 {
                lines.beginObject()
                lines.field("n", number)
                lines.field("is_first", flag: index == 0)
                lines.endObject()
            }
            lines.endList()
            lines.nullField("order_id")
            lines.beginList("none")
            lines.endList()
            lines.endLine()
        }
        let text = String(decoding: lines.bytes, as: UTF8.self)
        let first = "{\"n\":-9223372036854775808,\"is_first\":true}"
        #expect(
            text.hasPrefix(
                "{\"kind\":\"hold\",\"lines\":[\(first),"
                    + "{\"n\":-9223372036854775808,\"is_first\":false}],"
                    + "\"order_id\":null,\"none\":[]}\n{\"kind\""))
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test func theLargestNumberIsWhole() {
        var lines = JSONLines()
        lines.beginLine(kind: "account")
        lines.field("version", UInt64.max)
        lines.endLine()
        #expect(
            String(decoding: lines.bytes, as: UTF8.self)
                == "{\"kind\":\"account\",\"version\":18446744073709551615}\n")
    }
}
