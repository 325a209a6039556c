// SPDX-License-Identifier: Apache-2.0

/// Lines of the dump against lines of calls. A line of the dump that was split over warehouses has
/// several rows; they count together.
extension ReservationCase {
    /// Whether a thing of the dump has just the lines that `call` was granted.
    func lines(of thing: Range<Int>, are call: Call) -> Bool {
        var sum: Int64 = 0
        for row in rows[call.rows] {
            guard let line = line(UInt32(row.line), of: thing) else {
                if row.granted != 0 { return false }
                continue
            }
            guard line.units == row.granted, line.sku == row.sku else { return false }
            sum &+= row.granted
        }
        return dumpRows[thing].reduce(0) { $0 &+ $1.units } == sum
    }

    /// Whether a hold or an order of the dump is something that `call` could have been granted.
    func lines(of thing: Range<Int>, answer call: Call) -> Bool {
        let isPartial = call.head.flags.contains(.partial)
        var matched = 0
        for row in rows[call.rows] {
            guard let line = line(UInt32(row.line), of: thing) else {
                if isPartial { continue }
                return false
            }
            guard line.sku == row.sku, line.units >= 0, line.units <= row.requested,
                isPartial || line.units == row.requested
            else { return false }
            matched += line.rows
        }
        return matched == thing.count
    }

    /// Whether two things of the dump have the same lines, those with nothing in them left out.
    func lines(of thing: Range<Int>, are other: Range<Int>) -> Bool {
        figures(of: thing) == figures(of: other)
    }

    /// Whether just that was cancelled of an order what `call` asked to cancel; nil: nothing.
    func cancelled(of order: Range<Int>, is call: Call?) -> Bool {
        var sum: Int64 = 0
        for row in call.map({ rows[$0.rows] }) ?? [] {
            guard let line = line(UInt32(row.line), of: order) else {
                if row.requested != 0 { return false }
                continue
            }
            guard line.cancelled == row.requested, line.sku == row.sku else { return false }
            sum &+= row.requested
        }
        return dumpRows[order].reduce(0) { $0 &+ $1.cancelled } == sum
    }

    /// One line of a thing of the dump, its rows added up; its SKU is nil when they differ.
    private func line(
        _ number: UInt32, of thing: Range<Int>
    ) -> (sku: UInt32?, units: Int64, cancelled: Int64, rows: Int)? {
        var found: (sku: UInt32?, units: Int64, cancelled: Int64, rows: Int)?
        for row in dumpRows[thing] where row.line == number {
            guard let line = found else {
                found = (row.sku, row.units, row.cancelled, 1)
                continue
            }
            found = (
                line.sku == row.sku ? line.sku : nil, line.units &+ row.units,
                line.cancelled &+ row.cancelled, line.rows + 1
            )
        }
        return found
    }

    private func figures(of thing: Range<Int>) -> [[Int64]] {
        dumpRows[thing].filter { $0.units != 0 }.map {
            [Int64($0.line), Int64($0.sku), $0.units]
        }
    }
}
