// SPDX-License-Identifier: Apache-2.0

import Primitives
import ReservationCore
import StockadeAPI
import Testing

@testable import StockadeServer

/// What is said of reasons, in three places, is one thing.
@Suite struct ReasonGuideTests {
    /// `Protocols/README.md`, by reason: status, meaning, what to do.
    private static func partnersTable() throws -> [String: [String]] {
        var table: [String: [String]] = [:]
        for line in try Checkout.text("Protocols/README.md").split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmed() }
            guard cells.count == 4, cells[0].hasPrefix("`"), Int(cells[1]) == nil else { continue }
            let name = cells[0].filter { $0 != "`" }
            #expect(table[name] == nil, "\(name) twice")
            table[name] = cells[1...].map { $0.filter { $0 != "`" } }
        }
        return table
    }

    @Test func partnersReadTheSame() throws {
        let table = try ReasonGuideTests.partnersTable()
        #expect(table.count == ReasonGuide.all.count)
        for guide in ReasonGuide.all {
            #expect(table[guide.name] == [guide.status, guide.meaning, guide.advice])
        }
    }

    @Test func everyReasonIsThere() {
        #expect(ReasonGuide.all.map(\.number) == Array(1..<Reason.allCases.count))
        for guide in ReasonGuide.all {
            #expect(ReasonGuide.named(guide.name)?.number == guide.number)
            #expect(ReasonGuide.named("reason_" + guide.name.lowercased())?.number == guide.number)
            #expect(!guide.example.isEmpty)
        }
        #expect(Set(ReasonGuide.all.map(\.example)).count == ReasonGuide.all.count)
        #expect(ReasonGuide.named("SOLD_OUT") == nil)
        #expect(ReasonGuide.nearest("insufficent-stock") == "INSUFFICIENT_STOCK")
        #expect(ReasonGuide.nearest("xyzzy") == nil)
    }

    /// What the guide says that a refusal may say is what refusals do say: of the core and of forms,
    /// each with all that it may have.
    @Test(arguments: RefusalReason.allCases)
    func metadataIsWhatIsWritten(_ reason: RefusalReason) throws {
        let guide = try #require(
            ReasonGuide.all.first { $0.number == Int(Reason(reason).rawValue) })
        var written: Set<String> = []
        // Only reservations are confirmed, and only orders cancelled.
        let subjects: [RefusalSubject] =
            switch reason {
            case .exceedsReservation: [.reservation, .order]
            case .purchaseLimitExceeded, .creditExceeded: [.reservation]
            default: RefusalSubject.allCases
            }
        for subject in subjects {
            var text = RefusalText()
            text.write(
                ReasonGuideTests.refusal(reason, about: subject),
                line: ReasonGuideTests.line(reason, about: subject), about: subject,
                in: Array("teanorth".utf8).span)
            written.formUnion(ReasonGuideTests.keys(of: text))
        }
        for fault in ReasonGuideTests.faults where fault.reason == Reason(reason) {
            var text = RefusalText()
            text.write(fault, line: fault.line < 0 ? nil : ReasonGuideTests.named)
            written.formUnion(ReasonGuideTests.keys(of: text))
        }
        #expect(written == Set(guide.metadata), "\(guide.name)")
    }

    private static let named = RefusalText.NamedLine(
        number: 1, sku: ByteRange(start: 0, count: 3), warehouse: ByteRange(start: 3, count: 5))

    private static let faults = [
        FormFault("brand", "must be there"),
        FormFault("sku", "must be there").inLine(0),
        FormFault("quantity", "must be positive", reason: .qtyOutOfRange).inLine(0),
        .tooLarge("items", "must be fewer", limit: "1000"),
    ]

    /// A refusal with all that the core says of it.
    private static func refusal(_ reason: RefusalReason, about subject: RefusalSubject) -> Refusal {
        var refusal = Refusal(reason)
        refusal.requested = 2
        refusal.available = 1
        switch reason {
        case .skuNotFound, .warehouseNotFound, .insufficientStock, .purchaseLimitExceeded,
            .creditExceeded, .exceedsReservation:
            refusal.failingLines = 1
        case .reservationExpired: refusal.state = .expired
        case .alreadyConfirmed: refusal.state = .confirmed
        case .alreadyReleased: refusal.state = .released
        case .orderStateConflict: refusal.orderState = .cancelled
        case .quantityOutOfRange: refusal.limit = .onHand
        case .tooManyHolds: refusal.limit = .holds
        case .idTableFull: refusal.limit = .ids
        case .tableFull: refusal.limit = .accounts
        case .batchTooLarge:
            refusal.limit = .legsPerDecision
            refusal.failingLines = 1
        case .invalidField where subject == .deadline: refusal.limit = .timeToLive
        default: break
        }
        switch reason {
        case .invalidField, .reservationNotFound, .reservationExpired, .alreadyConfirmed,
            .alreadyReleased:
            // Of an order's reservations: its place, counted as a line's.
            guard subject == .reservationsOfOrder else { break }
            refusal.lineIndex = 0
            refusal.failingLines = 1
        default: break
        }
        return refusal
    }

    /// The line that is named with a refusal.
    private static func line(
        _ reason: RefusalReason, about subject: RefusalSubject
    ) -> RefusalText.NamedLine? {
        switch (subject, reason) {
        case (.reservation, .invalidField), (.order, .invalidField),
            (.reservation, .skuNotFound), (.reservation, .warehouseNotFound),
            (.reservation, .insufficientStock), (.reservation, .purchaseLimitExceeded),
            (.reservation, .creditExceeded), (.reservation, .exceedsReservation),
            (.order, .exceedsReservation):
            return named
        case (.reservation, .batchTooLarge):
            // A line that is split names no warehouse.
            return RefusalText.NamedLine(
                number: 1, sku: named.sku, warehouse: ByteRange(start: 0, count: 0))
        case (.transfer, .quantityOutOfRange):
            return RefusalText.NamedLine(number: 0, sku: named.sku, warehouse: named.warehouse)
        default: return nil
        }
    }

    /// The keys of a refusal's metadata.
    private static func keys(of text: borrowing RefusalText) -> Set<String> {
        let details = text.details.withBytes { bytes in
            String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        var keys: Set<String> = []
        for key in MetadataKey.allCases {
            // In protobuf: a map's key is field 1, with its length.
            let length = Character(UnicodeScalar(UInt8("\(key.name)".utf8.count)))
            if details.contains("\u{0a}\(length)\(key.name)") { keys.insert("\(key.name)") }
        }
        return keys
    }
}

extension Substring {
    fileprivate func trimmed() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
