// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// A dealer under way: a slot of its thread's table.
struct JourneyRow: BitwiseCopyable {
    /// Over all threads: its ids follow from it.
    var number: UInt64 = 0
    var stream = DrawStream(seed: 0, number: 0)
    /// When its next step is due, in monotonic nanoseconds.
    var due: UInt64 = 0
    /// The next instruction.
    var place: Int32 = 0
    /// The journey in the scenario.
    var journey: Int32 = 0
    var dealer: UInt32 = 0
    var tier: UInt16 = 0
    var lineCount: UInt16 = 0
    /// The reserve step that its lines were drawn for; -1: none.
    var reserve: Int32 = -1
    /// A call of it was taken up.
    var hasCalled = false
    /// Calls that have no final answer.
    var openCalls: UInt16 = 0
    var state = ReservationState.unspecified
    /// The kind of the latest call, for doing it again.
    var lastKind = CallKind.getStock
    /// Released before it was reserved.
    var isOvertaken = false
    /// PARTIAL.
    var isPartial = false
    /// Its lines leave it to the server from which warehouse.
    var leavesWarehouse = false
    /// It orders at once: it has no reservation.
    var isPurchase = false
    /// What it cancels of each line, in ten-thousandths; 0: all that is left.
    var cancelPart: UInt16 = 0
    var timeToLive: UInt32 = 0
    /// A call of it ended without a final answer, or with a refusal.
    var hasFailed = false
    var isRefused = false
    /// The last refusal was for want of stock.
    var lastReasonWasStock = false
    /// Of the closing phase: its SKU; else -1.
    var closingSku: Int32 = -1
    /// In use.
    var isOpen = false
}

/// One line of a dealer's reservation or order.
struct LineRow: BitwiseCopyable {
    var sku: UInt32 = 0
    var requested: UInt32 = 0
    var granted: UInt32 = 0

    /// Units of it that are cancelled: a part in ten-thousandths, rounded up; 0: all.
    func cancelled(part: UInt16) -> UInt32 {
        part == 0 ? granted : UInt32((UInt64(granted) * UInt64(part) + 9_999) / 10_000)
    }
}

/// A call that is due and has no final answer: a slot whose number travels as the call's tag.
struct CallState: BitwiseCopyable {
    var journey: UInt32 = 0
    var kind = CallKind.getStock
    var flags = CallRow.Flags(rawValue: 0)
    /// Why the last attempt ended that did.
    var lastStatus = StatusCode.unknown
    /// How often it was sent; 0: not yet.
    var attempts: UInt32 = 0
    /// Monotonic nanoseconds: when it was due, was taken up, was sent first.
    var due: UInt64 = 0
    var handed: UInt64 = 0
    var firstSent: UInt64 = 0
    /// In use.
    var isOpen = false
}
