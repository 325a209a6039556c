// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

extension ReasonGuide {
    /// What is said of a reason.
    struct Text {
        var meaning: String
        var advice: String
        var metadata: [MetadataKey]
        var example: String

        init(
            _ meaning: String, _ advice: String, _ metadata: [MetadataKey], _ example: String
        ) {
            self.meaning = meaning
            self.advice = advice
            self.metadata = metadata
            self.example = example
        }
    }

    /// Of a reason from 1 on; Protocols/README.md says the same.
    static func text(_ reason: Reason) -> Text {
        switch reason {
        case .unspecified: Text("nothing was refused", "nothing", [], "a call that was done")
        case .invalidField:
            Text(
                "a field is missing, malformed or out of its range",
                "correct the request",
                [.field, .line, .sku, .warehouse, .limit],
                "a Reserve without a dealer: field is dealer")
        case .qtyOutOfRange:
            Text(
                "a quantity, or a sum of quantities, is out of its range",
                "correct the request",
                [.field, .line, .sku, .warehouse, .requested, .onHand, .limit],
                "an AdjustStock that would leave more than 1000000000000 on hand")
        case .currencyMismatch:
            Text(
                "the amount is in another currency than the account",
                "correct the request",
                [],
                "an amount in USD for an account that is kept in CNY")
        case .idempotencyKeyReused:
            Text(
                "the id was used before, with other content",
                "make a new id for each new request",
                [],
                "a Reserve of 3 units under the id of an earlier Reserve of 2")
        case .skuNotFound:
            Text(
                "the brand, or the SKU in it, is unknown",
                "check the codes; set stock first",
                [.line, .sku, .warehouse, .failingLines],
                "a Reserve of tea before anybody has set stock of tea: line 1, sku tea")
        case .warehouseNotFound:
            Text(
                "the SKU has no stock account in that warehouse",
                "check the codes; set stock first",
                [.line, .sku, .warehouse, .failingLines],
                "a Reserve of tea in the south, which has stock in the north only")
        case .dealerNotFound:
            Text(
                "the dealer is unknown",
                "check the code",
                [],
                "an order for a dealer whom nobody has recorded")
        case .reservationNotFound:
            Text(
                "no reservation of the brand has that id",
                "check id and brand",
                [.field],
                "a Confirm with another brand's id, or a day after the reservation ended")
        case .orderNotFound:
            Text(
                "no order of the brand has that id",
                "check id and brand",
                [],
                "a GetOrder under an id that no CreateOrder or Confirm has used")
        case .externalIDExists:
            Text(
                "the outside number belongs to something else already",
                "use the number's own order or payment",
                [],
                "a second order with the shop's number 4711")
        case .insufficientStock:
            Text(
                "less is available than was asked for",
                "ask for less, or later, under a new id",
                [.line, .sku, .warehouse, .requested, .available, .onHand, .failingLines],
                "a Reserve of 6 tea while 5 are available: requested 6, available 5")
        case .purchaseLimitExceeded:
            Text(
                "the dealer may not buy that much",
                "ask for less under a new id",
                [.line, .sku, .warehouse, .requested, .available, .failingLines],
                "a third unit where the limit is two a dealer")
        case .creditExceeded:
            Text(
                "the dealer's credit doesn't cover it",
                "pay or ask for less, then a new id",
                [.line, .sku, .warehouse, .requested, .available, .failingLines],
                "an order of 900.00 with 800.00 of credit left")
        case .accountFrozen:
            Text(
                "the dealer's account is frozen",
                "have it unfrozen, then a new id",
                [],
                "an order of a dealer whom the brand has frozen")
        case .regionNotAllowed:
            Text(
                "the region lies outside the dealer's territory",
                "ship elsewhere, under a new id",
                [],
                "an order to the south by a dealer of the north")
        case .licenceMissing:
            Text(
                "the dealer lacks a licence for the SKU",
                "record the licence, then a new id",
                [],
                "an order of a licensed SKU by a dealer whose licence has run out")
        case .qtyRule:
            Text(
                "the quantity breaks the SKU's minimum, multiple or maximum",
                "change the quantity, under a new id",
                [],
                "7 units of a SKU that is sold by the dozen")
        case .priceChanged:
            Text(
                "the quoted price no longer holds",
                "quote again, then a new id",
                [],
                "an order with the price that was quoted before the promotion began")
        case .reservationExpired:
            Text(
                "the deadline has passed, the stock went back",
                "reserve again under a new id",
                [.state, .field],
                "a Confirm after the deadline: state EXPIRED")
        case .alreadyConfirmed:
            Text(
                "confirmed before, otherwise than asked now",
                "read the reservation; cancel its order if need be",
                [.state, .field],
                "a Release of a reservation that is an order already: state CONFIRMED")
        case .alreadyReleased:
            Text(
                "released before",
                "reserve again under a new id",
                [.state, .field],
                "a Confirm after a Release: state RELEASED")
        case .exceedsReservation:
            Text(
                "more was to be confirmed than is held, or cancelled than remains",
                "confirm at most what was granted; read the order",
                [.line, .sku, .warehouse, .requested, .available, .failingLines],
                "a Confirm of 3 units of a line that holds 2: requested 3, available 2")
        case .orderStateConflict:
            Text(
                "the order's state doesn't allow the step: it was cancelled before",
                "read the order",
                [.state],
                "a second CancelOrder, under an id of its own: state CANCELLED")
        case .shadowUnavailable:
            Text(
                "the call carries a stress tag and shadow traffic isn't set up",
                "don't send stress traffic here",
                [],
                "a call with the header x-stockade-shadow")
        case .versionMismatch:
            Text(
                "somebody else changed it first",
                "read again, then a new id",
                [.requested, .available],
                "an AdjustStock that expects version 7 of an account at version 8")
        case .cursorTooOld:
            Text(
                "the feed no longer reaches back that far",
                "start from a snapshot",
                [],
                "a reader of the feed who was away for longer than it reaches back")
        case .rateLimited:
            Text(
                "more calls than your rate allows",
                "wait, then the same id",
                [],
                "1001 calls in the second of a partner who may make 1000")
        case .tooManyHolds:
            Text(
                "the server has no room for more held reservations",
                "wait, then the same id",
                [.limit],
                "a Reserve while as many reservations live as holds-max allows: limit holds-max")
        case .idTableFull:
            Text(
                "the server has no room for more ids",
                "wait, then the same id; tell the operator",
                [.limit],
                "a Reserve while as many ids are remembered as ids-max allows: limit ids-max")
        case .tableFull:
            Text(
                "the server has no room for more accounts or codes",
                "tell the operator",
                [.limit],
                "a SetStock of one account more than accounts-max: limit accounts-max")
        case .batchTooLarge:
            Text(
                "more items or lines than one message may carry",
                "split it",
                [.line, .sku, .field, .limit, .failingLines],
                "a BatchReserve of 1001 items: limit 1000")
        case .journalFull:
            Text(
                "the journal's space is used up; Confirm and Release still work",
                "wait, then the same id; tell the operator",
                [],
                "a Reserve after the journal has come to journal-max")
        case .overloaded:
            Text(
                "the server has more work than it can take",
                "back off, then the same id",
                [],
                "a call while more are under way than the server has room for")
        case .draining:
            Text(
                "the server is shutting down",
                "connect again, then the same id",
                [],
                "a call on a connection of a server that was sent SIGTERM")
        case .journalStalled:
            Text(
                "the disk doesn't keep up; nothing was decided",
                "back off, then the same id",
                [],
                "a Reserve while the disk has not answered for half a second")
        case .notOwner:
            Text(
                "another server owns the brand",
                "find the owner, then the same id",
                [],
                "a call for a brand that another server sells")
        case .warming:
            Text(
                "the server is still reading its journal",
                "back off, then the same id",
                [],
                "a call while the server replays its journal")
        case .journalFailed:
            Text(
                "the disk failed while the answer waited for it; applied is unknown",
                "connect again, then the same id",
                [.applied],
                "a Reserve whose record was under way to a disk that broke: applied unknown")
        case .postgresUnavailable:
            Text(
                "the call reads Postgres, and the server runs without it or can't reach it",
                "ask the operator, or later",
                [],
                "a ListMovements of a server that was started without --postgres")
        case .deadlineExceeded:
            Text(
                "the call's deadline passed; see applied",
                "the same id",
                [.applied],
                "a call that came 10 ms after its deadline: applied false")
        case .unauthenticated:
            Text(
                "no valid credential came with the call",
                "send one",
                [],
                "a call without the header authorization")
        case .permissionDenied:
            Text(
                "the credential doesn't cover the call or what it names",
                "ask the operator for the right",
                [],
                "a partner's call for the brand of another")
        case .undecodable:
            Text(
                "the bytes aren't the message that the call takes",
                "make the stubs from these files",
                [],
                "a body that ends in the middle of a field")
        case .invariantBroken:
            Text(
                "the server found its own figures in contradiction",
                "call the operator",
                [],
                "available, held and allocated of an account no longer sum up")
        case .journalCorrupt:
            Text(
                "the journal is damaged",
                "call the operator",
                [],
                "a read that meets a damaged journal")
        }
    }
}
