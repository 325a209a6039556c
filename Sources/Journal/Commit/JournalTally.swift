// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What a journal has written since its server's start.
public final class JournalTally: Sendable {
    private let recordCount = Atomic<Int>(0)
    private let recordByteCount = Atomic<Int>(0)
    private let blockCount = Atomic<Int>(0)
    private let sealCount = Atomic<Int>(0)

    init() {}

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
    /// Blocks without records.
    public var seals: Int { sealCount.load(ordering: .relaxed) }
}
