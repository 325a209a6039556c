// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI

@testable import LoadGenerator

extension SaleBooks {
    // What each journey is there for.
    static let bought = 1
    static let givenBack = 2
    static let lateRelease = 3
    static let soldOut = 4
    static let lostAnswer = 5
    static let lostRequest = 6
    static let confirmWins = 7
    static let releaseWins = 8
    static let overtaken = 9
    static let repeated = 10
    static let partial = 11
    static let lostConfirm = 12
    static let lostRelease = 13
    static let retried = 14
    static let abandoned = 15
    static let closingBuyer = 20
    static let purchase = 50
    static let lostPurchase = 51
    static let refusedPurchase = 52
    static let cancelledInPart = 53
    static let lostCancel = 54
    static let cancelled = 55
    static let lostCancelRequest = 56

    /// A sale in which all went right, with each thing that can happen in it.
    static func clean() -> SaleBooks {
        var books = SaleBooks()
        books.call(.reserve, bought, [(0, 1, 1)], state: .held)
        books.call(.confirm, bought, [(0, 1, 1)])
        books.keep(bought, .confirmed, [(0, 1)])

        books.call(.reserve, givenBack, [(0, 1, 1), (1, 2, 2)], state: .held)
        books.call(.release, givenBack, [(0, 1, 3)], state: .released)
        books.keep(givenBack, .released, [(0, 1), (1, 2)])

        books.call(.reserve, lateRelease, [(2, 3, 3)], state: .held)
        books.call(.release, lateRelease, [(2, 3, 3)], state: .expired)
        books.keep(lateRelease, .expired, [(2, 3)])

        books.call(
            .reserve, soldOut, [(1, 9, 0)], .refused, reason: .insufficientStock, available: 6)

        books.call(.reserve, lostAnswer, [(2, 1, 0), (2, 4, 0)], .unknown, attempts: 3)
        books.keep(lostAnswer, .held, [(2, 1), (2, 4)])
        books.call(.reserve, lostRequest, [(2, 1, 0)], .unknown)

        books.call(.reserve, confirmWins, [(2, 1, 1)], state: .held)
        books.call(.confirm, confirmWins, [(2, 1, 1)], flags: .race)
        books.call(
            .release, confirmWins, [(2, 1, 0)], .refused, reason: .alreadyConfirmed, flags: .race)
        books.keep(confirmWins, .confirmed, [(2, 1)])

        books.call(.reserve, releaseWins, [(2, 1, 1)], state: .held)
        books.call(
            .confirm, releaseWins, [(2, 1, 0)], .refused, reason: .alreadyReleased, flags: .race)
        books.call(.release, releaseWins, [(2, 1, 1)], state: .released, flags: .race)
        books.keep(releaseWins, .released, [(2, 1)])

        books.call(
            .release, overtaken, [(2, 1, 0)], .refused, reason: .reservationNotFound,
            flags: .overtaken)
        books.call(
            .reserve, overtaken, [(2, 1, 0)], .refused, reason: .alreadyReleased, flags: .overtaken)

        books.call(.reserve, repeated, [(2, 2, 2)], state: .held)
        books.call(.reserve, repeated, [(2, 2, 2)], state: .held, flags: [.again, .replay])
        books.call(.confirm, repeated, [(2, 2, 2)])
        books.call(.confirm, repeated, [(2, 2, 2)], flags: [.again, .replay])
        books.keep(repeated, .confirmed, [(2, 2)])

        books.call(.reserve, partial, [(2, 5, 4), (2, 5, 0)], state: .held, flags: .partial)
        books.call(.confirm, partial, [(2, 5, 4), (2, 5, 0)])
        books.keep(partial, .confirmed, [(2, 4), (2, 0)])

        books.call(.reserve, lostConfirm, [(2, 1, 1)], state: .held)
        books.call(.confirm, lostConfirm, [(2, 1, 0)], .unknown, attempts: 2)
        books.keep(lostConfirm, .confirmed, [(2, 1)])

        books.call(.reserve, lostRelease, [(2, 1, 1)], state: .held)
        books.call(.release, lostRelease, [(2, 1, 0)], .unknown)
        books.keep(lostRelease, .released, [(2, 1)])

        books.call(.reserve, retried, [(2, 1, 1)], state: .held, attempts: 2, flags: .replay)
        books.call(.confirm, retried, [(2, 1, 1)], attempts: 4, flags: .replay)
        books.keep(retried, .confirmed, [(2, 1)])

        books.call(.reserve, abandoned, [(2, 1, 1)], state: .held)
        books.keep(abandoned, .held, [(2, 1)])

        books.orderAndCancel()
        books.sellOut()
        return books
    }

