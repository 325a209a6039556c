// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@Suite struct HeaderTests {
    @Test func prefixes() throws {
        let bytes = written { MessagePrefix(length: 0x0102_0304).encode(into: &$0) }
        #expect(bytes == [0, 1, 2, 3, 4])
        let behind = [9] + bytes + [7]
        let own = try #require(prefix(behind, at: 1))
        #expect(own.compressionFlag == 0)
        #expect(own.length == 0x0102_0304)
        for offset in [-1, 3, 7, 8] { #expect(prefix(behind, at: offset) == nil) }
        let foreign = try #require(prefix([0xff, 0xff, 0xff, 0xff, 0xff], at: 0))
        #expect(foreign.compressionFlag == 0xff)
        #expect(foreign.length == .max)
    }

    @Test(arguments: [
        ("", ""), ("sold out", "sold out"), ("100%", "100%25"), ("a\tb\r\n", "a%09b%0D%0A"),
        ("~\u{7f}", "~%7F"), ("é", "%C3%A9"), ("☺😈", "%E2%98%BA%F0%9F%98%88"),
    ])
    func percentEncoding(text: String, value: String) {
        #expect(written { $0.appendPercentEncoded(text.bytes.span) } == value.bytes)
        #expect(written { $0.appendPercentDecoded(value.bytes.span) } == text.bytes)
    }

    @Test func percentEncodingOfEveryByte() {
        for byte in UInt8.min...UInt8.max {
            let value = written { $0.appendPercentEncoded([byte].span) }
            let plain = (0x20...0x24).contains(byte) || (0x26...0x7e).contains(byte)
            #expect(value.count == (plain ? 1 : 3))
            #expect(value.allSatisfy { (0x20...0x7e).contains($0) })
            #expect(written { $0.appendPercentDecoded(value.span) } == [byte])
        }
    }

    @Test(arguments: [("%c3%a9", "é"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%%41", "%A")])
    func percentDecodingForgives(value: String, text: String) {
        #expect(written { $0.appendPercentDecoded(value.bytes.span) } == text.bytes)
    }

    /// RFC 4648, section 10, and the two digits that aren't letters or numbers.
    @Test(arguments: [
        ("", "", ""), ("f", "Zg", "Zg=="), ("fo", "Zm8", "Zm8="), ("foo", "Zm9v", "Zm9v"),
        ("foob", "Zm9vYg", "Zm9vYg=="), ("fooba", "Zm9vYmE", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy", "Zm9vYmFy"), ("\u{0}~?~?", "AH4/fj8", "AH4/fj8="),
        ("i>>", "aT4+", "aT4+"),
    ])
    func base64(text: String, unpadded: String, padded: String) {
        #expect(written { $0.appendBase64(text.bytes.span) } == unpadded.bytes)
        for value in [unpadded, padded] {
            #expect(base64Decoded(value) == text.bytes)
        }
    }

    @Test func base64OfEveryByteAtEveryPlace() {
        for byte in UInt8.min...UInt8.max {
            for text in [[byte], [byte, 0, 0xff], [0, byte], [0xff, 0xff, byte]] {
                let value = written { $0.appendBase64(text.span) }
                #expect(base64Decoded(String(decoding: value, as: UTF8.self)) == text)
            }
        }
    }

    @Test(arguments: [
        "Z", "Zg=", "Zg===", "=", "====", "Z===", "Zm8==", "Zm9v=", "Zm9v====", "Zg==Zg==", "Z=g=",
        "Zm 9v", "Zm-_", "Zm9v\n", "Zh", "Zm9",
    ])
    func refusesWhatIsNotBase64(value: String) {
        #expect(base64Decoded(value) == nil)
    }

    @Test(
        arguments: [
            ("0n", 0), ("1n", 1), ("99999999n", 99_999_999), ("250u", 250_000),
            ("100m", 100_000_000),
            ("00000001S", 1_000_000_000), ("2M", 120_000_000_000), ("1H", 3_600_000_000_000),
            ("2562047H", 9_223_369_200_000_000_000), ("2562048H", UInt64(Int64.max)),
            ("99999999H", UInt64(Int64.max)), ("99999999M", 5_999_999_940_000_000_000),
        ] as [(String, UInt64)])
    func timeouts(value: String, nanoseconds: UInt64) {
        #expect(timeout(value)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "S", "1", "1x", "-1S", "+1S", " 1S", "1S ", "1 S", "123456789S", "1.5S", "1s", "0x1S",
        "1SS", "١S",
    ])
    func refusesMalformedTimeouts(value: String) {
        #expect(timeout(value) == nil)
    }

    @Test(
        arguments: [
            (0, "0n"), (99_999_999, "99999999n"), (100_000_000, "100000u"),
            (100_000_001, "100001u"),
            (99_999_999_001, "100000m"), (100_000_000_000_000, "100000S"),
            (100_000_000_000_000_000, "1666667M"), (UInt64.max, "2562048H"),
        ] as [(UInt64, String)])
    func writesTimeouts(nanoseconds: UInt64, value: String) throws {
        let wanted = CallTimeout(nanoseconds: nanoseconds)
        #expect(written { wanted.encode(into: &$0) } == value.bytes)
        let read = try #require(timeout(value))
        #expect(read.nanoseconds >= wanted.nanoseconds)
    }

    @Test func statusCodesAreThoseOfGRPC() {
        #expect(StatusCode.allCases.map(\.rawValue) == Array(0...16))
    }
}
