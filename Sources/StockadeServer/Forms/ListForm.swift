// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// The rules for lists: what may be asked for, how much at once, and where to go on.
extension Form {
    /// A code that may be left out.
    static func optionalCode(
        _ range: ByteRange, _ field: StaticString, in message: Span<UInt8>
    ) throws(FormFault) {
        if !range.isEmpty { try code(range, field, in: message) }
    }

    /// The number of entries of a page.
    static func pageSize(_ size: UInt32) throws(FormFault) -> Int {
        guard size <= UInt32(AnswerLimits.pageSizeMax)
        else { throw FormFault("page_size", "must be 0 to 1000") }
        return size == 0 ? AnswerLimits.pageSizeDefault : Int(size)
    }

    /// A moment that a list begins or ends at; nil: it wasn't given.
    static func moment(_ milliseconds: Int64, _ field: StaticString) throws(FormFault) -> WallTime?
    {
        guard milliseconds >= 0 else { throw FormFault(field, "must be 0 or more") }
        return milliseconds == 0 ? nil : WallTime(milliseconds: milliseconds)
    }

    /// The place at which a page begins; 0: at the beginning.
    static func place(
        _ token: ByteRange, filter: UInt64, tokens: PageToken, in message: Span<UInt8>
    ) throws(FormFault) -> UInt64 {
        if token.isEmpty { return 0 }
        guard let place = tokens.place(of: token, filter: filter, in: message) else {
            throw FormFault(
                "page_token",
                "isn't one of this list's and of this run of the server; begin again without one")
        }
        return place
    }
}
