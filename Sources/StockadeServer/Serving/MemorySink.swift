// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives
internal import Synchronization

/// The sink of `--mode memory`: counts records and keeps none, so nothing survives a restart.
///
/// For benchmarks and trials only. What it has counted is as durable as it will ever be, so the gate
/// holds nothing back.
public final class MemorySink: EffectSink {
    private let last = Atomic<UInt64>(0)

    /// Makes a sink whose first record has the sequence 1.
    public init() {}

    /// Always granted: nothing is kept.
    public func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict { .granted }

    /// Does nothing.
    public func returnRoom(_ byteCount: Int) {}

    /// Does nothing: there is no budget.
    public func setAside(_ byteCount: Int) {}

    /// Does nothing: there is no budget.
    public func giveBack(_ byteCount: Int) {}

    /// Counts the record.
    public func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64 {
        last.add(1, ordering: .relaxed).newValue
    }

    /// Does nothing: nothing goes to disk.
    public func submit() {}
}
