// SPDX-License-Identifier: Apache-2.0

/// Sizes and marks of the journal's files, as `Protocols/journal.md` describes them.
public enum JournalFormat {
    /// Everything is written in whole sectors: what a disk may tear is smaller than a block then.
    public static let sectorByteCount = 4_096
    /// The format of segments and blocks written now.
    public static let version: UInt16 = 1
    /// "SKSG", least significant byte first.
    static let segmentMagic: UInt32 = 0x4753_4b53
    /// "SKBK", least significant byte first.
    static let blockMagic: UInt32 = 0x4b42_4b53
    /// Bytes of a segment's header that mean something; the rest of its sector is zero.
    public static let segmentHeaderByteCount = 128
    /// Bytes of a block's header.
    public static let blockHeaderByteCount = 64
    /// Bytes at the begin of a block's body: the tick and the wall milliseconds that its records
    /// count from.
    public static let baseByteCount = 16
    /// Bytes that every record begins with: length u16, two bytes of its own, tick i32 and wall
    /// milliseconds i32 relative to the base, and four bytes more of its own.
    static let recordHeaderByteCount = 16
    /// Where a record's tick lies.
    static let recordTickOffset = 4
    /// Where a record's wall milliseconds lie.
    static let recordWallOffset = 8
    /// A longer body isn't read: no writer makes one.
    static let bodyByteCountMax = JournalLimits.bufferByteCount
    /// The flag of a block without records, which seals what lies before it.
    static let sealFlag: UInt16 = 1

    /// `count` rounded up to whole sectors.
    static func padded(_ count: Int) -> Int {
        (count + sectorByteCount - 1) / sectorByteCount * sectorByteCount
    }
}
