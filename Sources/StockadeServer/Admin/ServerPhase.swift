// SPDX-License-Identifier: Apache-2.0

/// Where a server's life is.
enum ServerPhase: UInt8, CaseIterable, Sendable {
    /// Tables are made.
    case starting
    /// The journal is read.
    case replaying
    /// Calls are answered.
    case serving
    /// Calls that were begun are finished.
    case draining
    /// It ends by itself.
    case failed

    var name: String { "\(self)" }
}

/// How a journal is.
enum JournalState: UInt8, CaseIterable, Sendable {
    case well
    /// Records wait and none becomes durable.
    case stalled
    /// New reservations have no room, or soon won't.
    case full
    /// The disk failed.
    case failed

    var name: String { "\(self)" }
}
