// SPDX-License-Identifier: Apache-2.0

/// Every bound of the journal with its reason. Times are nanoseconds, sizes bytes.
public enum JournalLimits {
    /// One of the two buffers that decisions append to: 47,000 one-line reservations. At 100,000 a
    /// second that bridges a disk that stands still for 0.4 s; then JOURNAL_STALLED.
    public static let bufferByteCount = 4 << 20
    /// A segment's length, where there is room: long enough that preparing and switching are rare.
    public static let segmentByteCountMax = 64 << 20
    /// A segment's length at least: a full buffer must fit into an empty one, and waste little.
    public static let segmentByteCountMin = 8 << 20
    /// Segments that lie ready in any case: while one is prepared there is another.
    public static let readySegments = 2
    /// Segments that are prepared while nothing else goes on: half a gigabyte, six million one-line
    /// reservations, so that a rush doesn't pay for them (8 % of a core when it does).
    public static let readySegmentsWhenIdle = 8
    /// The journal counts as idle when no more blocks than this came in `idleProbe`.
    static let idleBlocksMax = 2
    /// How long to look whether the journal is idle.
    static let idleProbe: UInt64 = 100_000_000
    /// Zeroes written and flushed at a time, so that a commit never waits behind more than that.
    static let preparationByteCount = 1 << 20
    /// Pause between two such pieces while there is a ready segment: at most 250 MB/s go into it.
    static let preparationPause: UInt64 = 4_000_000
    /// After the disk was full, when to look again.
    static let fullDiskPause: UInt64 = 1_000_000_000
    /// Left free for others when segments are prepared.
    static let freeByteCountMin = 2 << 20
    /// How long records wait at most for somebody to submit them: 2 ms.
    static let submissionDelay: UInt64 = 2_000_000
    /// When nothing has come for so long, a seal follows the last block: 10 ms.
    static let sealDelay: UInt64 = 10_000_000
    /// While holds live, a tick is written at least so often: a crash prolongs a hold by at most that.
    static let tickInterval: UInt64 = 1_000_000_000
    /// Segments of one journal; more than fit on a disk.
    static let segmentsMax = 1 << 20
    /// `--journal-max`, unless configured.
    public static let journalByteCount = 8 << 30
    /// The least that `--journal-max` may be: room for a few hundred records.
    public static let journalByteCountMin = 1 << 20
}
