// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives
internal import Synchronization

/// Accounts, holds and the decisions over them: who gets the last unit.
///
/// Reads no clock, draws no chance, touches no file: time comes in as an argument and effects go out
/// to the sink, a type parameter. Every method may be called from any thread at any time, each with
/// a context of its own.
///
/// Locks are of three classes, each taken only before the next and in ascending order within:
/// 0. the defining lock (codes, making accounts);
/// 1. hold stripes: holds, orders, outcomes, wheel and ring of an id's stripe;
/// 2. account stripes: an account's figures.
/// The sink's append and the free lists of legs and of notes have leaf locks of their own: nothing
/// is locked inside them.
public final class ReservationCore<Sink: EffectSink>: Sendable {
    let sink: Sink
    let configuration: CoreConfiguration
    let codes: CodeTable
    let accounts: AccountTable
    let holds: HoldStripes
    let hash: KeyedHash

    let defining = StripeLocks(count: 1)
    let holdLocks: StripeLocks
    let accountLocks: StripeLocks

    /// Live holds, bounded by `holdsMax`.
    let liveHolds = Atomic<Int>(0)
    /// Remembered holds, orders, outcomes, and the orders that live holds may become.
    let ids = Atomic<Int>(0)
    /// The wheels of all stripes have gone through this tick: nothing is due at or before it.
    let collectedThrough = Atomic<UInt64>(0)
    /// One row: how far a replay has come. Used before anything is served, by one thread.
    let replaying = FixedTable<ReplayState>(capacity: 1, repeating: ReplayState())

    /// Makes empty tables, touching every page of them.
    public init(_ configuration: CoreConfiguration, sink: Sink) {
        precondition(
            configuration.holdStripes & (configuration.holdStripes - 1) == 0
                && configuration.holdStripes > 0)
        self.sink = sink
        self.configuration = configuration
        hash = KeyedHash(key: configuration.hashKey)
        codes = CodeTable(capacity: configuration.codesMax, hash: hash)
        accounts = AccountTable(
            capacity: configuration.accountsMax, stripes: configuration.accountStripes, hash: hash)
        holds = HoldStripes(configuration)
        holdLocks = StripeLocks(count: configuration.holdStripes)
        accountLocks = StripeLocks(count: configuration.accountStripes)
    }

    /// Bytes that the tables of a configuration take.
    public static func byteCount(_ configuration: CoreConfiguration) -> Int {
        AccountTable.byteCount(capacity: configuration.accountsMax)
            + CodeTable.byteCount(capacity: configuration.codesMax)
            + HoldStripes.byteCount(configuration)
    }

    /// Tells the sink that a turn is over: what was appended should go to disk now.
    public func submit() { sink.submit() }

    /// Live holds now; stale at once.
    public var liveHoldCount: Int { liveHolds.load(ordering: .relaxed) }

    /// Ids remembered or promised now; stale at once.
    public var idCount: Int { ids.load(ordering: .relaxed) }

    /// Appends the text of a code by its number.
    public func copyCode(_ number: UInt32, into writer: inout ByteWriter) {
        codes.copyText(of: number, into: &writer)
    }

    /// Appends the text of an account's SKU.
    public func copySku(of account: UInt32, into writer: inout ByteWriter) {
        codes.copyText(of: accounts.masters[Int(account)].sku, into: &writer)
    }

    /// Appends the text of an account's warehouse.
    public func copyWarehouse(of account: UInt32, into writer: inout ByteWriter) {
        codes.copyText(of: accounts.masters[Int(account)].warehouse, into: &writer)
    }

    // MARK: - Identity

    func identity(_ kind: IdentityKind, brandHash: UInt64, id: ClientID) -> Identity {
        let value = hash([brandHash, kind.rawValue, id.high, id.low])
        // The index uses the low half, so the stripe takes the high one.
        return Identity(
            id: id, brandHash: brandHash, kind: kind, hash: value,
            stripe: Int(truncatingIfNeeded: value >> 48) & (configuration.holdStripes - 1))
    }

    /// The row of a hold or an order that is remembered at `now`. The caller holds its stripe.
    func findEntry(_ identity: Identity, brand: UInt32?, at now: DecisionTime) -> Int? {
        guard let brand else { return nil }
        let found = holds.index.find(identity) { row in
            holds.entries[row].id == identity.id && holds.entries[row].brand == brand
        }
        guard let row = found else { return nil }
        if hasOutlivedRetention(holds.entries[row], at: now.tick) {
            forget(row, identity)
            return nil
        }
        return row
    }

    /// The row of an outcome that is remembered at `now`. The caller holds its stripe.
    func findOutcome(_ identity: Identity, brand: UInt32?, at now: DecisionTime) -> Int? {
        guard let brand else { return nil }
        let found = holds.index.find(identity) { row in
            holds.outcomes[row].id == identity.id && holds.outcomes[row].brand == brand
        }
        guard let row = found else { return nil }
        if hasOutlivedRetention(holds.outcomes[row], at: now.tick) {
            forgetOutcome(row, identity)
            return nil
        }
        return row
    }

    // MARK: - Room

    /// Takes room for the records of one decision, or says why not. No lock is held.
    func takeRoom(
        _ byteCount: Int, for purpose: RoomPurpose, in context: inout DecisionContext
    ) -> Refusal? {
        switch sink.takeRoom(byteCount, for: purpose) {
        case .granted:
            context.roomTaken = byteCount
            context.roomUsed = 0
            return nil
        case .stalled: return Refusal(.journalStalled)
        case .full: return Refusal(.journalFull)
        }
    }

    /// Gives back what a decision took and didn't use. No lock is held.
    func returnRoom(in context: inout DecisionContext) {
        precondition(context.roomUsed <= context.roomTaken)
        sink.returnRoom(context.roomTaken - context.roomUsed)
        context.roomTaken = 0
        context.roomUsed = 0
    }

    /// Appends the context's record. The caller holds the locks of all that it speaks of.
    func append(at now: DecisionTime, in context: inout DecisionContext) -> UInt64 {
        RecordHeader.end(&context.record)
        context.roomUsed += context.record.count
        let sequence = sink.append(context.record, at: now)
        context.dependsOn(sequence)
        return sequence
    }
}
