// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// What is wrong with a field, found without looking at any state.
struct FormFault: Error {
    /// INVALID_FIELD, QTY_OUT_OF_RANGE or BATCH_TOO_LARGE.
    var reason: Reason
    /// The field's path in the request, from the innermost list's element on; empty when the
    /// element itself is wrong.
    var field: StaticString
    /// The list that the fault is in: `items`, `keys`, `reservation_ids`.
    var list: StaticString = ""
    /// Index of that list's element, or -1 when the field isn't in one.
    var element = -1
    /// Index of the line, within the element if there is one; -1 when the field isn't a line's.
    var line = -1
    /// What it must be, for the person who reads the message.
    var rule: StaticString
    /// The bound that was met, where that is why.
    var limit: StaticString = ""

    init(_ field: StaticString, _ rule: StaticString, reason: Reason = .invalidField) {
        self.field = field
        self.rule = rule
        self.reason = reason
    }

    /// The same fault, of a line's field.
    func inLine(_ index: Int) -> FormFault {
        var fault = self
        fault.line = index
        return fault
    }

    /// The same fault, in an element of a list.
    func inElement(_ index: Int, of list: StaticString) -> FormFault {
        var fault = self
        fault.list = list
        fault.element = index
        return fault
    }

    /// More in one message than it may carry.
    static func tooLarge(
        _ field: StaticString, _ rule: StaticString, limit: StaticString
    ) -> FormFault {
        var fault = FormFault(field, rule, reason: .batchTooLarge)
        fault.limit = limit
        return fault
    }

    /// Writes the field's path, as in `items[3].lines[0].quantity`.
    func appendPath(to writer: inout ByteWriter) {
        if element >= 0 { appendElement(list, element, to: &writer) }
        if line >= 0 { appendElement("lines", line, to: &writer) }
        if field.utf8CodeUnitCount > 0, element >= 0 || line >= 0 { writer.append(".") }
        writer.append(field)
    }

    private func appendElement(
        _ name: StaticString, _ index: Int, to writer: inout ByteWriter
    ) {
        if writer.count > 0 { writer.append(".") }
        writer.append(name)
        writer.append("[")
        writer.appendDecimal(Int64(index))
        writer.append("]")
    }
}
