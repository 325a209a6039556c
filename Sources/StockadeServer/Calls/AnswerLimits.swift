// SPDX-License-Identifier: Apache-2.0

/// The bounds of requests and answers that hold many things.
enum AnswerLimits {
    /// Keys of a BatchGetStock, items of a BatchReserve.
    static let itemsMax = 1_000
    /// Lines of all items of a BatchReserve.
    static let batchLinesMax = 10_000
    /// Entries of a page.
    static let pageSizeMax = 1_000
    /// Entries of a page whose request says 0.
    static let pageSizeDefault = 100
    /// Bytes of an answer: half of what a stock client takes. A BatchReserve of all that one may
    /// carry, each line in one warehouse with the longest codes, answers with 1.4 MB.
    static let answerByteCountMax = 2 << 20
    /// Bytes that one reservation takes in an answer: 500 allocations, with a line for each.
    static let reservationByteCountMax = 64 << 10
    /// Bytes that one order takes in an answer: 500 lines with two codes, and 16 ids.
    static let orderByteCountMax = 96 << 10
    /// Bytes of what stands behind a page's entries.
    static let pageEndByteCountMax = 64
    /// Bytes that a refused item takes in an answer.
    static let refusedItemByteCountMax = 256
    /// Searches of a page that find fewer than they may, each 4,096 places of a table: the page
    /// ends then, so that one call takes milliseconds however few match.
    static let emptySearchesMax = 8
}
