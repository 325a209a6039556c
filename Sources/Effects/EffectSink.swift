// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Why a decision wants room: what ends may take more than what begins.
public enum RoomPurpose: Sendable {
    /// A new hold, order or stock figure: refused when space is short.
    case begins
    /// The end of something that was granted: its space was set aside at the grant.
    case ends
}

/// Whether a decision may go on.
public enum RoomVerdict: Sendable {
    /// The room is the caller's until it appends or returns it.
    case granted
    /// The disk doesn't keep up: nothing may be touched now (JOURNAL_STALLED).
    case stalled
    /// The journal's space is used up (JOURNAL_FULL).
    case full
}

/// Where decisions write their effects: a journal, or a counter where nothing is kept.
///
/// A type parameter of the core and not an existential, so that an append is a direct call. All
/// members may be called from any thread; none may block, fail or log.
public protocol EffectSink: Sendable {
    /// Asks for room for records of `byteCount` bytes in all, before any lock is taken.
    func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict

    /// Gives back room that was granted and not used.
    func returnRoom(_ byteCount: Int)

    /// Sets space aside in the journal's budget for the end of what begins now (`EffectSpace`), so
    /// that `takeRoom` for what ends is never answered with `.full`.
    func setAside(_ byteCount: Int)

    /// Gives back space that was set aside: what it was for has ended, or can't happen any more.
    func giveBack(_ byteCount: Int)

    /// Appends one whole record within the room that was taken, under the caller's locks, and
    /// answers with its sequence: the order of the answers is the order of the records. The sink
    /// fills in the record's times (`RecordHeader`).
    func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64

    /// What was appended since the last call should go to disk now. A loop calls it once per turn;
    /// it wakes the writer if that sleeps.
    func submit()
}
