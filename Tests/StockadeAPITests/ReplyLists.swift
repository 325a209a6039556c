// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI

/// The lists that a reservation's lines and their allocations lie in.
struct ReplyLists: ~Copyable {
    var lines = FixedList<LineResult>(capacity: 500)
    var allocations = FixedList<Allocation>(capacity: 1000)

    /// Adds a line with what was granted and where it lies.
    mutating func add(line number: UInt32, granted: Int64, at places: [Allocation]) {
        var line = LineResult()
        line.lineNumber = number
        line.granted = granted
        line.allocations = ListRange(allocations.count..<allocations.count + places.count)
        for place in places { allocations.append(place) }
        lines.append(line)
    }

    /// The bytes of `reply`.
    borrowing func encoded(_ reply: ReservationReply, _ texts: Texts) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        reply.encode(
            into: &writer, texts: texts.bytes.span, lines: lines, allocations: allocations)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    /// The bytes of the line at `index`.
    borrowing func encodedLine(_ index: Int, _ texts: Texts) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        lines[index].encode(
            into: &writer, texts: texts.bytes.span, allocations: allocations)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }
}
