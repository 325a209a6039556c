// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// The ledger's lines, as `loadtest/README.md` describes them. What is in them needs no escapes:
/// codes of ours, numbers and names of statuses.
struct LedgerFormat: LedgerFormatting {
    /// Of the format; a reader refuses others.
    static let version = 1
    /// Bytes of a row at most.
    static let rowBytesMax = 512

    private let head: LedgerHead
    private let start: UInt64
    /// `"brand":…` up to the SKU's digits, and what follows them: the same in each row.
    private let beforeDigits: [UInt8]
    private let afterDigits: [UInt8]

    init(_ head: LedgerHead) {
        self.head = head
        start = head.startMonotonicNanoseconds
        let sku = SkuCodes.code(0).dropLast(SkuCodes.digitCount)
        beforeDigits = Array(
            "\",\"brand\":\"\(head.options.identity.brand)\",\"sku\":\"\(sku)".utf8)
        afterDigits = Array(
            "\",\"warehouse\":\"\(SkuCodes.warehouse)\",\"quantity\":1,\"outcome\":\"".utf8)
    }

    func appendHead(to text: inout ByteWriter) {
        for byte in head.line.utf8 { text.append(byte) }
    }

    func appendEnd(_ counts: LedgerCounts, isComplete: Bool, to text: inout ByteWriter) {
        let line =
            "{\"kind\":\"end\",\"rows\":\(counts.rows),\"granted\":\(counts.granted),"
            + "\"refused\":\(counts.refused),\"unknown\":\(counts.unknown),"
            + "\"complete\":\(isComplete)}\n"
        for byte in line.utf8 { text.append(byte) }
    }

    func count(_ row: LedgerRow, in counts: inout LedgerCounts) {
        switch row.outcome {
        case .granted: counts.granted += 1
        case .refused: counts.refused += 1
        case .unknown: counts.unknown += 1
        }
    }

    /// Writes a row's line.
    func append(_ row: LedgerRow, to text: inout ByteWriter) {
        text.append("{\"kind\":\"reserve\",\"reservation_id\":\"")
        hexadecimal(row.id.high, to: &text)
        hexadecimal(row.id.low, to: &text)
        text.append(beforeDigits.span)
        var place = SkuCodes.countMax / 10
        while place > 0 {
            text.append(0x30 + UInt8(Int(row.sku) / place % 10))
            place /= 10
        }
        text.append(afterDigits.span)
        switch row.outcome {
        case .granted: text.append("granted")
        case .refused: text.append("refused")
        case .unknown: text.append("unknown")
        }
        text.append("\",\"status\":\"")
        text.append(LedgerFormat.name(row.status))
        text.append("\",\"granted\":")
        text.appendDecimal(row.granted)
        text.append(",\"attempts\":")
        text.appendDecimal(UInt64(row.attempts))
        text.append(row.isReplay ? ",\"replayed\":true" : ",\"replayed\":false")
        text.append(",\"sent_us\":")
        text.appendDecimal(microseconds(row.firstSent))
        text.append(",\"answered_us\":")
        if row.answered == 0 {
            text.append("null")
        } else {
            text.appendDecimal(microseconds(row.answered))
        }
        text.append("}\n")
    }

    private func microseconds(_ time: UInt64) -> UInt64 { (time - min(time, start)) / 1_000 }

    private func hexadecimal(_ word: UInt64, to text: inout ByteWriter) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: word >> shift & 15)
            text.append(digit < 10 ? 0x30 + digit : 0x61 - 10 + digit)
        }
    }

    /// A status as gRPC's documents write it.
    static func name(_ status: StatusCode) -> StaticString {
        switch status {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}
