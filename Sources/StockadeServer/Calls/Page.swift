// SPDX-License-Identifier: Apache-2.0

/// How far a page has come: it ends when it has as many entries as were asked for, when its answer
/// might outgrow its bound, or when it has searched long enough.
struct Page {
    private var left: Int
    private var searchesLeft = AnswerLimits.emptySearchesMax
    private let entryByteCountMax: Int
    /// What must be durable before the page may leave.
    private(set) var sequence: UInt64 = 0

    init(size: Int, entryByteCountMax: Int) {
        left = size
        self.entryByteCountMax = entryByteCountMax
    }

    /// How many entries the next search may find; nil: the page ends.
    func limit(after byteCount: Int) -> Int? {
        guard left > 0, searchesLeft > 0 else { return nil }
        let room = AnswerLimits.answerByteCountMax - AnswerLimits.pageEndByteCountMax - byteCount
        let fitting = room / entryByteCountMax
        return fitting > 0 ? min(left, fitting) : nil
    }

    /// A search is over; what it looked at must be durable before the page leaves.
    mutating func noteSearch(limit: Int, found: Int, sequence: UInt64) {
        if found < limit { searchesLeft -= 1 }
        noteRead(sequence: sequence)
    }

    /// Something was read, and perhaps left out.
    mutating func noteRead(sequence: UInt64) { self.sequence = max(self.sequence, sequence) }

    mutating func noteEntry() { left -= 1 }
}
