// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI

/// The rules for lines: how many, how they are numbered, what each must say.
enum LineForm {
    /// Whether a line must say what it is for.
    enum Codes {
        /// Reserve, CreateOrder: the SKU; without a warehouse the core allocates.
        case required
        /// Confirm, CancelOrder: the line number says it; SKU and warehouse are empty, or checked
        /// later.
        case optional
    }

    /// Checks the lines of a request, those at `range` of `lines`, and makes what the core wants of
    /// them.
    static func check(
        _ lines: borrowing FixedList<Line>, _ range: ListRange, overflow: Bool, codes: Codes,
        in message: Span<UInt8>, into asks: inout FixedList<LineAsk>,
        numbers: inout FixedList<UInt32>
    ) throws(FormFault) {
        asks.removeAll()
        guard !overflow, Int(range.count) <= CoreLimits.linesPerDecisionMax
        else { throw FormFault("lines", "must have at most 500 entries") }
        if codes == .required, range.count == 0 {
            throw FormFault("lines", "must have at least one entry")
        }
        var isUnnumbered = true
        for index in range.indices where lines[index].lineNumber != 0 { isUnnumbered = false }
        for index in 0..<Int(range.count) {
            let line = lines[Int(range.start) + index]
            do {
                try check(line, codes: codes, in: message)
            } catch {
                throw error.inLine(index)
            }
            asks.append(
                LineAsk(
                    sku: line.sku, warehouse: line.warehouse, quantity: line.quantity,
                    line: isUnnumbered ? UInt32(index + 1) : line.lineNumber))
        }
        if !isUnnumbered { try checkNumbers(asks, &numbers) }
    }

    private static func check(
        _ line: Line, codes: Codes, in message: Span<UInt8>
    ) throws(FormFault) {
        switch codes {
        case .required:
            try Form.code(line.sku, "sku", in: message)
            try Form.optionalCode(line.warehouse, "warehouse", in: message)
        case .optional:
            try Form.optionalCode(line.sku, "sku", in: message)
            try Form.optionalCode(line.warehouse, "warehouse", in: message)
        }
        try Form.quantity(line.quantity)
    }

    /// Line numbers are given for all lines or for none, and each once.
    private static func checkNumbers(
        _ asks: borrowing FixedList<LineAsk>, _ numbers: inout FixedList<UInt32>
    ) throws(FormFault) {
        numbers.removeAll()
        for index in 0..<asks.count {
            guard asks[index].line != 0 else {
                throw FormFault("line_number", "must be set on all lines or on none")
                    .inLine(index)
            }
            numbers.append(asks[index].line)
        }
        numbers.sort { $0 < $1 }
        for index in 1..<max(numbers.count, 1) where numbers[index] == numbers[index - 1] {
            for line in 0..<asks.count where asks[line].line == numbers[index] {
                throw FormFault("line_number", "must be unique").inLine(line)
            }
        }
    }
}
