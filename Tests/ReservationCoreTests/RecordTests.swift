// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Effects

/// Records: what is written is what is read, within the promised sizes, and nothing else is.
@Suite struct RecordTests {
    private static let id = ClientID(high: 0x0102_0304_0506_0708, low: 0x1112_1314_1516_1718)
    private static let other = ClientID(high: 3, low: 4)
    private static let figures = StockFigures(
        onHand: 1_000_000_000_000, held: 5, allocated: 6, safety: 7, version: 8)

    /// One of each type, with its bytes.
    private static func samples() -> [(record: Record, bytes: [UInt8])] {
        let legs = [
            RecordLeg(line: 1, account: 4, amount: 1_000_000_000, isShort: false),
            RecordLeg(line: 4_000_000_000, account: 5, amount: 0, isShort: true),
        ]
        let held = [Record.Figure(account: 4, held: 9, committed: nil, version: 10)]
        let both = [Record.Figure(account: 4, held: 9, committed: 11, version: 10)]
        return [
            (
                .define(brand: 1, number: 2, kind: 3, text: Array("pen".utf8)),
                bytes {
                    RecordWriting.define(
                        brand: 1, number: 2, kind: 3, text: Array("pen".utf8).span, into: &$0)
                }
            ),
            (
                .setStock(
                    brand: 1, request: id, fingerprint: 2, account: 3, sku: 4, warehouse: 5,
                    sourceVersion: 6, figures: figures),
                bytes {
                    RecordWriting.setStock(
                        brand: 1, request: id, fingerprint: 2, account: 3, sku: 4, warehouse: 5,
                        sourceVersion: 6, figures: figures, into: &$0)
                }
            ),
            (
                .adjustStock(
                    brand: 1, request: id, fingerprint: 2, account: 3, delta: -4,
                    figures: figures),
                bytes {
                    RecordWriting.adjustStock(
                        brand: 1, request: id, fingerprint: 2, account: 3, delta: -4,
                        figures: figures, into: &$0)
                }
            ),
            (
                .reserve(
                    brand: 1, reservation: id, fingerprint: .max, dealer: 2, timeToLive: 86_400_000,
                    fillMode: 2, legs: legs, figures: held),
                bytes {
                    RecordWriting.beginReserve(
                        brand: 1, reservation: id, fingerprint: .max, dealer: 2,
                        timeToLive: 86_400_000, fillMode: 2, legCount: 2, accountCount: 1,
                        into: &$0)
                    for leg in legs { $0.append(leg) }
                    RecordWriting.addHeld(account: 4, held: 9, version: 10, into: &$0)
                    RecordHeader.end(&$0)
                }
            ),
            (
                .confirm(brand: 1, reservation: id, order: other, legs: legs, figures: both),
                bytes {
                    RecordWriting.beginConfirm(
                        brand: 1, reservation: id, order: other, legCount: 2, accountCount: 1,
                        into: &$0)
                    for leg in legs { $0.append(leg) }
                    RecordWriting.addHeldAndCommitted(
                        account: 4, held: 9, committed: 11, version: 10, into: &$0)
                    RecordHeader.end(&$0)
                }
            ),
            (
                .release(brand: 1, reservation: id, legs: legs, figures: held),
                end(.release, legs)
            ),
            (.expire(brand: 1, reservation: id, legs: legs, figures: held), end(.expire, legs)),
        ] + orderSamples(legs, both) + policySamples()
    }

    private static func orderSamples(
        _ legs: [RecordLeg], _ both: [Record.Figure]
    ) -> [(record: Record, bytes: [UInt8])] {
        let holds = [
            RecordHold(reservation: other, legCount: 1), RecordHold(reservation: id, legCount: 1),
        ]
        func finish(_ writer: inout ByteWriter) {
            for leg in legs { writer.append(leg) }
            RecordWriting.addHeldAndCommitted(
                account: 4, held: 9, committed: 11, version: 10, into: &writer)
            RecordHeader.end(&writer)
        }
        return [
            (
                .order(
                    brand: 1, order: id, fingerprint: .max, dealer: 2, fillMode: 2, legs: legs,
                    figures: both),
                bytes {
                    RecordWriting.beginOrder(
                        brand: 1, order: id, fingerprint: .max, dealer: 2, fillMode: 2,
                        legCount: 2, accountCount: 1, into: &$0)
                    finish(&$0)
                }
            ),
            (
                .orderFromHolds(
                    brand: 1, order: id, fingerprint: .max, dealer: 2, holds: holds, legs: legs,
                    figures: both),
                bytes {
                    RecordWriting.beginOrderFromHolds(
                        brand: 1, order: id, fingerprint: .max, dealer: 2, holdCount: 2,
                        legCount: 2, accountCount: 1, into: &$0)
                    for hold in holds { $0.append(hold) }
                    finish(&$0)
                }
            ),
            (
                .cancel(
                    brand: 1, order: id, request: other, fingerprint: 7, cause: 255, legs: legs,
                    figures: both),
                bytes {
                    RecordWriting.beginCancel(
                        brand: 1, order: id, request: other, fingerprint: 7, cause: 255,
                        legCount: 2, accountCount: 1, into: &$0)
                    finish(&$0)
                }
            ),
        ]
    }

