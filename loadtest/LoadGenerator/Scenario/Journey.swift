// SPDX-License-Identifier: Apache-2.0

public import StockadeAPI

/// What one dealer does, step by step; each step begins when the one before has its final answer. A
/// refused or unanswered reservation ends it.
public struct Journey: Equatable, Sendable {
    /// What reports call it, unique in the scenario.
    public var name: String
    /// Its share among the journeys, above 0; they sum to 1.
    public var weight: Double
    /// Never empty.
    public var steps: [Step]

    /// Names the parts.
    public init(name: String, weight: Double, steps: [Step]) {
        self.name = name
        self.weight = weight
        self.steps = steps
    }

    /// One step.
    public indirect enum Step: Equatable, Sendable {
        /// GetStock of the SKU of the journey's first line.
        case getStock
        /// Reserve of the journey's lines.
        case reserve(ReserveStep)
        /// Confirm into an order, all of it.
        case confirm
        /// Release. Before a reserve step: a release that overtakes its reservation.
        case release
        /// CreateOrder of the journey's lines, at once, without a reservation.
        case order(ReserveStep)
        /// CancelOrder of what was confirmed or ordered.
        case cancel(CancelStep)
        /// Confirm and Release at the same moment: one of them wins.
        case race
        /// The latest call once more, same id and content: its answer must be a replay.
        case again
        /// A pause.
        case think(Pause)
        /// The dealer is never heard of again: what it holds expires.
        case abandon
        /// One of these; weights are above 0 and sum to 1.
        case choose([Choice])
    }

    /// What is reserved, or ordered at once. Nil: as the dealer's tier says.
    public struct ReserveStep: Equatable, Sendable {
        /// Lines, 1 to 20.
        public var lines: ClosedRange<Int>?
        /// Units of each line.
        public var quantity: ClosedRange<Int64>?
        /// Milliseconds that a reservation lives; 0: the server's default. An order has none.
        public var timeToLive: UInt32 = 0
        /// What to do when there is less: `.allOrNothing` or `.partial`.
        public var fillMode = FillMode.allOrNothing
        /// False: the lines leave it to the server from where.
        public var namesWarehouse = true

        /// The defaults.
        public init() {}
    }

    /// What is cancelled of an order.
    public struct CancelStep: Equatable, Sendable {
        /// Part of each line's units in ten-thousandths, 1 to 10,000, rounded up to whole units; nil:
        /// all that is left, without naming lines.
        public var part: UInt16?

        /// Names the part.
        public init(part: UInt16? = nil) { self.part = part }
    }

    /// A branch.
    public struct Choice: Equatable, Sendable {
        /// Its share.
        public var weight: Double
        /// May be empty: the journey ends.
        public var steps: [Step]

        /// Names the parts.
        public init(weight: Double, steps: [Step]) {
            self.weight = weight
            self.steps = steps
        }
    }

    /// How long a dealer thinks, in nanoseconds.
    public enum Pause: Equatable, Sendable {
        /// Always so long.
        case fixed(UInt64)
        /// Anything between, evenly.
        case uniform(ClosedRange<UInt64>)
        /// Exponential.
        case exponential(mean: UInt64)
        /// Log-normal; cut at 100 times the median.
        case lognormal(median: UInt64, sigma: Double)
    }
}
