// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives

/// Journals that every version must read, in `Protocols/golden/journal`, as files of their full
/// length; gone when it is.
final class GoldenJournal {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocols/golden/journal")

    private let place: URL

    init(_ name: String) throws {
        place = FileManager.default.temporaryDirectory
            .appending(path: "golden-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let files = try FileManager.default.contentsOfDirectory(
            at: GoldenJournal.folder.appending(path: name), includingPropertiesForKeys: nil)
        var byteCount: UInt64 = 0
        for file in files.sorted(by: { $0.lastPathComponent < $1.lastPathComponent })
        where file.pathExtension == "seg" {
            let bytes = [UInt8](try Data(contentsOf: file))
            // One that wasn't begun is as long as the one before it.
            if bytes.count > 48 { byteCount = bytes.span.littleEndian(UInt64.self, at: 40) }
            let copy = place.appending(path: file.lastPathComponent)
            try Data(bytes).write(to: copy)
            // Stored without the zeroes behind its last block.
            let handle = try FileHandle(forWritingTo: copy)
            try handle.truncate(atOffset: byteCount)
            try handle.close()
        }
    }

    deinit { try? FileManager.default.removeItem(at: place) }

    /// All its records, as a tail lends them.
    func records(from sequence: UInt64 = 1) throws -> [SampleRecord] {
        let store = try FileStore(directory: place.path, access: .readOnly)
        var scan = try JournalScan(store)
        while try scan.next() != nil {}
        let last = scan.end?.lastSequence ?? 0
        var tail = try JournalTail(store, from: sequence)
        var records: [SampleRecord] = []
        while try tail.next(upTo: last) != nil {
            tail.visitRecords { bytes, position in
                var copy: [UInt8] = []
                for index in 0..<bytes.count { copy.append(bytes[index]) }
                records.append(SampleRecord(bytes: copy, position: position))
                return .next
            }
        }
        return records
    }
}

/// A record and its place.
struct SampleRecord {
    var bytes: [UInt8]
    var position: RecordPosition
}
