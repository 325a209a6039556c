// SPDX-License-Identifier: Apache-2.0

/// A file of the journal: a segment, or one that is being prepared under a name of its own.
public enum SegmentFile: Hashable, Sendable {
    /// Not yet filled and flushed; gone after a restart.
    case draft(UInt64)
    /// Part of the journal.
    case segment(UInt64)

    /// Its number.
    public var number: UInt64 {
        switch self {
        case .draft(let number), .segment(let number): number
        }
    }

    /// Its name in the journal's directory: 16 hexadecimal digits and an ending.
    public var name: String {
        let digits = String(number, radix: 16)
        let zeroes = String(repeating: "0", count: 16 - digits.count)
        switch self {
        case .draft: return "\(zeroes)\(digits).new"
        case .segment: return "\(zeroes)\(digits).seg"
        }
    }

    /// Reads a name; nil for files that aren't the journal's.
    public init?(name: String) {
        guard name.utf8.count == 20,
            name.utf8.prefix(16).allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }),
            let number = UInt64(name.prefix(16), radix: 16)
        else { return nil }
        switch name.suffix(4) {
        case ".seg": self = .segment(number)
        case ".new": self = .draft(number)
        default: return nil
        }
    }
}
