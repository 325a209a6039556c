// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

/// Questions about all bytes of a span, asked eight at a time.
@Suite struct SpanBytesTests {
    @Test(arguments: 0...25)
    func everyByteInEveryPlaceCounts(count: Int) {
        for place in 0..<count {
            for byte in UInt8.min...UInt8.max {
                // Neighbours that a carry or a borrow would reach.
                for filler in [0x20, 0x7e] as [UInt8] {
                    var bytes = [UInt8](repeating: filler, count: count)
                    bytes[place] = byte
                    let isPrintable = byte >= 0x20 && byte <= 0x7e
                    guard bytes.span.isPrintableASCII == isPrintable else {
                        Issue.record("\(byte) at \(place) of \(count)")
                        continue
                    }
                    guard bytes.span.isASCII == (byte < 0x80) else {
                        Issue.record("\(byte) at \(place) of \(count)")
                        continue
                    }
                }
            }
        }
        let blanks = [UInt8](repeating: 0x20, count: count)
        #expect(blanks.span.isPrintableASCII && blanks.span.isASCII)
    }

    @Test func aMixIsWithinItsBits() {
        var seen: Set<Int> = []
        for number in 0..<1_000 {
            let mixed = Array("dealer-\(number)".utf8).span.mixed(bits: 10)
            #expect(mixed >= 0 && mixed < 1_024)
            seen.insert(mixed)
        }
        // Thrown at random, about 640 of 1,024 places would be taken.
        #expect(seen.count > 500)
    }
}
