// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Orders that were made at once, and cancellations of any order: the dump against what the buyer knows.
extension CaseJudge {
    /// An order without a reservation is there when it was acknowledged, and only if it was asked for.
    mutating func purchase(_ item: ReservationCase) {
        guard let order = item.orders.first else {
            if item.purchase != nil {
                fail(.lost, "was acknowledged and isn't in the dump", item)
            }
            return
        }
        if let purchase = item.purchase {
            if !item.lines(of: order, are: purchase) {
                fail(.lost, "the dump doesn't have what was ordered", item)
            }
        } else if let first = item.first(.createOrder) {
            if !item.mayHaveWorked(.createOrder) {
                fail(.phantom, "was refused and is in the dump", item)
            } else {
                if first.outcome == .unknown { noteApplied(.createOrder) }
                if !item.lines(of: order, answer: first) {
                    fail(.unknown, "had no answer, and an effect that wasn't asked for", item)
                }
            }
        } else if isComplete {
            fail(.phantom, "is in the dump and was never asked for", item)
        }
        cancellation(item, order)
    }

    /// What was cancelled of an order is what was asked for, or nothing.
    mutating func cancellation(_ item: ReservationCase, _ order: Range<Int>) {
        let rows = item.dumpRows[order]
        let isCancelled = rows[order.lowerBound].state == 1
        if isCancelled != rows.allSatisfy({ $0.units == $0.cancelled }) {
            fail(.conservation, "its order's state doesn't fit what is left of it", item)
        }
        let isUntouched = item.cancelled(of: order, is: nil)
        guard let first = item.first(.cancelOrder), item.mayHaveWorked(.cancelOrder) else {
            if !isUntouched, item.has(.cancelOrder) || isComplete {
                fail(
                    .phantom, "units of its order were cancelled by nobody or a refused call", item)
            }
            return
        }
        let isDone = item.cancelled(of: order, is: first)
        let isAcknowledged = item.calls.contains {
            $0.kind == .cancelOrder && $0.isAcknowledged
        }
        if isAcknowledged {
            if !isDone {
                fail(.lost, "the dump doesn't have what was cancelled of its order", item)
            }
        } else if isDone {
            if first.outcome == .unknown { noteApplied(.cancelOrder) }
        } else if !isUntouched {
            fail(.unknown, "its cancellation had no answer, and an effect of its own", item)
        }
    }
}
