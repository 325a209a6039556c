// SPDX-License-Identifier: Apache-2.0

/// One connection: its bytes, its session, and what the loop must remember between turns.
struct Connection: ~Copyable {
    /// Where a connection stands. The session says more, while it is open.
    enum Stage: BitwiseCopyable {
        /// Client: TCP isn't there yet.
        case connecting
        case open
        /// We have said everything and wait for the peer's end, so that it reads our last bytes.
        case lingering
    }

    let id: ConnectionID
    let stream: ByteStream
    let session: Session
    var stage: Stage
    var interest: Poller.Interest
    /// What the socket didn't take.
    var unsent = UnsentBytes()
    /// When the connection was made.
    let since: UInt64
    /// When the socket last took bytes while `unsent` holds some.
    var blockedSince: UInt64 = 0
    /// When the first GOAWAY was queued.
    var drainingSince: UInt64 = 0
    var lingeringSince: UInt64 = 0
    /// Why it ends, when it does.
    var end = ConnectionEnd.peer
    /// Client: the service was told that it is open.
    var isAnnounced = false

    init(
        id: ConnectionID, stream: consuming ByteStream, session: consuming Session, stage: Stage,
        interest: Poller.Interest, since: UInt64
    ) {
        self.id = id
        self.stream = stream
        self.session = session
        self.stage = stage
        self.interest = interest
        self.since = since
    }

    /// Bytes that wait for a peer that doesn't read.
    var waitingBytes: Int {
        unsent.count + session.handle.value.replyBytes
    }

    /// What runs out next, and when. Each is a bound of its own in `Limits`.
    enum Timer: BitwiseCopyable {
        case preface, headerBlock, writeStall, drainNotice, linger
    }

    /// The timer that runs out first, if any runs.
    var nextTimer: (timer: Timer, due: UInt64)? {
        let session = session.handle
        var next: (timer: Timer, due: UInt64)?
        func consider(_ timer: Timer, _ since: UInt64, _ nanoseconds: UInt64) {
            let due = since &+ nanoseconds
            if due < next?.due ?? .max { next = (timer, due) }
        }
        if stage == .lingering {
            return (.linger, lingeringSince &+ Limits.lingerNanoseconds)
        }
        if !session.value.isEstablished { consider(.preface, since, Limits.prefaceNanoseconds) }
        if session.value.headingCall != nil {
            consider(.headerBlock, session.value.headingSince, Limits.headerBlockNanoseconds)
        }
        if !unsent.isEmpty { consider(.writeStall, blockedSince, Limits.writeStallNanoseconds) }
        if session.value.drain == .noticed {
            consider(.drainNotice, drainingSince, Limits.drainNoticeNanoseconds)
        }
        return next
    }
}
