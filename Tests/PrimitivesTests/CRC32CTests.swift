// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct CRC32CTests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 { CRC32C.of(bytes.span) }

    /// RFC 3720, appendix B.4, and the check value of "123456789".
    @Test func knownValues() {
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(checksum((0..<32).map { UInt8($0) }) == 0x46dd_794e)
        #expect(checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(checksum([UInt8]()) == 0)
    }

    /// The processor's instruction and the plain loop agree at every length and offset.
    @Test func fastAndPlainAgree() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        for start in 0..<9 {
            for end in start..<bytes.count {
                let span = bytes.span.extracting(start..<end)
                #expect(CRC32C.of(span) == CRC32C.reference(of: span))
            }
        }
    }
}
