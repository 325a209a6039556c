// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import ReservationCore

/// A memo finds what the table finds, whatever was noted before.
@Suite struct CodeMemoTests {
    @Test func agreesWithTheTable() throws {
        let codes = CodeTable(capacity: 10_000, hash: KeyedHash(key: (1, 2)))
        let memo = CodeMemo()
        let kinds: [CodeKind] = [.sku, .warehouse, .dealer]
        // More codes than places, the same text under several kinds and brands, and long texts.
        var texts = (0..<1_500).map { Array("code-\($0)".utf8) }
        texts += (0..<20).map { [UInt8](repeating: 0x61, count: 30 + $0) }
        var number: UInt32 = 0
        for (index, text) in texts.enumerated() where index % 3 > 0 {
            for (place, kind) in kinds.enumerated() where index % 4 != place {
                let brand = UInt32(index % 2)
                codes.define(
                    kind, brand: brand, text.span,
                    hash: codes.hash(kind, brand: brand, text.span))
                number += 1
            }
        }
        #expect(codes.definedCount == Int(number))
        for _ in 0..<2 {
            for text in texts {
                for kind in kinds {
                    for brand in 0...1 as ClosedRange<UInt32> {
                        let found = codes.find(kind, brand: brand, text.span, memo: memo)
                        let hash = codes.hash(kind, brand: brand, text.span)
                        guard found == codes.find(kind, brand: brand, text.span, hash: hash)
                        else {
                            Issue.record(
                                "\(kind) \(brand) \(String(decoding: text, as: UTF8.self))")
                            return
                        }
                    }
                }
            }
        }
    }
}
