// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A block that was read.
public struct JournalBlock: Hashable, Sendable {
    /// Counts from 1 over the journal's life.
    public var number: UInt64
    /// Of the server that wrote it.
    public var epoch: UInt64
    /// Of its first record; of a seal, what the next record gets.
    public var firstSequence: UInt64
    /// Records in it; 0: a seal.
    public var recordCount: Int
    /// What was known to be durable when it was built.
    public var durableSequence: UInt64
    /// What its records' ticks count from; of a seal, the tick of its writing.
    public var baseTick: Tick
    /// What its records' wall times count from.
    public var baseWall: WallTime
    /// The segment it lies in.
    public var segment: UInt64
    /// Where it begins there.
    public var offset: Int
    /// Bytes that it takes, padding included.
    public var byteCount: Int
}

/// Where a record lies and when it was made.
public struct RecordPosition: Hashable, Sendable {
    /// Its place among all records, from 1.
    public var sequence: UInt64
    /// The tick of its decision.
    public var tick: Tick
    /// The wall time of its decision.
    public var wall: WallTime

    /// Names each part.
    public init(sequence: UInt64, tick: Tick, wall: WallTime) {
        self.sequence = sequence
        self.tick = tick
        self.wall = wall
    }
}

/// Where a journal ends.
public struct JournalEnd: Hashable, Sendable {
    /// Of the last record; 0 when there is none.
    public var lastSequence: UInt64
    /// The highest tick that a block or a record carries: where a server's time goes on.
    public var highestTick: Tick
    /// The wall time of the last block's base.
    public var lastWall: WallTime
    /// The highest epoch seen; 0 when no server ever began.
    public var epoch: UInt64
    /// Blocks, seals included.
    public var blockCount: UInt64
    /// The segment in which the next block goes.
    public var segment: UInt64
    /// Where it goes there; 0: the segment wasn't begun.
    public var offset: Int
    /// Where the last thing before it begins there: the last block, or, where there is none, the
    /// segment's header.
    public var lastWriteOffset: Int
    /// The chain that it must name.
    public var chain: UInt64
    /// What lies behind the end and isn't zero, per segment: what a crash left of a block that was
    /// never acknowledged.
    public var remains: [Remains]
    /// Every segment, begun or not.
    public var segments: [SegmentListing]
    /// Bytes of all begun segments up to the end.
    public var usedByteCount: Int

    /// Bytes that are left of an unfinished write.
    public struct Remains: Hashable, Sendable {
        /// Where.
        public var segment: UInt64
        /// Whole sectors, from the first to the last that isn't zero.
        public var range: Range<Int>
    }

    /// Whether a write was torn.
    public var isTorn: Bool { !remains.isEmpty }
}
