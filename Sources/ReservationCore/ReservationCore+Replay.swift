// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives
internal import Synchronization

/// Replay: the tables from the journal's records, by one thread, before anything is served.
///
/// Bytes that come from a disk are compared with everything that is known: the form of records, the
/// own arithmetic, the state that the records before left. What doesn't fit is a fault and no trap.
/// Nothing is put into the wheels meanwhile; `finishReplay` does that, and only then the core may
/// decide.
extension ReservationCore {
    /// Applies one record. One thread, before anything is served.
    ///
    /// `time` are the clocks of the decision: the record's header and its block's base.
    ///
    /// - Throws: when the record contradicts itself or those before it, or a table is too small;
    ///   the core is then good for nothing.
    /// - Complexity: O(legs); O(legs log legs) and one allocation for a grant whose line numbers don't
    ///   ascend.
    public func replay(
        _ record: Span<UInt8>, sequence: UInt64, at time: DecisionTime
    ) throws(ReplayFault) {
        var point = ReplayPoint(sequence: sequence, time: time, brand: 0)
        guard record.count >= RecordHeader.byteCount, record.word16(at: 0) == record.count,
            record.count % 8 == 0
        else { throw point.damaged(.length) }
        guard record[3] == RecordHeader.version
        else { throw point.damaged(.version, told: Int64(record[3]), expected: 1) }
        guard sequence > replaying[0].lastSequence else { throw point.damaged(.sequence) }
        guard time.tick <= Tick.max else { throw point.damaged(.tick) }
        point.brand = record.word32(at: 12)
        replaying[0].lastSequence = sequence
        if time.tick > replaying[0].highestTick { replaying[0].highestTick = time.tick }
        forgetEnded(at: time.tick)
        switch RecordType(rawValue: record[2]) {
        case .define: try replayDefine(record, at: point)
        case .setStock: try replaySetStock(record, at: point)
        case .adjustStock: try replayAdjustStock(record, at: point)
        case .reserve: try replayReserve(record, at: point)
        case .confirm: try replayConfirm(record, at: point)
        case .release: try replayEnd(record, as: .released, at: point)
        case .expire: try replayEnd(record, as: .expired, at: point)
        case .order: try replayOrder(record, at: point)
        case .orderFromHolds: try replayOrderFromHolds(record, at: point)
        case .cancel: try replayCancel(record, at: point)
        case .extend: try replayExtend(record, at: point)
        case .setPolicy: try replaySetPolicy(record, at: point)
        case .transfer: try replayTransfer(record, at: point)
        case nil: throw point.damaged(.type, told: Int64(record[2]), expected: 13)
        }
    }

    /// Applies the `count` records of a block, which lie one after another from `offset` to the end
    /// of `body`; their times are relative to `base`. Faster than one at a time: what the next ones
    /// need is fetched meanwhile.
    ///
    /// - Throws: as `replay(_:sequence:at:)`; also when the records don't end where the body does.
    public func replay(
        _ body: Span<UInt8>, from offset: Int, firstSequence: UInt64, count: Int,
        base: DecisionTime
    ) throws(ReplayFault) {
        var start = offset
        var ahead = ReplayLookahead(next: offset)
        for index in 0..<max(count, 0) {
            let sequence = firstSequence &+ UInt64(index)
            let point = ReplayPoint(sequence: sequence, time: base, brand: 0)
            guard let length = recordLength(body, at: start)
            else { throw point.damaged(.length) }
            fetchAhead(of: index, in: body, count: count, &ahead)
            let time = try time(of: body, at: start, base: base, point)
            try replay(body.extracting(start..<start + length), sequence: sequence, at: time)
            start += length
        }
        guard start == body.count else {
            let last = ReplayPoint(
                sequence: firstSequence &+ UInt64(max(count, 0)), time: base, brand: 0)
            throw last.damaged(.length)
        }
    }

    /// The length of the record at `start`, if it lies in the body with its header.
    func recordLength(_ body: Span<UInt8>, at start: Int) -> Int? {
        guard start >= 0, body.count - start >= RecordHeader.byteCount else { return nil }
        let length = body.word16(at: start)
        guard length >= RecordHeader.byteCount, length <= body.count - start else { return nil }
        return length
    }

