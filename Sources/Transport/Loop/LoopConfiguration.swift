// SPDX-License-Identifier: Apache-2.0

/// What a loop is told when it is made. Everything else is in `Limits`.
public struct LoopConfiguration: Sendable {
    /// Paths of the methods, `/package.Service/Method`; a call's `method` is an index into them.
    public var methods: [StaticString]
    /// Header names, lower case, that the service wants to know the presence of; at most 32.
    public var watchedHeaders: [StaticString]
    /// Longest message taken, in bytes.
    public var messageBytesMax = Limits.messageBytesMax
    /// Calls open at once on this loop; more are refused with REFUSED_STREAM.
    public var callsMax = Limits.callsPerLoop
    /// Connections of the whole process; more are closed at once.
    public var connectionsMax = Limits.connectionsMax
    /// Draining ends after this many nanoseconds, finished or not.
    public var drainNanoseconds = Limits.drainNanoseconds
    /// DEADLINE_EXCEEDED of a call that was never begun; nil: a plain text.
    public var expired: RefusalTexts?
    /// DEADLINE_EXCEEDED of a call whose answer was held; nil: a plain text.
    public var expiredWhileHeld: RefusalTexts?
    /// UNAVAILABLE of a call whose answer was held when the disk failed; nil: a plain text.
    public var lostWhileHeld: RefusalTexts?
    /// What the loop counts in, made for as many methods; nil: nobody asks.
    public var meter: LoopMeter?

    /// Makes a configuration with the default limits.
    public init(methods: [StaticString], watchedHeaders: [StaticString] = []) {
        self.methods = methods
        self.watchedHeaders = watchedHeaders
    }
}
