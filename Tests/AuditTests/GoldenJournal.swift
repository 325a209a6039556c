// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives

@testable import Audit

/// Journals that every version must read, in `Protocols/golden/journal`.
enum GoldenJournal {
    /// `Protocols/golden/journal`
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocols/golden/journal")

    /// The segments of a folder, filled up with the zeroes that they are stored without.
    static func segments(_ name: String) throws -> [UInt64: [UInt8]] {
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appending(path: name), includingPropertiesForKeys: nil)
        var segments: [UInt64: [UInt8]] = [:]
        var byteCount = 0
        let ordered = files.filter { $0.pathExtension == "seg" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        for file in ordered {
            guard case .segment(let number) = SegmentFile(name: file.lastPathComponent)
            else { throw CocoaError(.fileReadInvalidFileName) }
            var bytes = [UInt8](try Data(contentsOf: file))
            // One that wasn't begun is as long as the one before it.
            if bytes.count > 48 {
                byteCount = Int(bytes.span.littleEndian(UInt64.self, at: 40))
            }
            bytes.append(contentsOf: repeatElement(0, count: byteCount - bytes.count))
            segments[number] = bytes
        }
        return segments
    }

    /// The lines of a file beside the folders.
    static func lines(_ name: String) throws -> [String] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    /// Audits segments to their end.
    static func audit(
        _ segments: [UInt64: [UInt8]], keepsForgotten: Bool = false
    ) throws -> (summary: AuditSummary, violations: [Violation], dump: [String]) {
        var audit = JournalAudit(
            retentionMilliseconds: 86_400_000, keepsForgotten: keepsForgotten)
        var scan = try JournalScan(MemoryStore(files: segments))
        try audit.read(&scan) { _, _, _ in }
        var bytes: [UInt8] = []
        audit.dump { span in
            for index in 0..<span.count { bytes.append(span[index]) }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return (audit.summary(), audit.violations, text.split(separator: "\n").map(String.init))
    }
}
