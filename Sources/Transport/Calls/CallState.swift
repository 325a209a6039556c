// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// One call: a slot of the slab. The bytes of its own buffer follow it in memory.
///
/// Fields are shared by both roles and by all phases where their meaning is the same; `phase` says
/// which of them count.
struct CallState: BitwiseCopyable {
    var head: CallHead
    var phase: CallPhase = .free
    /// Server: what its header block said. Client: what the answer's did.
    var marks: HeaderMarks = []
    /// The service has the message and answers in a later turn.
    var isDeferred = false
    var streamID: Int32 = 0
    /// The session that the call belongs to; nil while the slot is free.
    var session: Handle<SessionState>?
    /// The session's list of open calls.
    var previous: Handle<CallState>?
    var next: Handle<CallState>?

    /// What is collected or sent: the message, or the texts of a refusal.
    var buffer: CallBuffer
    var assembly = MessageAssembly()
    /// Server: bytes of the body that `content-length` still announces; negative: it doesn't.
    var announcedBytes = -1
    /// Bytes that nghttp2 has taken already.
    var sentBytes = 0

    /// Client: when the first byte of its request went into a frame that was about to be written.
    /// Server: the time of the turn in which its message was whole.
    var writtenAt: UInt64 = 0

    /// Header block in progress: its size as RFC 9113 counts, its fields.
    var headerBytes = 0
    var headerFields = 0

    /// The answer, while it is held or being sent.
    var answer = CallAnswer.none
}
