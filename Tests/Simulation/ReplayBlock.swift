// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// Records as a block has them: one after another, their times relative to the block's.
enum ReplayBlock {
    /// Replays records in blocks of random lengths.
    static func replay(
        _ records: [RecordingSink.Entry], into core: ReservationCore<RecordingSink>,
        _ chance: inout SeededGenerator
    ) throws(ReplayFault) {
        var start = 0
        while start < records.count {
            var end = min(start + chance.within(1...300), records.count)
            // A block's sequences follow one another.
            while records[end - 1].sequence - records[start].sequence != UInt64(end - 1 - start) {
                end -= 1
            }
            let base = DecisionTime(
                tick: records[start].time.tick,
                wall: WallTime(milliseconds: records[start].time.wall.milliseconds - 5))
            let offset = chance.pick([0, 16, 64])
            let body = bytes(of: records[start..<end], offset: offset, base: base)
            guard let body else {
                // Too far apart in time for one block.
                for entry in records[start..<end] {
                    try core.replay(entry.bytes.span, sequence: entry.sequence, at: entry.time)
                }
                start = end
                continue
            }
            try core.replay(
                body.span, from: offset, firstSequence: records[start].sequence,
                count: end - start, base: base)
            start = end
        }
    }

    private static func bytes(
        of records: ArraySlice<RecordingSink.Entry>, offset: Int, base: DecisionTime
    ) -> [UInt8]? {
        var body = [UInt8](repeating: 0xee, count: offset)
        for entry in records {
            let ticks =
                Int64(entry.time.tick.milliseconds) - Int64(base.tick.milliseconds)
            let wall = entry.time.wall.milliseconds - base.wall.milliseconds
            guard let tick32 = Int32(exactly: ticks), let wall32 = Int32(exactly: wall)
            else { return nil }
            var record = entry.bytes
            for byte in 0..<4 {
                record[4 + byte] = UInt8(truncatingIfNeeded: tick32 >> Int32(8 * byte))
                record[8 + byte] = UInt8(truncatingIfNeeded: wall32 >> Int32(8 * byte))
            }
            body += record
        }
        return body
    }
}
