// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// Records written by hand, one after another. Code 0 is a brand; the codes after it are its own.
struct ReplayRecords {
    private(set) var entries: [Ledger.Entry] = []
    /// Milliseconds on the clock.
    var tick: UInt64 = 1_000

    init(_ codes: KeyValuePairs<String, CodeKind>) {
        for (number, code) in codes.enumerated() {
            define(UInt32(number), code.value, Array(code.key.utf8))
        }
    }

    mutating func define(
        _ number: UInt32, _ kind: CodeKind, _ text: [UInt8], brand: UInt32 = 0
    ) {
        append {
            RecordWriting.define(
                brand: brand, number: number, kind: kind.rawValue, text: text.span, into: &$0)
        }
    }

    mutating func set(
        _ account: UInt32, sku: UInt32, warehouse: UInt32 = 3, onHand: Int64, version: UInt64,
        sourceVersion: UInt64 = 0, held: Int64 = 0
    ) {
        let request = ClientID(high: 5, low: UInt64(entries.count))
        append {
            RecordWriting.setStock(
                brand: 0, request: request, fingerprint: 1, account: account, sku: sku,
                warehouse: warehouse, sourceVersion: sourceVersion,
                figures: StockFigures(
                    onHand: onHand, held: held, allocated: 0, safety: 0, version: version),
                into: &$0)
        }
    }

    private mutating func append(_ write: (inout ByteWriter) -> Void) {
        var writer = ByteWriter(capacity: RecordHeader.recordByteCountMax)
        write(&writer)
        let bytes = writer.withBytes { span in
            var bytes: [UInt8] = []
            for index in 0..<span.count { bytes.append(span[index]) }
            return bytes
        }
        let time = DecisionTime(
            tick: Tick(milliseconds: tick),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(tick)))
        entries.append(
            Ledger.Entry(bytes: bytes, time: time, sequence: UInt64(entries.count + 1)))
    }
}
