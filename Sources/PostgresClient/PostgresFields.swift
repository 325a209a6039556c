// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Takes values in Postgres's binary form, one after the other: a field is its length and then its
/// bytes. The column it goes to must be of the type that the label names; nothing converts.
public protocol PostgresFields: ~Copyable {
    /// Begins a field of `byteCount` bytes, which follow; -1 is null and has none.
    mutating func beginField(_ byteCount: Int32)
    /// Continues the field with an integer, most significant byte first.
    mutating func continueField<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value)
    /// Continues the field with bytes.
    mutating func continueField(_ bytes: Span<UInt8>)
}

extension PostgresFields where Self: ~Copyable {
    /// No value.
    public mutating func appendNull() {
        beginField(-1)
    }

    /// True or false.
    public mutating func append(bool value: Bool) {
        beginField(1)
        continueField(value ? 1 : 0 as UInt8)
    }

    /// 16 bits.
    public mutating func append(int2 value: Int16) {
        beginField(2)
        continueField(value)
    }

    /// 32 bits.
    public mutating func append(int4 value: Int32) {
        beginField(4)
        continueField(value)
    }

    /// 64 bits.
    public mutating func append(int8 value: Int64) {
        beginField(8)
        continueField(value)
    }

    /// UTF-8 bytes, which have no zero among them.
    public mutating func append(text bytes: Span<UInt8>) {
        beginField(Int32(bytes.count))
        continueField(bytes)
    }

    /// Text.
    public mutating func append(text: String) {
        // Native strings have their UTF-8 at hand; others are made native first.
        var text = text
        text.makeContiguousUTF8()
        append(text: text.utf8.span)
    }

    /// Bytes.
    public mutating func append(bytea bytes: Span<UInt8>) {
        append(text: bytes)
    }

    /// A client's 16 bytes.
    public mutating func append(uuid id: ClientID) {
        beginField(16)
        continueField(id.high)
        continueField(id.low)
    }

    /// A moment.
    public mutating func append(timestamptz time: WallTime) {
        beginField(8)
        continueField(PostgresTime.microseconds(time))
    }

    /// A number without a fraction: of `numeric(20,0)`, what 64 bits without a sign hold.
    public mutating func append(numeric value: UInt64) {
        // Digits to the base 10,000, the highest first: five are enough for 2^64.
        var digits = InlineArray<5, Int16>(repeating: 0)
        var count = 0
        var rest = value
        while rest > 0 {
            digits[count] = Int16(rest % 10_000)
            rest /= 10_000
            count += 1
        }
        // Postgres leaves zeroes at the end out; the weight says what they were.
        var first = 0
        while first < count, digits[first] == 0 { first += 1 }
        beginField(Int32(8 + 2 * (count - first)))
        continueField(Int16(count - first))
        continueField(Int16(max(count - 1, 0)))
        // Positive, no digit behind the point.
        continueField(0 as Int32)
        var index = count
        while index > first {
            index -= 1
            continueField(digits[index])
        }
    }
}

/// Postgres's count of time.
enum PostgresTime {
    /// 2000-01-01T00:00:00Z in Unix milliseconds.
    private static let beginning: Int64 = 946_684_800_000

    /// Microseconds since 2000. A wall time has 48 bits, so this can't overflow.
    static func microseconds(_ time: WallTime) -> Int64 {
        (time.milliseconds - beginning) * 1_000
    }

    /// The wall time; before 1970 it is 1970, and `infinity` is as late as can be.
    static func wallTime(microseconds: Int64) -> WallTime {
        let (sum, overflow) = (microseconds / 1_000).addingReportingOverflow(beginning)
        return WallTime(milliseconds: overflow ? .max : sum)
    }
}
