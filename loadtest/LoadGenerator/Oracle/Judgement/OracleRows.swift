// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// By reservation, or order that was made at once, then by call: first sendings before later ones, lines in order.
extension CallRow: SortableRow {
    var id: ClientID { ClientID(high: reservationHigh, low: reservationLow) }

    static func precedes(_ left: CallRow, _ right: CallRow) -> Bool {
        if left.reservationHigh != right.reservationHigh {
            return left.reservationHigh < right.reservationHigh
        }
        if left.reservationLow != right.reservationLow {
            return left.reservationLow < right.reservationLow
        }
        if left.kind != right.kind { return left.kind < right.kind }
        let (isAgain, isOtherAgain) = (left.flags.contains(.again), right.flags.contains(.again))
        if isAgain != isOtherAgain { return isOtherAgain }
        if left.sent != right.sent { return left.sent < right.sent }
        return left.line < right.line
    }
}

/// A line of a hold or an order of the dump, fixed in size.
struct DumpRow: SortableRow, Equatable {
    static let hold: UInt8 = 0
    static let order: UInt8 = 1
    /// A thing without a line has one row with this number.
    static let noLine = UInt32.max

    /// The reservation's; of an order that was made at once, its own.
    var id: ClientID
    /// The order's; zero: none.
    var order = ClientID(high: 0, low: 0)
    /// The line of the file: rows of one thing have the same.
    var record: UInt64
    var deadlineTick: UInt64 = 0
    /// `.max`: it is held.
    var endedTick = UInt64.max
    var units: Int64 = 0
    /// Of an order's units the ones that were cancelled.
    var cancelled: Int64 = 0
    var line = DumpRow.noLine
    var sku = DumpLeg.foreignSKU
    var kind: UInt8
    /// `ReservationState.rawValue` of a hold; of an order 1 if it is cancelled.
    var state: UInt8 = 0

    static func precedes(_ left: DumpRow, _ right: DumpRow) -> Bool {
        if left.id != right.id { return left.id.precedes(right.id) }
        if left.kind != right.kind { return left.kind < right.kind }
        if left.record != right.record { return left.record < right.record }
        return left.line < right.line
    }
}

extension ClientID {
    func precedes(_ other: ClientID) -> Bool {
        high != other.high ? high < other.high : low < other.low
    }
}

/// Units of a SKU that a buyer surely has from a time on, or has no longer.
struct StockEvent: SortableRow {
    var time: UInt64
    var units: Int64
    var sku: UInt32

    static func precedes(_ left: StockEvent, _ right: StockEvent) -> Bool {
        if left.sku != right.sku { return left.sku < right.sku }
        if left.time != right.time { return left.time < right.time }
        // Giving back first: an interval doesn't have its end.
        return left.units < right.units
    }
}
