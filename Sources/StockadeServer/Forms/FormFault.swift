// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// What is wrong with a field, found without looking at any state.
struct FormFault: Error {
    /// INVALID_FIELD or QTY_OUT_OF_RANGE.
    var reason: Reason
    /// The field's path in the request; of a line's field, from the line on.
    var field: StaticString
    /// Index of the line, or -1 when the field isn't a line's.
    var line = -1
    /// What it must be, for the person who reads the message.
    var rule: StaticString

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
}
