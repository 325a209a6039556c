// SPDX-License-Identifier: Apache-2.0

/// A promotion as a file says it, checked: what is sold, who comes when and does what, what breaks
/// meanwhile, and what must hold afterwards. Times are nanoseconds; of faults, since the run's start.
public struct Scenario: Equatable, Sendable {
    /// What the run is called; names its folder: 1 to 64 letters, digits, `-`, `_`, `.`.
    public var name: String
    /// The server, and how it is connected to.
    public var target = ScenarioTarget()
    /// Seed of every draw.
    public var seed: UInt64 = 1
    /// The brand that is sold; nil: `run-` and the run id.
    public var brand: String?
    /// What is sold.
    public var goods = Goods()
    /// How a reservation picks its SKUs.
    public var pick = SkuPick()
    /// Who buys; never empty.
    public var dealers = Dealers()
    /// When journeys begin.
    public var load = Load()
    /// What a dealer does; never empty.
    public var journeys: [Journey] = []
    /// Time-outs and retries of every call.
    public var calls = CallPolicy()
    /// Selling out what is left after the last journey; nil: undersell isn't checked.
    public var closing: ClosingPhase?
    /// What a broken rule means; a check that isn't named fails the run.
    public var checks: [CheckName: CheckLevel] = [:]
    /// Bounds that the run must keep; missing one is exit code 3.
    public var objectives: [Objective] = []
    /// When a run is stopped; exit code 6.
    public var aborts: [AbortRule] = []
    /// What breaks, by time.
    public var faults: [Fault] = []

    /// Makes a scenario of that name in which nobody comes.
    public init(name: String) {
        self.name = name
    }
}

/// The server, and how it is connected to.
public struct ScenarioTarget: Equatable, Sendable {
    /// HOST:PORT; nil: the command line says it.
    public var address: String?
    /// Connections in all, 1 to 4,096.
    public var connections = 16
    /// Calls in flight on each, 1 to 1,024.
    public var maxStreams = 100
    /// Threads that share the connections, 1 to 64.
    public var threads = 1

    /// The defaults.
    public init() {}
}

/// What is sold: SKUs 0 ..< flash are the flash set, the rest are normal ones.
public struct Goods: Equatable, Sendable {
    /// SKUs in all, 1 to 10,000,000.
    public var skus = 1_000
    /// The first of them are the flash set, 0 to 50.
    public var flash = 0
    /// Units of each flash SKU.
    public var flashUnits: Int64 = 1_000
    /// Units of each other SKU.
    public var normalUnits: Int64 = 1_000_000_000

    /// The defaults.
    public init() {}

    /// Units that a SKU starts with.
    public func units(of sku: Int) -> Int64 { sku < flash ? flashUnits : normalUnits }
}

/// A draw in two levels: the flash set with a share of the calls that decays, the rest by Zipf.
public struct SkuPick: Equatable, Sendable {
    /// Share of the lines that go to the flash set from T0 on, 0 to 1; before T0: `shareBefore`.
    public var flashShare = 0.0
    /// Share before T0.
    public var shareBefore = 0.0
    /// The share halves in so much time after T0; nil: it stays.
    public var halfLife: UInt64?
    /// Flash SKUs that are hot at once, 1 to the whole set; 0: the whole set.
    public var active = 0
    /// The hot ones change after so much time; nil: they stay.
    public var rotation: UInt64?
    /// Zipf's exponent over the other SKUs, 0 (even) to 3.
    public var zipf = 0.99

    /// The defaults.
    public init() {}
}

/// The dealers, in tiers.
public struct Dealers: Equatable, Sendable {
    /// Dealers in all, 1 to 10,000,000.
    public var count = 1_000
    /// Never empty. Shares of dealers and of journeys each sum to 1.
    public var tiers = [DealerTier()]

    /// The defaults: one tier.
    public init() {}
}

/// Dealers of one size.
public struct DealerTier: Equatable, Sendable {
    /// 1 to 16 lower-case letters and digits; part of the dealers' codes.
    public var name = "dealer"
    /// Share of the dealers, above 0 to 1.
    public var share = 1.0
    /// Share of the journeys, above 0 to 1.
    public var orders = 1.0
    /// Units of a line, unless the step says so itself: 1 to 1,000,000,000.
    public var quantity: ClosedRange<Int64> = 1...1
    /// Lines of a reservation, unless the step says so itself: 1 to 20.
    public var lines: ClosedRange<Int> = 1...1

    /// The defaults.
    public init() {}
}

/// Time-outs and retries.
public struct CallPolicy: Equatable, Sendable {
    /// What one attempt may take; sent as `grpc-timeout`.
    public var timeout: UInt64 = 2_000_000_000
    /// Attempts of a call under one id, 1 (none is repeated) to 1,000.
    public var attempts = 1
    /// After so long since it was due no further attempt begins.
    public var giveUp: UInt64 = 30_000_000_000

    /// The defaults.
    public init() {}
}

/// After the last journey and the longest time to live, one buyer per flash SKU takes single units until
/// it is refused: then nothing may be left.
public struct ClosingPhase: Equatable, Sendable {
    /// Units of a SKU that the closing phase buys at most; beyond, undersell isn't checked.
    public var unitsMax: Int64 = 100_000

    /// The defaults.
    public init() {}
}
