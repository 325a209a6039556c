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

    /// What a refusal of the core may say is what the guide says that it may.
    @Test(arguments: RefusalReason.allCases)
    func metadataIsWhatIsWritten(_ reason: RefusalReason) throws {
        let guide = try #require(
            ReasonGuide.all.first { $0.number == Int(Reason(reason).rawValue) })
        var refusal = Refusal(reason)
        refusal.requested = 2
        refusal.available = 1
        // Only reservations are confirmed, and only orders cancelled.
        let subjects: [RefusalSubject] =
            switch reason {
            case .exceedsReservation: [.reservation, .order]
            case .purchaseLimitExceeded, .creditExceeded: [.reservation]
            default: RefusalSubject.allCases
            }
        for subject in subjects {
            var text = RefusalText()
            text.write(refusal, line: nil, about: subject, in: [UInt8]().span)
            let details = text.details.withBytes { bytes in
                String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
            }
            for key in MetadataKey.allCases {
                // In protobuf: a map's key is field 1, with its length.
                let field =
                    "\u{0a}\(Character(UnicodeScalar(UInt8("\(key.name)".utf8.count))))\(key.name)"
                guard details.contains(field) else { continue }
                #expect(guide.metadata.contains("\(key.name)"), "\(guide.name) has \(key.name)")
            }
        }
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
