// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A segment that lies in the journal's directory.
public struct SegmentListing: Hashable, Sendable {
    /// Its number.
    public var number: UInt64
    /// Its length, in bytes.
    public var byteCount: Int

    /// Names each part.
    public init(number: UInt64, byteCount: Int) {
        self.number = number
        self.byteCount = byteCount
    }
}

/// Where segments lie: a directory, or the simulation of one.
///
/// What was written is durable once its file was flushed, a name once the directory was. After any
/// error the journal writes nothing more: a failed flush says nothing about what reached the disk,
/// and asking again would say "fine". Two threads use it at once, never the same file.
public protocol BlockStore: Sendable {
    /// The journal's segments, ascending; drafts aren't among them.
    func segments() throws(StoreError) -> [SegmentListing]

    /// Reads up to `range.count` bytes from `offset` of a segment into `range` of `buffer`; answers
    /// how many there were before the file's end.
    func read(
        _ number: UInt64, at offset: Int, into buffer: borrowing PageBuffer, range: Range<Int>
    ) throws(StoreError) -> Int

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: Span<UInt8>, to file: SegmentFile, at offset: Int) throws(StoreError)

    /// Makes what was written to a file durable.
    func flush(_ file: SegmentFile) throws(StoreError)

    /// Makes an empty draft, in the place of one that was there.
    func createDraft(_ number: UInt64) throws(StoreError)

    /// Gives a draft its name as a segment.
    func publishDraft(_ number: UInt64) throws(StoreError)

    /// Removes a draft, if there is one.
    func discardDraft(_ number: UInt64) throws(StoreError)

    /// Removes all drafts that an earlier server left.
    func discardDrafts() throws(StoreError)

    /// Makes the directory's names durable.
    func flushDirectory() throws(StoreError)

    /// Bytes that may still be taken.
    func freeByteCount() throws(StoreError) -> Int
}
