// SPDX-License-Identifier: Apache-2.0

/// Why a journal can't be read on, or at all.
public struct JournalFault: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Kind: Hashable, Sendable {
        /// The journal's bytes aren't what was written: acknowledged data is damaged or missing.
        case corrupt(Damage)
        /// The storage failed.
        case unreadable(StoreError)
    }

    /// How a journal is damaged.
    public enum Damage: Hashable, Sendable {
        /// A block is broken and a whole one lies behind it, so it had been written whole.
        case brokenBlock(witnessSegment: UInt64, witnessOffset: Int)
        /// A whole block that doesn't belong where it lies.
        case misplacedBlock(number: UInt64, expected: UInt64)
        /// A segment's file isn't there.
        case missingSegment
        /// A segment's file isn't as long as it was made.
        case wrongLength(byteCount: Int, expected: Int)
        /// A segment that doesn't follow the one before it: blocks between them are missing.
        case doesNotFollow(firstBlock: UInt64, expected: UInt64)
        /// A segment's blocks end before the next segment's begin: what lies here is broken or missing.
        case endsEarly(expected: UInt64, nextFirstBlock: UInt64)
        /// A segment of another journal, or under another's name.
        case foreignSegment
        /// A block whose checksum is right and whose records don't fit into it.
        case malformedRecords
        /// A block that was told to be durable isn't where it belongs, or isn't whole there.
        case missingBlock(expected: UInt64, durableSequence: UInt64)
    }

    /// What is wrong.
    public var kind: Kind
    /// In which segment.
    public var segment: UInt64
    /// Where in it, in bytes.
    public var offset: Int

    /// Names each part.
    public init(_ kind: Kind, segment: UInt64, offset: Int) {
        self.kind = kind
        self.segment = segment
        self.offset = offset
    }

    /// Whether the journal is damaged, and not only out of reach.
    public var isCorruption: Bool {
        if case .corrupt = kind { true } else { false }
    }

    /// What is wrong, where, and what to do, in words.
    public var explanation: String {
        let file = SegmentFile.segment(segment).name
        switch kind {
        case .unreadable(let error): return error.explanation
        case .corrupt(let damage):
            return "the journal is damaged: \(file), byte \(offset): "
                + JournalFault.sentence(damage)
                + ". Nothing was changed. Answers that were given may be missing from here on, so "
                + "this isn't cut off silently: keep the directory as it is, and bring the file "
                + "back from a copy of the disk or a backup"
        }
    }

    private static func sentence(_ damage: Damage) -> String {
        switch damage {
        case .brokenBlock(let segment, let offset):
            "a block is broken, though a whole one lies behind it "
                + "(\(SegmentFile.segment(segment).name), byte \(offset))"
        case .misplacedBlock(let number, let expected):
            "block \(number) lies where block \(expected) belongs, or names another as the one "
                + "before it"
        case .missingSegment: "the file is missing"
        case .wrongLength(let byteCount, let expected):
            "the file has \(byteCount) bytes and was made with \(expected)"
        case .doesNotFollow(let firstBlock, let expected):
            "it begins with block \(firstBlock), and the one before it ends where block "
                + "\(expected) should come"
        case .endsEarly(let expected, let next):
            "block \(expected) is broken or missing here, and the next file begins with block \(next)"
        case .foreignSegment: "the file belongs to another journal, or had another name"
        case .malformedRecords: "a block's records don't fill it exactly"
        case .missingBlock(let expected, let durable):
            "block \(expected) is broken or missing here, though everything up to record "
                + "\(durable) was durable"
        }
    }
}
