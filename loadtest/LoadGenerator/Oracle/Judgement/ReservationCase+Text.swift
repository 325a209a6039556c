// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// A case in words, for people who look for what went wrong.
extension ReservationCase {
    /// Lines that are named.
    private static let linesMax = 4

    /// The id, each call with its times and answer, and what the dump has.
    func text(_ finding: String, dump isThere: Bool) -> String {
        var parts = ["\(isOrder ? "order" : "reservation") \(OracleText.id(id)): \(finding)"]
        parts += calls.map(text)
        if isThere {
            parts += holds.map { "dump: \(text($0, state: state(of: $0)))" }
            parts += orders.map {
                "dump: order \(OracleText.id(dumpRows[$0.lowerBound].order)) of \(lines(of: $0))"
                    + (dumpRows[$0.lowerBound].state == 1 ? ", cancelled" : "")
            }
            if isOrder {
                if orders.isEmpty { parts.append("dump: no such order") }
            } else if holds.isEmpty {
                parts.append("dump: no such hold")
            }
        }
        return parts.joined(separator: "; ")
    }

    private func text(_ call: Call) -> String {
        let head = call.head
        var text = "\(call.kind.name)\(call.isAgain ? " again" : "") of "
        text += rows[call.rows].prefix(ReservationCase.linesMax).map {
            switch call.kind {
            case .reserve, .createOrder:
                "\(OracleText.sku($0.sku)) (\($0.requested) asked, \($0.granted) granted)"
            case .cancelOrder: "\($0.requested) \(OracleText.sku($0.sku))"
            case .getStock, .confirm, .release: OracleText.sku($0.sku)
            }
        }.joined(separator: ", ")
        if call.rows.count > ReservationCase.linesMax { text += ", …" }
        text += " sent at \(OracleText.seconds(head.sent)) s, "
        text +=
            head.answered == 0
            ? "no answer" : "answered at \(OracleText.seconds(head.answered)) s"
        text += ", attempts \(head.attempts), "
        text += StatusCode(rawValue: head.status).map { "\(LedgerFormat.name($0))" } ?? "no status"
        if call.reason != .unspecified { text += " \(call.reason.name)" }
        if head.available >= 0, call.outcome == .refused {
            text += " (\(head.available) available)"
        }
        if let state = ReservationState(rawValue: head.state), state != .unspecified {
            text += ", state \(OracleText.state(state))"
        }
        if call.isReplay { text += ", marked as a replay" }
        return text
    }

    private func text(_ hold: Range<Int>, state: ReservationState) -> String {
        let head = dumpRows[hold.lowerBound]
        let end = head.endedTick == .max ? "" : ", ended at tick \(head.endedTick)"
        return
            "\(OracleText.state(state)) of \(lines(of: hold)), deadline tick \(head.deadlineTick)\(end)"
    }

    private func lines(of thing: Range<Int>) -> String {
        let legs = dumpRows[thing].filter { $0.line != DumpRow.noLine }
        let text = legs.prefix(ReservationCase.linesMax).map {
            "\($0.units) \(OracleText.sku($0.sku))"
                + ($0.cancelled == 0 ? "" : " (\($0.cancelled) cancelled)")
        }.joined(separator: ", ")
        if legs.isEmpty { return "nothing" }
        return legs.count > ReservationCase.linesMax ? text + ", …" : text
    }
}

/// Figures in words.
enum OracleText {
    /// 32 hexadecimal digits.
    static func id(_ id: ClientID) -> String { word(id.high) + word(id.low) }

    private static func word(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Nanoseconds as seconds with six places.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let micro = nanoseconds / 1_000
        let digits = String(micro % 1_000_000)
        return "\(micro / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
    }

    static func sku(_ number: UInt32) -> String {
        Int(number) < SkuCodes.countMax ? SkuCodes.code(Int(number)) : "a SKU that isn't the run's"
    }

    static func state(_ state: ReservationState) -> String {
        switch state {
        case .unspecified: "UNSPECIFIED"
        case .held: "HELD"
        case .confirmed: "CONFIRMED"
        case .released: "RELEASED"
        case .expired: "EXPIRED"
        }
    }

    /// With commas: 12,345.
    static func count<Number: BinaryInteger>(_ number: Number) -> String {
        var digits = Array(String(number.magnitude))
        for place in stride(from: digits.count - 3, to: 0, by: -3) {
            digits.insert(",", at: place)
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `1 hold`, `2 holds`.
    static func count<Number: BinaryInteger>(_ number: Number, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
