// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

/// SipHash-1-3 against two other makers of it.
@Suite struct KeyedHashTests {
    /// Key and message of the paper's appendix (bytes counting up from 0), for messages of 0 to 17
    /// bytes. Made by a straightforward program that also reproduces the paper's SipHash-2-4 vector.
    private static let counting: [UInt64] = [
        0xabac_0158_050f_c4dc, 0xc9f4_9bf3_7d57_ca93, 0x82cb_9b02_4dc7_d44d,
        0x8bf8_0ab8_e7dd_f7fb, 0xcf75_5760_88d3_8328, 0xdef9_d52f_4953_3b67,
        0xc50d_2b50_c59f_22a7, 0xd392_7d98_9bb1_1140, 0x3690_9511_8d29_9a8e,
        0x25a4_8eb3_6c06_3de4, 0x79de_85ee_92ff_097f, 0x70c1_18c1_f94d_c352,
        0x78a3_84b1_57b4_d9a2, 0x306f_760c_1229_ffa7, 0x605a_a111_c0f9_5d34,
        0xd320_d86d_2a51_9956, 0xcc4f_dd1a_7d90_8b66, 0x9cf2_6890_63db_d80c,
    ]

    /// What CPython 3.11 and later calls hash(bytes(range(n))) when PYTHONHASHSEED is 0.
    private static let zeroKey: [Int: UInt64] = [
        1: 0x68a9_1412_8e01_e473, 7: 0x2f09_8ab0_c751_325a, 8: 0xead4_11e6_7ebe_2eea,
        9: 0x7592_7f9d_9512_4362, 15: 0xf30e_b725_bb91_c9ea, 16: 0x8972_1884_33a5_c5b7,
        17: 0x4883_c49a_2c00_9c1d, 64: 0x75e0_5fd5_bbc8_70c6,
    ]

    private let paper = KeyedHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))

    @Test func agreesWithAPlainProgram() {
        for (count, expected) in KeyedHashTests.counting.enumerated() {
            let bytes = (0..<count).map { UInt8($0) }
            #expect(paper(bytes.span) == expected, "\(count) bytes")
        }
    }

    @Test func agreesWithCPython() {
        let hash = KeyedHash(key: (0, 0))
        for (count, expected) in KeyedHashTests.zeroKey {
            let bytes = (0..<count).map { UInt8($0) }
            #expect(hash(bytes.span) == expected, "\(count) bytes")
        }
    }

    @Test func wordsAreTheirLittleEndianBytes() {
        let words: [2 of UInt64] = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]
        #expect(paper(words) == KeyedHashTests.counting[16])
        let none: [0 of UInt64] = []
        #expect(paper(none) == KeyedHashTests.counting[0])
    }

    @Test func anotherKeyIsAnotherHash() {
        let bytes: [UInt8] = [1, 2, 3]
        let hashes = Set((0..<100).map { KeyedHash(key: ($0, 0))(bytes.span) })
        #expect(hashes.count == 100)
    }
}
