// SPDX-License-Identifier: Apache-2.0

/// The types that go to Postgres and come back, by their numbers in every Postgres.
public enum PostgresType: UInt32, Sendable, CaseIterable {
    /// True or false.
    case bool = 16
    /// Bytes.
    case bytea = 17
    /// 64 bits, signed.
    case int8 = 20
    /// 16 bits, signed.
    case int2 = 21
    /// 32 bits, signed.
    case int4 = 23
    /// UTF-8 without zeroes.
    case text = 25
    /// A moment in UTC, to the microsecond.
    case timestamptz = 1184
    /// Any number of decimal digits.
    case numeric = 1700
    /// 16 bytes.
    case uuid = 2950

    /// The number of this type's arrays.
    var arrayNumber: UInt32 {
        switch self {
        case .bool: 1000
        case .bytea: 1001
        case .int8: 1016
        case .int2: 1005
        case .int4: 1007
        case .text: 1009
        case .timestamptz: 1185
        case .numeric: 1231
        case .uuid: 2951
        }
    }
}