    private static func policySamples() -> [(record: Record, bytes: [UInt8])] {
        let policy = StockPolicy(
            safety: figures.safety, backorderLimit: 3, lowWater: 4, highWater: 5,
            holdTimeToLiveMilliseconds: 86_400_000)
        return [
            (
                .extend(
                    brand: 1, reservation: id, request: other, fingerprint: 7, deadline: 1 << 47),
                bytes {
                    RecordWriting.extend(
                        brand: 1, reservation: id, request: other, fingerprint: 7,
                        deadline: Tick(milliseconds: 1 << 47), into: &$0)
                }
            ),
            (
                .setPolicy(
                    brand: 1, request: id, fingerprint: 2, account: 3, policy: policy,
                    figures: figures),
                bytes {
                    RecordWriting.setPolicy(
                        brand: 1, request: id, fingerprint: 2, account: 3, policy: policy,
                        figures: figures, into: &$0)
                }
            ),
            (
                .transfer(
                    brand: 1, request: id, fingerprint: 2, quantity: 1_000_000_000, from: 3, to: 4,
                    fromFigures: figures, toFigures: figures),
                bytes {
                    RecordWriting.transfer(
                        brand: 1, request: id, fingerprint: 2, quantity: 1_000_000_000, from: 3,
                        to: 4, fromFigures: figures, toFigures: figures, into: &$0)
                }
            ),
        ]
    }

    private static func end(_ type: RecordType, _ legs: [RecordLeg]) -> [UInt8] {
        bytes {
            RecordWriting.beginEnd(
                type, brand: 1, reservation: id, legCount: 2, accountCount: 1, into: &$0)
            for leg in legs { $0.append(leg) }
            RecordWriting.addHeld(account: 4, held: 9, version: 10, into: &$0)
            RecordHeader.end(&$0)
        }
    }

    private static func bytes(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter(capacity: RecordHeader.recordByteCountMax)
        write(&writer)
        return writer.withBytes { span in
            var bytes: [UInt8] = []
            for index in 0..<span.count { bytes.append(span[index]) }
            return bytes
        }
    }

    @Test func everyTypeComesBackAsItWas() throws {
        let samples = RecordTests.samples()
        #expect(samples.count == RecordType.allCases.count)
        for (record, bytes) in samples {
            #expect(try Record(bytes.span) == record)
            #expect(bytes.count % 8 == 0)
            #expect(Int(bytes[0]) | Int(bytes[1]) << 8 == bytes.count)
        }
    }

    @Test func nothingIsReadFromHalfARecord() {
        for (_, bytes) in RecordTests.samples() {
            for length in 0..<bytes.count {
                #expect(throws: RecordError.self) {
                    var cut = Array(bytes[..<length])
                    if length >= 2 {
                        cut[0] = UInt8(truncatingIfNeeded: length)
                        cut[1] = UInt8(truncatingIfNeeded: length >> 8)
                    }
                    // A multiple of eight may only lack padding, which then isn't noticed.
                    if length % 8 == 0, length + 8 > bytes.count - 8 { cut.removeAll() }
                    _ = try Record(cut.span)
                }
            }
        }
    }

    @Test func whatIsUnknownIsRefused() throws {
        var bytes = try #require(RecordTests.samples().first).bytes
        bytes[2] = 99
        #expect(throws: RecordError(code: .type(99), byteOffset: 2)) { try Record(bytes.span) }
        bytes[2] = 1
        bytes[3] = 2
        #expect(throws: RecordError(code: .version(2), byteOffset: 3)) { try Record(bytes.span) }
    }

    @Test func aReserveOfOneLineTakesAtMost96Bytes() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 5)])
        #expect(desk.ledger.types.last == .reserve)
        #expect(desk.ledger.records.last.map(\.count) ?? .max <= 96)
    }

    @Test func theLargestDecisionFits() {
        for isConfirm in [false, true] {
            let size = RecordTests.bytes {
                if isConfirm {
                    RecordWriting.beginConfirm(
                        brand: 0, reservation: id, order: other, legCount: 500, accountCount: 500,
                        into: &$0)
                } else {
                    RecordWriting.beginReserve(
                        brand: 0, reservation: id, fingerprint: 0, dealer: 0, timeToLive: 1,
                        fillMode: 1, legCount: 500, accountCount: 500, into: &$0)
                }
                for number in 0..<500 as Range<UInt32> {
                    $0.append(RecordLeg(line: number, account: number, amount: 1, isShort: false))
                }
                for number in 0..<500 as Range<UInt32> {
                    if isConfirm {
                        RecordWriting.addHeldAndCommitted(
                            account: number, held: 1, committed: 1, version: 1, into: &$0)
                    } else {
                        RecordWriting.addHeld(account: number, held: 1, version: 1, into: &$0)
                    }
                }
                RecordHeader.end(&$0)
            }.count
            #expect(size <= RecordHeader.recordByteCountMax)
        }
    }

    /// What is set aside at a grant is enough for its longest end, and the order's.
    @Test func everyEndFitsIntoItsSpace() {
        for legs in [1, 2, 3, 17, 500] {
            let size = RecordTests.bytes {
                RecordWriting.beginConfirm(
                    brand: 0, reservation: id, order: other, legCount: legs, accountCount: legs,
                    into: &$0)
                for number in 0..<UInt32(legs) {
                    $0.append(RecordLeg(line: number, account: number, amount: 1, isShort: false))
                }
                for number in 0..<UInt32(legs) {
                    RecordWriting.addHeldAndCommitted(
                        account: number, held: 1, committed: 1, version: 1, into: &$0)
                }
                RecordHeader.end(&$0)
            }.count
            // Besides: a share of the header, the base and the padding of its block.
            #expect(EffectSpace.order(legs: legs) >= size + 80)
            #expect(EffectSpace.hold(legs: legs) == 2 * EffectSpace.order(legs: legs))
        }
    }

    private var id: ClientID { RecordTests.id }
    private var other: ClientID { RecordTests.other }
}
