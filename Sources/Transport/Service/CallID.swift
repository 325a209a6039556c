// SPDX-License-Identifier: Apache-2.0

/// Names one call of one loop for as long as it is open, and nothing afterwards.
///
/// The slot is used again for later calls, the generation is not: an id that outlived its call
/// finds nothing.
public struct CallID: Hashable, Sendable, BitwiseCopyable {
    /// Place in the loop's table of calls.
    public let slot: UInt32
    /// How often the place was taken before.
    public let generation: UInt32

    /// Makes an id from its parts: for tests, and for numbers that a service kept elsewhere.
    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}
