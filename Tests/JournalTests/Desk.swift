// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives

/// A journal in a directory, written a step at a time by one thread.
struct Desk {
    static let identity = JournalIdentity(
        uuid: ClientID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
        hashKeyLow: 11, hashKeyHigh: 22)

    let store: FileStore
    let journal: Journal<FileStore>
    /// Where it ended before.
    let end: JournalEnd

    /// Opens what is there, as a server does.
    init(_ directory: TemporaryDirectory, tick: UInt64 = 1_000) throws {
        store = try FileStore(directory: directory.path, access: .readWrite)
        try store.discardDrafts()
        var scan = try JournalScan(store)
        while try scan.next() != nil {}
        guard let end = scan.end else { preconditionFailure("a scan ends") }
        self.end = end
        journal = try Journal.begin(
            store, queue: CommitQueue(journalByteCountMax: 64 << 20),
            identity: scan.identity ?? Desk.identity, end: end,
            configuration: Desk.configuration,
            tick: max(Tick(milliseconds: tick), end.highestTick),
            wall: WallTime(milliseconds: 1_700_000_000_000))
    }

    /// The smallest segments, so that a test can fill them.
    static var configuration: JournalConfiguration {
        JournalConfiguration(journalByteCountMax: 64 << 20)
    }

    /// Appends a record of `count` bytes in all, filled with its own sequence's low byte.
    @discardableResult
    func append(_ count: Int = 88, tick: UInt64 = 1_000, wall: Int64 = 1_700_000_000_000)
        -> UInt64
    {
        var record = ByteWriter(capacity: 32 << 10)
        record.append(littleEndian: UInt16(count))
        while record.count < 16 { record.append(UInt8(0)) }
        while record.count < count { record.append(UInt8(truncatingIfNeeded: count)) }
        precondition(journal.queue.takeRoom(count))
        return journal.queue.append(
            record, tick: Tick(milliseconds: tick), wall: WallTime(milliseconds: wall))
    }

    /// Commits what waits.
    func commit() throws -> CommitWriter<FileStore>.Step { try journal.commitStep() }

    /// Writes a seal.
    func seal(tick: UInt64 = 1_000) throws -> Bool {
        try journal.sealStep(
            tick: Tick(milliseconds: tick), wall: WallTime(milliseconds: 1_700_000_000_000))
    }
}

/// What a scan of a directory finds.
struct Found {
    var blocks: [JournalBlock] = []
    var records: [RecordPosition] = []
    var lengths: [Int] = []
    var end: JournalEnd?
    var fault: JournalFault?

    init(_ directory: TemporaryDirectory) throws {
        let store = try FileStore(directory: directory.path, access: .readOnly)
        do throws(JournalFault) {
            var scan = try JournalScan(store)
            while let block = try scan.next() {
                blocks.append(block)
                var positions: [RecordPosition] = []
                var counts: [Int] = []
                scan.forEachRecord { bytes, position in
                    positions.append(position)
                    counts.append(bytes.count)
                }
                records += positions
                lengths += counts
            }
            end = scan.end
        } catch { fault = error }
    }
}
