// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Fills segments with zeroes before they are needed, a piece at a time, so that a commit finds file
/// space that was allocated and written once. One thread.
struct SegmentPreparer<Store: BlockStore>: ~Copyable, Sendable {
    /// What a step did.
    enum Step: Hashable {
        /// Enough is ready.
        case idle
        /// A piece was written; there is more to do.
        case worked
        /// A segment is ready now.
        case finished(SegmentListing)
        /// There is no space on the disk for another one.
        case noSpace
    }

    private let store: Store
    private let segmentByteCountMax: Int
    private let segmentByteCountMin: Int
    private let journalByteCountMax: Int
    private let zeroes: PageBuffer
    /// The number of the next segment.
    private var next: UInt64
    private var draft: SegmentListing?
    private var written = 0

    init(
        _ store: Store, next: UInt64, _ configuration: JournalConfiguration
    ) {
        self.store = store
        self.next = next
        segmentByteCountMax = configuration.segmentByteCountMax
        segmentByteCountMin = configuration.segmentByteCountMin
        journalByteCountMax = configuration.journalByteCountMax
        zeroes = PageBuffer(
            count: min(JournalLimits.preparationByteCount, segmentByteCountMin))
    }

    /// How many segments an idle journal keeps ready: they take an eighth of what the journal may
    /// take and a sixteenth of what is free at most.
    func wantedWhenIdle() throws(StoreError) -> Int {
        let space = min(journalByteCountMax / 8, try store.freeByteCount() / 16)
        return min(
            max(space / segmentByteCountMax, JournalLimits.readySegments),
            JournalLimits.readySegmentsWhenIdle)
    }

    /// Does one piece of work towards the next segment, if `ready` are fewer than `wanted`.
    ///
    /// - Throws: when the disk fails. A full disk isn't a failure.
    mutating func step(ready: Int, wanted: Int) throws(StoreError) -> Step {
        do {
            if let draft { return try fill(draft) }
            guard ready < wanted else { return .idle }
            guard let byteCount = try byteCountOfNext() else { return .noSpace }
            try store.createDraft(next)
            draft = SegmentListing(number: next, byteCount: byteCount)
            written = 0
            return .worked
        } catch {
            guard error.isFull else { throw error }
            // Somebody else took the space meanwhile.
            if let draft { try store.discardDraft(draft.number) }
            draft = nil
            return .noSpace
        }
    }

    private mutating func fill(_ draft: SegmentListing) throws(StoreError) -> Step {
        let count = min(zeroes.count, draft.byteCount - written)
        try zeroes.withBytes(0..<count) { (bytes) throws(StoreError) in
            try store.write(bytes, to: .draft(draft.number), at: written)
        }
        try store.flush(.draft(draft.number))
        written += count
        guard written == draft.byteCount else { return .worked }
        try store.publishDraft(draft.number)
        try store.flushDirectory()
        self.draft = nil
        next += 1
        return .finished(draft)
    }

    /// An eighth of what is free, within the bounds: on a small disk many small ones, so that little
    /// is left unused.
    private func byteCountOfNext() throws(StoreError) -> Int? {
        let free = try store.freeByteCount() - JournalLimits.freeByteCountMin
        guard free >= segmentByteCountMin else { return nil }
        let wanted = max(min(free / 8, segmentByteCountMax), segmentByteCountMin)
        return wanted / zeroes.count * zeroes.count
    }
}
