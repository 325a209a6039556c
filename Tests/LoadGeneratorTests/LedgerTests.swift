// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Transport
import Wire

@testable import LoadGenerator

/// The ledger's lines: what is documented is what is written.
@Suite struct LedgerTests {
    private func head() throws -> LedgerHead {
        LedgerHead(
            BenchOptions(
                target: try SocketAddress("127.0.0.1:7"), call: .reserve, connections: 1,
                streams: 1, threads: 1, extent: .requests(1), skus: 1, stock: 1,
                checksAnswers: true, identity: RunIdentity(runID: 0xab, seed: 1)))
    }

    private func line(_ row: LedgerRow, _ head: LedgerHead) -> String {
        var text = ByteWriter(capacity: LedgerFormat.rowBytesMax)
        LedgerFormat(head).append(row, to: &text)
        let isWhole = !text.overflowed
        #expect(isWhole)
        return text.withBytes { bytes in
            String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
    }

    @Test func aGrant() throws {
        let head = try head()
        let start = head.startMonotonicNanoseconds
        let row = LedgerRow(
            id: ClientID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210), sku: 42,
            attempts: 2, outcome: .granted, status: .ok, isReplay: true, granted: 1,
            firstSent: start + 1_500, answered: start + 2_000_000)
        #expect(
            line(row, head)
                == #"{"kind":"reserve","reservation_id":"0123456789abcdeffedcba9876543210","#
                + #""brand":"run-ab","sku":"sku-0000042","warehouse":"main","quantity":1,"#
                + #""outcome":"granted","status":"OK","granted":1,"attempts":2,"#
                + #""replayed":true,"sent_us":1,"answered_us":2000}"# + "\n")
    }

    @Test func anUnknownOutcomeAtItsLongest() throws {
        let row = LedgerRow(
            id: ClientID(high: .max, low: .max), sku: UInt32(SkuCodes.countMax - 1),
            attempts: .max, outcome: .unknown, status: .failedPrecondition, isReplay: false,
            granted: .min, firstSent: .max, answered: 0)
        let text = line(row, try head())
        #expect(text.contains(#""sku":"sku-9999999""#))
        #expect(text.hasSuffix(#""answered_us":null}"# + "\n"))
    }

    @Test func onlyAPromiseIsARefusal() {
        let refused = StatusCode.allCases.filter { LedgerRow.Outcome($0) == .refused }
        #expect(LedgerRow.Outcome(.ok) == .granted)
        #expect(refused.contains(.failedPrecondition))
        for status: StatusCode in [
            .unknown, .unavailable, .deadlineExceeded, .internal, .cancelled,
        ] {
            #expect(LedgerRow.Outcome(status) == .unknown)
        }
    }

    @Test func openRequestsKeepTheirSlots() {
        var open = OpenRequests(capacity: 3)
        func request(_ number: UInt64) -> OpenRequest {
            OpenRequest(number: number, due: 0, firstSent: 0, sku: 0, attempts: 1)
        }
        let slots = (0..<3).map { open.begin(request(UInt64($0))) }
        let hasRoom = open.hasRoom
        #expect(!hasRoom)
        #expect(Set(slots).count == 3)
        #expect(open.end(slots[1]).number == 1)
        #expect(open.count == 2)
        #expect(open.begin(request(9)) == slots[1])
        #expect(open.end(slots[1]).number == 9)
        #expect(open.end(slots[0]).number == 0)
    }
}
