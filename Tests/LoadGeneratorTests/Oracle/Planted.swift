// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Testing
import Wire

@testable import LoadGenerator

/// A mistake, and the checks that must see it.
struct Planted: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var by: Set<CheckName>
    var edit: @Sendable (inout SaleBooks) -> Void

    init(
        _ text: String, _ by: Set<CheckName>,
        _ edit: @escaping @Sendable (inout SaleBooks) -> Void
    ) {
        testDescription = text
        self.by = by
        self.edit = edit
    }

    static let stock = [
        // The journal agrees with itself: only the units tell.
        Planted("a unit sold twice", [.oversold, .conservation]) {
            $0.call(.reserve, 90, [(0, 1, 1)], state: .held)
            $0.call(.confirm, 90, [(0, 1, 1)])
            $0.keep(90, .confirmed, [(0, 1)])
        },
        Planted("stock that appeared", [.conservation]) {
            $0.wrongFigures = [(2, "on_hand", 1), (2, "available", 1)]
        },
        Planted("a held unit that no hold has", [.conservation]) {
            $0.wrongFigures = [(2, "held", 1), (2, "available", -1)]
        },
        Planted("an available unit too few", [.conservation]) {
            $0.wrongFigures = [(2, "available", -1)]
        },
        Planted("a unit left over", [.undersold]) {
            let last = SaleBooks.closingBuyer + 4
            $0.rows.removeAll { $0.journey == UInt64(last) }
            $0.forgetHold(last)
            $0.forgetOrder(last)
        },
        Planted("a refusal with enough in stock", [.undersold]) {
            $0.change(.reserve, SaleBooks.soldOut) { $0.available = 9 }
        },
        Planted("a partial refusal with something in stock", [.undersold]) {
            $0.change(.reserve, SaleBooks.soldOut) {
                $0.available = 1
                $0.flags = .partial
            }
        },
    ]

    static let effects = [
        Planted("a lost hold", [.lost]) {
            $0.forgetHold(SaleBooks.abandoned)
        },
        Planted("a hold of fewer units", [.lost]) {
            $0.changeHold(SaleBooks.givenBack) { $0.lines[1].units = 1 }
        },
        Planted("a lost order", [.lost]) {
            $0.forgetOrder(SaleBooks.repeated)
        },
        Planted("an order with another line", [.lost]) {
            $0.orders[0].lines[0].number = 2
        },
        Planted("a lost confirmation", [.lost]) {
            $0.forgetOrder(SaleBooks.repeated)
            $0.changeHold(SaleBooks.repeated) {
                $0.state = .held
                $0.ended = nil
                $0.order = nil
            }
        },
        Planted("a lost release", [.lost]) {
            $0.changeHold(SaleBooks.givenBack) {
                $0.state = .held
                $0.ended = nil
                $0.lines = [.init(number: 1, sku: 2, units: 1), .init(number: 2, sku: 2, units: 2)]
            }
            $0.change(.reserve, SaleBooks.givenBack) { $0.sku = 2 }
        },
        Planted("a hold that nobody asked for", [.phantom]) {
            $0.keep(91, .held, [(2, 1)])
        },
        Planted("a hold that was refused", [.phantom]) {
            $0.keep(SaleBooks.soldOut, .held, [(2, 1)])
        },
        Planted("a hold that was refused after a retry", [.phantom]) {
            $0.change(.reserve, SaleBooks.soldOut) { $0.attempts = 3 }
            $0.keep(SaleBooks.soldOut, .held, [(2, 1)])
        },
        Planted("a hold released before it was reserved", [.phantom]) {
            $0.keep(SaleBooks.overtaken, .held, [(2, 1)])
        },
        Planted("an order that nobody confirmed", [.phantom]) {
            $0.forgetHold(SaleBooks.abandoned)
            $0.keep(SaleBooks.abandoned, .confirmed, [(2, 1)])
        },
        Planted("an order under another id", [.phantom]) {
            $0.orders[0].id = ClientID(high: 1, low: 1)
        },
        Planted("a hold twice", [.duplicate]) {
            $0.keep(SaleBooks.abandoned, .held, [(2, 1)])
        },
        Planted("an unanswered hold twice", [.duplicate, .unknown]) {
            $0.keep(SaleBooks.lostAnswer, .held, [(2, 1), (2, 4)])
        },
        Planted("an unanswered hold of more units", [.unknown]) {
            $0.changeHold(SaleBooks.lostAnswer) { $0.lines[0].units = 2 }
        },
        Planted("an unanswered hold of half its lines", [.unknown]) {
            $0.changeHold(SaleBooks.lostAnswer) { $0.lines.removeLast() }
        },
        Planted("an unanswered order of other lines", [.unknown]) { books in
            let index = books.orders.firstIndex {
                $0.reservation == books.reservation(SaleBooks.lostConfirm)
            }
            books.orders[index ?? 0].lines[0].units = 2
        },
    ]

    static let answers = [
        Planted("a first attempt answered as a replay", [.duplicate]) {
            $0.change(.reserve, SaleBooks.bought) { $0.flags.insert(.replay) }
        },
        Planted("a second answer with other figures", [.duplicate]) {
            $0.change(.reserve, SaleBooks.repeated) {
                if $0.flags.contains(.again) { $0.granted = 1 }
            }
        },
        Planted("a second answer that isn't a replay", [.duplicate]) {
            $0.change(.confirm, SaleBooks.repeated) { $0.flags.remove(.replay) }
        },
        Planted("a second answer that refuses", [.duplicate]) {
            $0.change(.confirm, SaleBooks.repeated) {
                guard $0.flags.contains(.again) else { return }
                $0.outcome = CallRow.Outcome.refused.rawValue
                $0.reason = Reason.alreadyConfirmed.rawValue
                $0.status = StatusCode.failedPrecondition.rawValue
            }
        },
        Planted("an expiry before the deadline", [.expiry]) {
            $0.changeHold(SaleBooks.lateRelease) { $0.ended = $0.deadline - 1 }
        },
        Planted("a hold that never expires", [.expiry]) {
            $0.changeHold(SaleBooks.abandoned) {
                $0.deadline = UInt64(SaleBooks.highestTick - 1_001)
            }
        },
        Planted("an acknowledged confirmation that expired", [.expiry]) {
            $0.forgetOrder(SaleBooks.repeated)
            $0.changeHold(SaleBooks.repeated) {
                $0.state = .expired
                $0.ended = $0.deadline
                $0.order = nil
            }
        },
        Planted("a release told of an expiry that wasn't", [.expiry]) {
            $0.changeHold(SaleBooks.lateRelease) {
                $0.state = .held
                $0.ended = nil
            }
        },
        Planted("two winners", [.race]) {
            $0.change(.release, SaleBooks.confirmWins) {
                $0.outcome = CallRow.Outcome.acknowledged.rawValue
                $0.reason = 0
                $0.state = ReservationState.released.rawValue
            }
        },
        Planted("two losers", [.race]) {
            $0.change(.release, SaleBooks.releaseWins) {
                $0.outcome = CallRow.Outcome.refused.rawValue
                $0.reason = Reason.alreadyConfirmed.rawValue
                $0.state = 0
            }
            // And nobody released it.
            $0.changeHold(SaleBooks.releaseWins) {
                $0.state = .held
                $0.ended = nil
            }
        },
        Planted("the journal says that the loser won", [.race]) {
            $0.forgetOrder(SaleBooks.confirmWins)
            $0.changeHold(SaleBooks.confirmWins) {
                $0.state = .held
                $0.ended = nil
                $0.order = nil
            }
        },
    ]
}
