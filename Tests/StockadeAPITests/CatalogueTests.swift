// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Testing
import Wire

@Suite struct CatalogueTests {
    @Test func reasonsAreNumberedWithoutGaps() {
        #expect(Reason.allCases.map { Int($0.rawValue) } == Array(0..<Reason.allCases.count))
        #expect(Set(Reason.allCases.map { "\($0.name)" }).count == Reason.allCases.count)
    }

    @Test func everyReasonHasAnErrorStatus() {
        for reason in Reason.allCases {
            #expect((reason.status == .ok) == (reason == .unspecified))
        }
    }

    @Test func whatMayBeSentAgainUnchanged() {
        let retryable = Set(Reason.allCases.filter(\.isRetryable))
        #expect(
            retryable == [
                .rateLimited, .tooManyHolds, .idTableFull, .tableFull, .journalFull, .overloaded,
                .draining, .journalStalled, .notOwner, .warming, .deadlineExceeded,
                .journalFailed, .postgresUnavailable,
            ])
    }

    @Test func pathsAreInTheOrderOfTheMethods() {
        #expect(Method.paths.count == Method.allCases.count)
        for method in Method.allCases {
            #expect("\(Method.paths[Int(method.rawValue)])" == "\(method.path)")
        }
        #expect(Set(Method.paths.map { "\($0)" }).count == Method.paths.count)
    }

    /// They are in fingerprints that journals keep.
    @Test func aMethodKeepsItsNumber() {
        let numbers: [Method: UInt16] = [
            .healthCheck: 0,
            .getStock: 1,
            .setStock: 2,
            .adjustStock: 3,
            .reserve: 4,
            .confirm: 5,
            .release: 6,
            .getReservation: 7,
            .batchGetStock: 8,
            .setStockPolicy: 9,
            .transferStock: 10,
            .listMovements: 11,
            .batchReserve: 12,
            .extend: 13,
            .listReservations: 14,
            .createOrder: 15,
            .getOrder: 16,
            .listOrders: 17,
            .cancelOrder: 18,
            .getOrderTimeline: 19,
        ]
        #expect(numbers.count == Method.allCases.count, "a new call gets the next number")
        for method in Method.allCases { #expect(method.rawValue == numbers[method]) }
    }

    /// All metadata at its longest fits the 8 KiB that clients take, also in base64.
    @Test func detailsStaySmall() {
        let code = Array(repeating: UInt8(ascii: "x"), count: 64)
        let text = Array(repeating: UInt8(ascii: "x"), count: 1_024)
        let bytes = written { writer in
            let details = ErrorDetails(.insufficientStock, text: text.span, into: &writer)
            for key in MetadataKey.allCases {
                details.add(key, .min, into: &writer)
                details.add(key, code.span, into: &writer)
            }
            details.finish(into: &writer)
        }
        #expect(written { $0.appendBase64(bytes.span) }.count < 6_144)
    }

    @Test func detailsTakeTheirTextFromAWriter() {
        var text = ByteWriter(capacity: 16)
        text.append("sold out")
        var writer = ByteWriter(capacity: 256)
        let details = ErrorDetails(.insufficientStock, text: text, into: &writer)
        details.finish(into: &writer)
        let fromWriter = writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        let fromSpan = written { writer in
            let details = ErrorDetails(
                .insufficientStock, text: "sold out".bytes.span, into: &writer)
            details.finish(into: &writer)
        }
        #expect(fromWriter == fromSpan)
    }

    @Test func detailsThatDoNotFitSaySo() {
        let size = written { refusal(into: &$0) }.count
        for capacity in 1...size {
            var writer = ByteWriter(capacity: capacity)
            refusal(into: &writer)
            #expect(writer.overflowed == (capacity < size))
        }
    }

    private func refusal(into writer: inout ByteWriter) {
        let details = ErrorDetails(.insufficientStock, text: "sold out".bytes.span, into: &writer)
        details.add(.requested, -5, into: &writer)
        details.add(.sku, "WIDGET".bytes.span, into: &writer)
        details.finish(into: &writer)
    }
}