    /// The clocks of the record at `start`.
    private func time(
        of body: Span<UInt8>, at start: Int, base: DecisionTime, _ point: ReplayPoint
    ) throws(ReplayFault) -> DecisionTime {
        let tickDelta = Int64(Int32(bitPattern: body.word32(at: start + 4)))
        let wallDelta = Int64(Int32(bitPattern: body.word32(at: start + 8)))
        guard base.tick <= Tick.max else { throw point.damaged(.tick) }
        let tick = Int64(base.tick.milliseconds) + tickDelta
        guard tick >= 0 else { throw point.damaged(.tick) }
        return DecisionTime(
            tick: Tick(milliseconds: UInt64(tick)),
            wall: WallTime(milliseconds: base.wall.milliseconds &+ wallDelta))
    }

    /// After the last record: forgets what has outlived its retention at `tick`, puts everything
    /// away in the wheels so that what is due at `tick` fires when they turn next, settles the
    /// counters and sets space aside for all ends that are still to come. A tick below that of a
    /// record counts as that one.
    ///
    /// - Throws: when there are more live holds or ids than the configured bounds allow.
    /// - Complexity: O(rows that were ever used), about 50 ns each.
    public func finishReplay(at tick: Tick) throws(ReplayFault) {
        let tick = max(tick, replaying[0].highestTick)
        var space = 0
        for stripe in 0..<holds.count {
            holds.setWheelTick(stripe, max(tick.milliseconds, 1) - 1)
            for row in holds.touchedEntries(in: stripe) {
                space += putAway(entry: row, in: stripe, at: tick)
            }
            for row in holds.touchedEntries(in: stripe) where holds.isOutcome(row) {
                putAway(outcome: row, in: stripe, at: tick)
            }
        }
        let state = replaying[0]
        let last = ReplayPoint(
            sequence: state.lastSequence,
            time: DecisionTime(tick: tick, wall: WallTime(milliseconds: 0)), brand: 0)
        guard state.liveHolds <= configuration.holdsMax
        else { throw last.tooSmall(.holds, needed: state.liveHolds) }
        guard state.ids <= configuration.idsMax + configuration.idsForEnds
        else { throw last.tooSmall(.ids, needed: state.ids) }
        liveHolds.store(state.liveHolds, ordering: .relaxed)
        ids.store(state.ids, ordering: .relaxed)
        sink.setAside(space)
        replaying[0] = ReplayState()
    }

    /// Schedules or frees an entry; answers with the space that its end may take.
    private func putAway(entry row: Int, in stripe: Int, at tick: Tick) -> Int {
        let entry = holds.entries[row]
        switch entry.state {
        case .free: return 0
        case .held:
            holds.schedule(.entry(row), at: entry.deadline, in: stripe)
            return EffectSpace.hold(legs: Int(entry.legCount))
        case .order: return EffectSpace.order(legs: Int(entry.legCount))
        case .confirmed, .released, .expired, .cancelled, .forgotten:
            if hasOutlivedRetention(entry, at: tick) { forget(row, identity(of: entry)) }
            if holds.entries[row].state == .forgotten {
                holds.freeEntry(row, in: stripe)
                replaying[0].ids -= 1
            } else {
                holds.schedule(.entry(row), at: holds.due(.entry(row)), in: stripe)
            }
            return 0
        }
    }

    /// Schedules or frees an outcome.
    private func putAway(outcome row: Int, in stripe: Int, at tick: Tick) {
        let outcome = holds.outcomes[row]
        if outcome.isRemembered, hasOutlivedRetention(outcome, at: tick) {
            forgetOutcome(row, identity(of: outcome))
        }
        if holds.outcomes[row].isRemembered {
            holds.schedule(.outcome(row), at: holds.due(.outcome(row)), in: stripe)
        } else {
            holds.freeEntry(row, in: stripe)
            replaying[0].ids -= 1
        }
    }
}
