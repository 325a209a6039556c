// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Wire

@testable import LoadGenerator

/// Mistakes with orders that were made at once, and with cancellations.
extension Planted {
    static let orders = [
        Planted("an order at once that is lost", [.lost]) {
            $0.forgetOrder(SaleBooks.purchase)
        },
        Planted("an order at once of fewer units", [.lost]) {
            $0.changeOrder(SaleBooks.purchase) { $0.lines[1].units = 1 }
        },
        Planted("an order at once that was refused", [.phantom]) {
            $0.keepOrder(SaleBooks.refusedPurchase, [(2, 1, 0)])
        },
        Planted("an order at once that nobody asked for", [.phantom]) {
            $0.keepOrder(91, [(2, 1, 0)])
        },
        Planted("an order at once twice", [.duplicate]) {
            $0.keepOrder(SaleBooks.purchase, [(2, 1, 0), (2, 2, 0)])
        },
        Planted("an unanswered order at once twice", [.duplicate, .unknown]) {
            $0.keepOrder(SaleBooks.lostPurchase, [(2, 3, 0)])
        },
        Planted("an unanswered order at once of other units", [.unknown]) {
            $0.changeOrder(SaleBooks.lostPurchase) { $0.lines[0].units = 2 }
        },
        Planted("an order at once of more than was asked for", [.phantom]) {
            $0.change(.createOrder, SaleBooks.cancelledInPart) {
                if $0.line == 1 { $0.requested = 3 }
            }
        },
        Planted("a unit sold at once that wasn't there", [.oversold, .conservation]) {
            $0.call(.createOrder, 90, [(0, 1, 1)])
            $0.keepOrder(90, [(0, 1, 0)])
        },
        Planted("an order at once refused with enough in stock", [.undersold]) {
            $0.change(.createOrder, SaleBooks.refusedPurchase) { $0.available = 9 }
        },
        Planted("an order at once answered as a replay", [.duplicate]) {
            $0.change(.createOrder, SaleBooks.cancelledInPart) { $0.flags.insert(.replay) }
        },
        Planted("a second order under one id", [.duplicate]) {
            $0.change(.createOrder, SaleBooks.purchase) { $0.flags.remove(.replay) }
        },
    ]

    static let cancellations = [
        Planted("a lost cancellation", [.lost]) {
            $0.changeOrder(SaleBooks.cancelledInPart) {
                $0.lines[0].cancelled = 0
                $0.lines[1].cancelled = 0
            }
        },
        Planted("a cancellation of fewer units", [.lost]) {
            $0.changeOrder(SaleBooks.cancelledInPart) { $0.lines[0].cancelled = 1 }
        },
        Planted("a cancellation of another line", [.lost]) {
            $0.changeOrder(SaleBooks.cancelledInPart) {
                $0.lines[0].cancelled = 3
                $0.lines[1].cancelled = 0
            }
        },
        Planted("a lost cancellation of a confirmed order", [.lost]) {
            $0.change(.cancelOrder, SaleBooks.lostCancelRequest) {
                $0.outcome = CallRow.Outcome.acknowledged.rawValue
                $0.granted = 3
            }
        },
        Planted("a cancellation that nobody asked for", [.phantom]) {
            $0.changeOrder(SaleBooks.purchase) { $0.lines[0].cancelled = 1 }
        },
        Planted("a cancellation that was refused", [.phantom]) {
            $0.change(.cancelOrder, SaleBooks.lostCancel) {
                $0.outcome = CallRow.Outcome.refused.rawValue
                $0.status = StatusCode.failedPrecondition.rawValue
            }
        },
        Planted("an unanswered cancellation by half", [.unknown]) {
            $0.changeOrder(SaleBooks.lostCancel) { $0.lines[0].cancelled = 2 }
        },
        Planted("cancelled, with units left", [.conservation]) {
            $0.changeOrder(SaleBooks.purchase) { $0.isCancelled = true }
        },
        Planted("nothing left, and not cancelled", [.conservation]) {
            $0.changeOrder(SaleBooks.cancelled) { $0.isCancelled = false }
        },
        Planted("refused as if it were cancelled", [.duplicate]) {
            $0.change(.cancelOrder, SaleBooks.lostCancelRequest) {
                $0.outcome = CallRow.Outcome.refused.rawValue
                $0.status = StatusCode.failedPrecondition.rawValue
                $0.reason = Reason.orderStateConflict.rawValue
            }
        },
        Planted("an order that wasn't found when it was cancelled", [.lost]) {
            $0.change(.cancelOrder, SaleBooks.lostCancelRequest) {
                $0.outcome = CallRow.Outcome.refused.rawValue
                $0.status = StatusCode.notFound.rawValue
                $0.reason = Reason.orderNotFound.rawValue
            }
        },
        Planted("a cancellation that took effect again", [.duplicate]) {
            $0.change(.cancelOrder, SaleBooks.cancelled) { $0.flags.remove(.replay) }
        },
        Planted("a unit sold before it was cancelled", [.oversold]) { books in
            // The buyer of the closing phase has all six before the cancellation was sent.
            let sent = books.rows.map(\.answered).max() ?? 0
            books.change(.cancelOrder, SaleBooks.cancelled) { $0.sent = sent + 1 }
        },
    ]
}
