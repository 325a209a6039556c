// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A hold that becomes part of an order, as records have it: 20 bytes, id 16, legs u32.
public struct RecordHold: Hashable, Sendable, BitwiseCopyable {
    /// Bytes that it takes.
    public static let byteCount = 20

    /// The hold's id.
    public var reservation: ClientID
    /// How many of the record's legs are its own: they follow those of the hold before.
    public var legCount: UInt32

    /// Names both.
    public init(reservation: ClientID, legCount: UInt32) {
        self.reservation = reservation
        self.legCount = legCount
    }
}

extension ByteWriter {
    /// Appends a hold's 20 bytes.
    public mutating func append(_ hold: RecordHold) {
        append(hold.reservation)
        append(littleEndian: hold.legCount)
    }
}
