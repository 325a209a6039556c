// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// What all sessions of one loop share: one value per loop, at a fixed address, on its thread.
struct LoopShared: ~Copyable {
    var calls: CallSlab
    /// Calls with a whole message for the service.
    var ready: FixedList<CallID>
    /// Calls that the service learns the end of.
    var ended: FixedList<CallHead>
    /// Sessions with something to send.
    var dirty: FixedList<ConnectionID>
    /// Server: the abridged HEADERS frames of what a session is receiving.
    var abridged = AbridgedHeads()
    /// The monotonic time of this turn.
    var now: UInt64 = 0
    /// Client: when the latest bytes were read, and when the frames in the making are written.
    var readAt: UInt64 = 0
    var writtenAt: UInt64 = 0

    /// Keeps the memory of `tally`.
    private let meter: LoopMeter
    let tally: CallTally
    /// Server: answers of this turn to messages of this turn.
    var answeredAtOnce = 0

    let fields: HeaderFields
    let vocabulary: HeaderVocabulary
    let messageBytesMax: Int
    /// The answer to a call whose deadline passed before it was begun.
    let expired: EncodedRefusal
    /// The answer to a call whose deadline passed while its answer was held.
    let expiredWhileHeld: EncodedRefusal
    /// The answer to a call whose answer will never be durable.
    let lostWhileHeld: EncodedRefusal
    /// Where texts and values are coded before nghttp2 copies them.
    var scratch = ByteWriter(capacity: Limits.statusTextBytesMax + Limits.statusDetailsBytesMax)
    /// Client: the text of the latest failure, decoded.
    var failureText = ByteWriter(capacity: 512)

    init(_ configuration: borrowing LoopConfiguration) {
        calls = CallSlab(capacity: configuration.callsMax)
        ready = FixedList(capacity: Limits.sessionEventsMax)
        // When every connection is lost in one turn, every call ends in it.
        ended = FixedList(capacity: max(Limits.sessionEventsMax, calls.capacity))
        dirty = FixedList(capacity: configuration.connectionsMax)
        fields = HeaderFields()
        vocabulary = HeaderVocabulary(
            methods: configuration.methods, watchedHeaders: configuration.watchedHeaders)
        messageBytesMax = configuration.messageBytesMax
        expired = EncodedRefusal(
            configuration.expired ?? RefusalTexts(CallRefusal.expired.text))
        expiredWhileHeld = EncodedRefusal(
            configuration.expiredWhileHeld
                ?? RefusalTexts(
                    "the deadline passed before the outcome was durable; it may be applied"))
        lostWhileHeld = EncodedRefusal(
            configuration.lostWhileHeld
                ?? RefusalTexts(
                    "the disk failed before the outcome was durable; it may be applied"))
        // Through a local, at the end: where the half-made value was read for it, the optimiser (6.3.1)
        // freed fields that weren't there yet.
        let counted = LoopShared.meter(configuration)
        meter = counted
        tally = counted.tally
    }

    /// The meter that was given, or one of its own that nobody asks.
    private static func meter(_ configuration: borrowing LoopConfiguration) -> LoopMeter {
        let methods = configuration.methods.count
        guard let given = configuration.meter else { return LoopMeter(methods: methods) }
        precondition(given.methods == methods, "a meter is made for the methods of its loop")
        return given
    }
}
