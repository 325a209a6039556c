// SPDX-License-Identifier: Apache-2.0

/// A journal's bounds.
public struct JournalConfiguration: Sendable {
    /// What new reservations and figures may make of the journal, in bytes; ends of what is live go
    /// beyond it where they must.
    public var journalByteCountMax = JournalLimits.journalByteCount
    /// A segment's length where there is room.
    public var segmentByteCountMax = JournalLimits.segmentByteCountMax
    /// A segment's length where there isn't.
    public var segmentByteCountMin = JournalLimits.segmentByteCountMin

    /// The defaults; a small `journalByteCountMax` makes smaller segments.
    public init(journalByteCountMax: Int = JournalLimits.journalByteCount) {
        self.journalByteCountMax = journalByteCountMax
        let eighth = journalByteCountMax / 8 / JournalLimits.preparationByteCount
        segmentByteCountMax = max(
            min(
                eighth * JournalLimits.preparationByteCount,
                JournalLimits.segmentByteCountMax),
            JournalLimits.segmentByteCountMin)
    }
}
