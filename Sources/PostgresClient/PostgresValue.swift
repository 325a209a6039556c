// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A parameter of a statement: a type and its binary form, or null.
public struct PostgresValue: Sendable, Equatable {
    /// The type's number.
    let type: UInt32
    /// nil: null.
    let bytes: [UInt8]?

    private init(_ type: UInt32, _ bytes: [UInt8]?) {
        self.type = type
        self.bytes = bytes
    }

    /// No value of a type.
    public static func null(_ type: PostgresType) -> PostgresValue {
        PostgresValue(type.rawValue, nil)
    }

    /// True or false.
    public static func bool(_ value: Bool) -> PostgresValue {
        PostgresValue(.bool) { $0.append(bool: value) }
    }

    /// 16 bits.
    public static func int2(_ value: Int16) -> PostgresValue {
        PostgresValue(.int2) { $0.append(int2: value) }
    }

    /// 32 bits.
    public static func int4(_ value: Int32) -> PostgresValue {
        PostgresValue(.int4) { $0.append(int4: value) }
    }

    /// 64 bits.
    public static func int8(_ value: Int64) -> PostgresValue {
        PostgresValue(.int8) { $0.append(int8: value) }
    }

    /// Text.
    public static func text(_ value: String) -> PostgresValue {
        PostgresValue(.text) { $0.append(text: value) }
    }

    /// Bytes.
    public static func bytea(_ bytes: Span<UInt8>) -> PostgresValue {
        PostgresValue(.bytea) { $0.append(bytea: bytes) }
    }

    /// A client's 16 bytes.
    public static func uuid(_ id: ClientID) -> PostgresValue {
        PostgresValue(.uuid) { $0.append(uuid: id) }
    }

    /// A moment.
    public static func timestamptz(_ time: WallTime) -> PostgresValue {
        PostgresValue(.timestamptz) { $0.append(timestamptz: time) }
    }

    /// A number without a fraction or a sign.
    public static func numeric(_ value: UInt64) -> PostgresValue {
        PostgresValue(.numeric) { $0.append(numeric: value) }
    }

    /// An array; copies it. One that overflowed is a mistake of the caller's.
    public static func array(_ writer: borrowing ArrayWriter) -> PostgresValue {
        precondition(!writer.overflowed)
        return PostgresValue(
            writer.element.arrayNumber, writer.withBytes { PostgresValue.copy($0, from: 0) })
    }

    private init(_ type: PostgresType, _ write: (inout FieldBytes) -> Void) {
        var field = FieldBytes()
        write(&field)
        self.init(type.rawValue, field.bytes)
    }

    fileprivate static func copy(_ bytes: Span<UInt8>, from start: Int) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // SAFETY: copied during the call.
            unsafe Array(buffer[start...])
        }
    }

    /// One field's bytes without their length.
    private struct FieldBytes: ~Copyable, PostgresFields {
        var bytes: [UInt8] = []

        mutating func beginField(_ byteCount: Int32) {
            bytes.reserveCapacity(Int(byteCount))
        }

        mutating func continueField<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
            for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            }
        }

        mutating func continueField(_ more: Span<UInt8>) {
            bytes += PostgresValue.copy(more, from: 0)
        }
    }
}
