// SPDX-License-Identifier: Apache-2.0

/// How far a graceful end has come (RFC 9113 section 6.8).
enum DrainStage: UInt8, BitwiseCopyable {
    case none
    /// The first GOAWAY, which still accepts calls, and a PING are on their way.
    case noticed
    /// The last GOAWAY is on its way: open calls go on, new ones are ignored.
    case final
}
