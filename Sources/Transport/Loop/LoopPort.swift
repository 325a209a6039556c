// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// A loop's way to the network: its poller, connections, calls and gate. A service is lent it in
/// each of its methods. Nothing in it depends on the service's type.
///
/// One thread, the loop's own. Extensions have the rest, one file per matter.
@safe public struct LoopPort: ~Copyable {
    var poller: Poller
    let control: LoopControl
    let durable: DurableSequence?
    var listener: ListeningSocket?
    /// The other loops, to which the accepting one hands connections.
    let peers: [LoopControl]
    let connectionsMax: Int
    let drainNanoseconds: UInt64

    let setup: SessionSetup
    /// What the sessions share; owned here.
    let shared: Handle<LoopShared>
    var connections: ConnectionTable
    var gate: ReplyGate

    /// The time of this turn.
    var now: TurnTime
    /// What was durable when last looked.
    var durableSequence: UInt64 = .max
    /// Nothing more will become durable.
    var hasLostDurability = false
    /// When draining ends by force; nil: not draining.
    var drainEnd: UInt64?
    /// Accepting pauses until then: the process had no descriptors left.
    var acceptPauseEnd: UInt64?
    /// Sockets were handed over.
    var hasHandedOver = false

    var output = OutputBuffer()
    let input: UnsafeMutablePointer<UInt8>
    /// Sessions of this turn's flush.
    var flushing: FixedList<ConnectionID>
    /// Connections that the service asked to close.
    var unwanted: FixedList<ConnectionID>
    /// Slots whose timer has run out.
    var due = FixedList<UInt32>(capacity: Limits.timersPerTurn)
    /// What the service must be told of its own connections.
    var news: FixedList<ConnectionNews>

    static let wakeKey: UInt64 = 0
    static let listenerKey: UInt64 = 1

    init(
        _ configuration: LoopConfiguration, control: LoopControl, durable: DurableSequence?,
        listener: consuming ListeningSocket?, peers: [LoopControl], now: TurnTime
    ) throws(TransportError) {
        let poller = try Poller()
        let setup = try SessionSetup()
        var isWatching = poller.add(control.wakeDescriptor, .reading, key: Self.wakeKey)
        if let descriptor = listener?.descriptor {
            isWatching =
                isWatching && poller.add(descriptor, .reading, key: Self.listenerKey)
        }
        guard isWatching else { throw .fromSystem(.createPoller) }
        self.now = now
        self.poller = poller
        self.setup = setup
        self.control = control
        self.durable = durable
        self.listener = listener
        self.peers = peers
        connectionsMax = configuration.connectionsMax
        drainNanoseconds = configuration.drainNanoseconds
        connections = ConnectionTable(capacity: configuration.connectionsMax)
        gate = ReplyGate(callsMax: configuration.callsMax)
        flushing = FixedList(capacity: configuration.connectionsMax)
        unwanted = FixedList(capacity: configuration.connectionsMax)
        news = FixedList(capacity: 2 * configuration.connectionsMax)
        unsafe input = .allocate(capacity: Limits.readBytesPerTurn)
        let place = UnsafeMutablePointer<LoopShared>.allocate(capacity: 1)
        unsafe place.initialize(to: LoopShared(configuration))
        shared = unsafe Handle(place)
        durable?.register(control)
    }

    deinit {
        unsafe input.deallocate()
        // SAFETY: allocated by init. The sessions that still have its address are only freed after
        // this, and freeing them calls nothing that looks at it.
        unsafe shared.raw.deinitialize(count: 1)
        unsafe shared.raw.deallocate()
    }

    /// True from the moment the loop was asked to end: a service should say that it doesn't serve.
    public var isDraining: Bool { drainEnd != nil }

    /// Connections that are open on this loop.
    public var connectionCount: Int { connections.count }

    /// Calls that are open on this loop.
    public var callCount: Int { shared.value.calls.openCount }

    /// Gives time to everything in this turn.
    mutating func beginTurn(_ now: TurnTime) {
        self.now = now
        shared.value.now = now.monotonicNanoseconds
        if let durable {
            durableSequence = durable.current
            hasLostDurability = durable.hasFailed
        }
        if control.isDraining, drainEnd == nil { beginDrain() }
    }
}
