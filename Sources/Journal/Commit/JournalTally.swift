// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Synchronization

/// What a journal has written since its server's start.
public final class JournalTally: Sendable {
    private let recordCount = Atomic<Int>(0)
    private let recordByteCount = Atomic<Int>(0)
    private let blockCount = Atomic<Int>(0)
    private let sealCount = Atomic<Int>(0)

    /// Writes by time, their nanoseconds together, and the longest. The committing thread's.
    private let writes = TallyMemory(count: LatencyBuckets.count + 2)
    /// When the write that goes on began, in monotonic nanoseconds; 0: none does.
    private let writingSince = Atomic<UInt64>(0)

    init() {}

    func beginWrite(at now: UInt64) { writingSince.store(now, ordering: .relaxed) }

    func endWrite(began: UInt64, at now: UInt64, wrote: Bool) {
        writingSince.store(0, ordering: .relaxed)
        guard wrote else { return }
        let took = now - began
        writes.cells.add(1, at: LatencyBuckets.index(ofNanoseconds: took))
        writes.cells.add(took, at: LatencyBuckets.count)
        if took > writes.cells[LatencyBuckets.count + 1] {
            writes.cells.set(took, at: LatencyBuckets.count + 1)
        }
    }

    func count(records: Int, bodyByteCount: Int) {
        recordCount.add(records, ordering: .relaxed)
        recordByteCount.add(bodyByteCount - JournalFormat.baseByteCount, ordering: .relaxed)
        blockCount.add(1, ordering: .relaxed)
    }

    func countSeal() { sealCount.add(1, ordering: .relaxed) }

    /// Records made durable.
    public var records: Int { recordCount.load(ordering: .relaxed) }
    /// Their bytes, without headers and padding.
    public var recordBytes: Int { recordByteCount.load(ordering: .relaxed) }
    /// Blocks with records: as many flushes.
    public var blocks: Int { blockCount.load(ordering: .relaxed) }
    /// Blocks of records whose write and flush took a time of a bucket of `LatencyBuckets`.
    public func writes(inBucket bucket: Int) -> UInt64 { writes.cells[bucket] }
    /// Nanoseconds of all those writes together.
    public var writeNanoseconds: UInt64 { writes.cells[LatencyBuckets.count] }
    /// Nanoseconds of the longest.
    public var writeNanosecondsMax: UInt64 { writes.cells[LatencyBuckets.count + 1] }
    /// Since when a block is being written, in monotonic nanoseconds; 0: none is.
    public var writeBegan: UInt64 { writingSince.load(ordering: .relaxed) }
    /// Blocks without records.
    public var seals: Int { sealCount.load(ordering: .relaxed) }
}