    /// Orders that were made at once, and orders of both kinds that were cancelled.
    private mutating func orderAndCancel() {
        call(.createOrder, SaleBooks.purchase, [(2, 1, 1), (2, 2, 2)], flags: .partial)
        call(
            .createOrder, SaleBooks.purchase, [(2, 1, 1), (2, 2, 2)],
            flags: [.again, .replay, .partial])
        keepOrder(SaleBooks.purchase, [(2, 1, 0), (2, 2, 0)])

        call(.createOrder, SaleBooks.lostPurchase, [(2, 3, 0)], .unknown, attempts: 2)
        keepOrder(SaleBooks.lostPurchase, [(2, 3, 0)])
        call(
            .createOrder, SaleBooks.refusedPurchase, [(1, 9, 0)], .refused,
            reason: .insufficientStock, available: 6)

        call(.createOrder, SaleBooks.cancelledInPart, [(2, 4, 4), (2, 1, 1)])
        call(.cancelOrder, SaleBooks.cancelledInPart, [(2, 2, 2), (2, 1, 1)])
        keepOrder(SaleBooks.cancelledInPart, [(2, 4, 2), (2, 1, 1)])

        call(.createOrder, SaleBooks.lostCancel, [(2, 5, 5)])
        call(.cancelOrder, SaleBooks.lostCancel, [(2, 5, 0)], .unknown, attempts: 2)
        keepOrder(SaleBooks.lostCancel, [(2, 5, 5)])

        // What is cancelled is sold once more: all there is of SKU 0 goes to the closing buyer.
        call(.reserve, SaleBooks.cancelled, [(0, 1, 1), (0, 2, 2)], state: .held)
        call(.confirm, SaleBooks.cancelled, [(0, 1, 1), (0, 2, 2)])
        call(.cancelOrder, SaleBooks.cancelled, [(0, 1, 1), (0, 2, 2)])
        call(
            .cancelOrder, SaleBooks.cancelled, [(0, 1, 1), (0, 2, 2)], flags: [.again, .replay])
        keep(SaleBooks.cancelled, .confirmed, [(0, 1), (0, 2)])
        changeOrder(SaleBooks.cancelled) {
            $0.lines[0].cancelled = 1
            $0.lines[1].cancelled = 2
        }

        call(.reserve, SaleBooks.lostCancelRequest, [(2, 3, 3)], state: .held)
        call(.confirm, SaleBooks.lostCancelRequest, [(2, 3, 3)])
        call(.cancelOrder, SaleBooks.lostCancelRequest, [(2, 3, 0)], .unknown)
        keep(SaleBooks.lostCancelRequest, .confirmed, [(2, 3)])
    }

    /// The closing phase: single units until it is refused.
    private mutating func sellOut() {
        var journey = SaleBooks.closingBuyer
        for (sku, left) in [(0, 5), (1, 6)] {
            for _ in 0..<left {
                call(.reserve, journey, [(sku, 1, 1)], state: .held, flags: .closing)
                call(.confirm, journey, [(sku, 1, 1)], flags: .closing)
                keep(journey, .confirmed, [(sku, 1)])
                journey += 1
            }
            call(
                .reserve, journey, [(sku, 1, 0)], .refused, reason: .insufficientStock,
                available: 0,
                flags: .closing)
            journey += 1
        }
    }
}
