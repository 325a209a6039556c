// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// What makes a run's requests its own: the same scenario, seed and run id give the same bytes, and
/// another run id never meets what an earlier run left on the server.
public struct RunIdentity: Sendable {
    /// The run's id: random unless it was given.
    public let runID: UInt64
    /// The seed of every draw in the run.
    public let seed: UInt64

    /// Names both.
    public init(runID: UInt64, seed: UInt64) {
        self.runID = runID
        self.seed = seed
    }

    /// Draws a run id from the system.
    public static func random(seed: UInt64) -> RunIdentity {
        var generator = SystemRandomNumberGenerator()
        return RunIdentity(runID: generator.next(), seed: seed)
    }

    /// The brand that the run sells: `run-` and the run id in hexadecimal.
    public var brand: String { "run-" + String(runID, radix: 16) }

    /// The id of the run's `number`th request of a kind; never zero.
    public func id(_ kind: RequestKind, _ number: UInt64) -> ClientID {
        let base = Mix.words(seed, runID)
        return ClientID(
            high: Mix.words(base &+ UInt64(kind.rawValue), number) | 1 << 63,
            low: Mix.words(number, base ^ 0x5851_f42d_4c95_7f2d))
    }
}

/// What an id is for; ids of different kinds never meet.
public enum RequestKind: UInt8, Sendable {
    /// SetStock before the run.
    case setup = 1
    /// Reserve.
    case reserve = 2
    /// The order that Confirm makes of the reservation of the same number, or that CreateOrder makes.
    case order = 3
    /// CancelOrder.
    case cancel = 4
}

/// Steele, Lea and Flood's SplitMix64 finaliser over two words: a draw that depends on nothing but
/// its arguments.
enum Mix {
    static func words(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var word = first &+ second &* 0x9e37_79b9_7f4a_7c15
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
