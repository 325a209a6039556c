// SPDX-License-Identifier: Apache-2.0

internal import Effects

/// A stock account as sums of amounts; the figures are derived from them, by the equations.
///
/// All arithmetic wraps: what lies on a disk may be anything, and a checker never traps on it.
struct ModelAccount {
    var number: UInt32
    var brand: UInt32
    var sku: UInt32
    var warehouse: UInt32

    /// The first figure that was set.
    var initial: Int64 = 0
    /// Sum of the differences by which later figures were set.
    var setDifferences: Int64 = 0
    /// Sum of the adjustments.
    var adjusted: Int64 = 0
    /// Units that other warehouses gave, less those that it gave to others.
    var transferred: Int64 = 0
    /// Units ever granted to holds.
    var granted: Int64 = 0
    /// Units of holds that became orders.
    var confirmed: Int64 = 0
    /// Units that owners gave back, in a release or by confirming less.
    var released: Int64 = 0
    /// Units that deadlines gave back.
    var expired: Int64 = 0
    /// Units of orders that no hold came before.
    var ordered: Int64 = 0
    /// Units of orders that were cancelled.
    var cancelled: Int64 = 0
    /// What was found wrong and then taken from the record, so that one fault is told once.
    var heldCorrection: Int64 = 0
    var allocatedCorrection: Int64 = 0
    var onHandCorrection: Int64 = 0

    /// What is kept of it. Only a record of its own type changes it.
    var policy = StockPolicy()
    var version: UInt64 = 0
    var sourceVersion: UInt64 = 0
    var lastSequence: UInt64 = 0
    /// Unix milliseconds of the last change.
    var lastWall: Int64 = 0

    init(number: UInt32, brand: UInt32, sku: UInt32, warehouse: UInt32) {
        self.number = number
        self.brand = brand
        self.sku = sku
        self.warehouse = warehouse
    }

    /// Which way units go.
    enum Flow {
        case granted, confirmed, released, expired, ordered, cancelled
    }

    /// Adds the units of one leg.
    mutating func add(_ units: Int64, as flow: Flow) {
        switch flow {
        case .granted: granted &+= units
        case .confirmed: confirmed &+= units
        case .released: released &+= units
        case .expired: expired &+= units
        case .ordered: ordered &+= units
        case .cancelled: cancelled &+= units
        }
    }

    /// Equation 3.
    var onHand: Int64 {
        initial &+ adjusted &+ setDifferences &+ transferred &+ onHandCorrection
    }
    /// Equation 1.
    var held: Int64 { granted &- confirmed &- released &- expired &+ heldCorrection }
    /// Equation 2: nothing is shipped yet.
    var allocated: Int64 { confirmed &+ ordered &- cancelled &+ allocatedCorrection }
    /// Units that are never granted.
    var safety: Int64 { policy.safety }
    /// What a new hold may take.
    var available: Int64 { onHand &- held &- allocated &- safety }
}
