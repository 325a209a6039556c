// SPDX-License-Identifier: Apache-2.0

/// A proto3 enum field: any 32-bit number may stand there, known or not, and is passed on as it is.
///
/// `Known` lists the values of today, so whoever decides on one switches exhaustively.
public struct OpenEnum<Known: RawRepresentable<UInt8> & Sendable>: Hashable, Sendable,
    BitwiseCopyable
{
    /// The number on the wire; 0 when the field is absent.
    public var rawValue: Int32

    /// Makes a field of a number from the wire.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Makes a field of a known value.
    public init(_ known: Known) {
        rawValue = Int32(known.rawValue)
    }

    /// The value, or nil when this version doesn't know the number.
    public var known: Known? {
        guard let narrow = UInt8(exactly: rawValue) else { return nil }
        return Known(rawValue: narrow)
    }
}
