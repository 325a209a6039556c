// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// An id as a brand's client made it. Reservations, orders and requests have a table each: the same
/// bytes in two of them are two things.
struct EntryKey: Hashable {
    var id: ClientID
    var brand: UInt32
}

extension ClientID {
    /// The 16 bytes as 32 hex digits, lower case.
    var hex: String { high.hex + low.hex }
}

extension UInt64 {
    /// 16 hex digits, lower case.
    var hex: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
