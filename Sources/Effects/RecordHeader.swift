// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// What a record says happened.
public enum RecordType: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// A code got its number.
    case define = 1
    /// An absolute stock figure was applied.
    case setStock = 2
    /// A stock figure was changed by a difference.
    case adjustStock = 3
    /// A hold was granted.
    case reserve = 4
    /// A hold became an order.
    case confirm = 5
    /// A hold was given back by its owner.
    case release = 6
    /// A hold was given back by its deadline.
    case expire = 7
    /// An order was made at once, without a hold.
    case order = 8
    /// One or more holds became one order.
    case orderFromHolds = 9
    /// An order was cancelled, in part or in whole.
    case cancel = 10
    /// A hold's deadline was moved.
    case extend = 11
    /// What is kept of an account, and when to warn, was set.
    case setPolicy = 12
    /// Units moved from one warehouse to another.
    case transfer = 13
}

/// The 16 bytes that every record begins with, little endian:
/// length u16 (of the whole record, a multiple of 8), type u8, version u8, tick i32 and wall
/// milliseconds i32 (both relative to the block that the record lies in), brand u32.
public enum RecordHeader {
    /// Length of the header, in bytes.
    public static let byteCount = 16
    /// The form of records written now.
    public static let version: UInt8 = 1
    /// No record is longer: making an order of 16 holds with 500 legs on 500 accounts takes 20,376
    /// bytes.
    public static let recordByteCountMax = 20 * 1024

    /// Begins a record in an emptied writer.
    public static func begin(
        _ type: RecordType, brand: UInt32, into record: inout ByteWriter
    ) {
        record.removeAll()
        record.append(littleEndian: UInt16(0))
        record.append(type.rawValue)
        record.append(version)
        record.append(littleEndian: UInt64(0))
        record.append(littleEndian: brand)
    }

    /// Pads the record to a multiple of 8 bytes and writes its length.
    public static func end(_ record: inout ByteWriter) {
        while record.count % 8 != 0 { record.append(UInt8(0)) }
        precondition(!record.overflowed && record.count <= recordByteCountMax)
        record[0] = UInt8(truncatingIfNeeded: record.count)
        record[1] = UInt8(truncatingIfNeeded: record.count >> 8)
    }
}
