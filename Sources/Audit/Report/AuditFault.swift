// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Journal

/// Why an audit couldn't reach the end of the journal.
public enum AuditFault: Error, Sendable {
    /// The journal is damaged, or the storage failed.
    case journal(JournalFault)
    /// A block is whole and a record in it makes no sense.
    case record(RecordError, sequence: UInt64, segment: UInt64, offset: Int)

    /// The tables in Postgres couldn't be compared to the end.
    case tables(TableFault)

    /// Whether the journal is damaged, and not only out of reach.
    public var isCorruption: Bool {
        switch self {
        case .journal(let fault): fault.isCorruption
        case .record: true
        case .tables: false
        }
    }

    /// What is wrong, where, and what to do.
    public var explanation: String {
        switch self {
        case .journal(let fault): return fault.explanation
        case .tables(let fault): return fault.explanation
        case .record(let error, let sequence, let segment, let offset):
            let place =
                "\(SegmentFile.segment(segment).name), block at byte \(offset), record \(sequence)"
            switch error.code {
            case .type(let type):
                return "the journal can't be read on: \(place) has the unknown type \(type). A "
                    + "later version wrote it: check it with that version"
            case .version(let version):
                return "the journal can't be read on: \(place) has the unknown form \(version). A "
                    + "later version wrote it: check it with that version"
            case .length:
                return "the journal is damaged: \(place) ends before its fields do. Nothing was "
                    + "changed: keep the directory as it is, and bring the file back from a copy "
                    + "of the disk or a backup"
            }
        }
    }
}
