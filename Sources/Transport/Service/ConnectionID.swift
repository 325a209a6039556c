// SPDX-License-Identifier: Apache-2.0

/// Names one connection of one loop for as long as it is open, and nothing afterwards.
public struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    /// Place in the loop's table of connections.
    public let slot: UInt32
    /// How often the place was taken before.
    public let generation: UInt32

    /// Makes an id from its parts.
    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// Both parts in the 64 bits that the poller keeps for a descriptor.
    var packed: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

    init(packed: UInt64) {
        slot = UInt32(truncatingIfNeeded: packed)
        generation = UInt32(truncatingIfNeeded: packed >> 32)
    }
}
