// SPDX-License-Identifier: Apache-2.0

import Journal

/// What a projector is told of a journal.
struct JournalFacts: Sendable {
    var path: String
    var identity: JournalIdentity
    var epoch: UInt64
    var lastSequence: UInt64 = 0
    var usedByteCount = 0

    /// Reads a journal that nobody writes to its end.
    static func read(at path: String) throws -> JournalFacts {
        let directory = try DataDirectory(path, lock: .shared)
        let store = try FileStore(directory: directory.journalPath, access: .readOnly)
        var scan = try JournalScan(store)
        while try scan.next() != nil {}
        guard let end = scan.end, let identity = scan.identity, end.lastSequence > 0 else {
            throw BenchFault(description: "\(path) has no records")
        }
        return JournalFacts(
            path: directory.journalPath, identity: identity, epoch: end.epoch,
            lastSequence: end.lastSequence, usedByteCount: end.usedByteCount)
    }
}

/// Why there is no measurement.
struct BenchFault: Error, CustomStringConvertible {
    var description: String
}
