// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// One line's share of a hold; a line that was split over warehouses has several.
struct ModelLeg {
    var line: UInt32
    var account: UInt32
    private var packed: UInt32
    /// Units that became the order's.
    var confirmed: UInt32 = 0

    init(line: UInt32, account: UInt32, granted: UInt32, isShort: Bool) {
        self.line = line
        self.account = account
        packed = granted & 0x7fff_ffff | (isShort ? 1 << 31 : 0)
    }

    /// Units granted, below 2^31.
    var granted: UInt32 { packed & 0x7fff_ffff }
    /// Whether the line asked for more.
    var isShort: Bool { packed >> 31 == 1 }
}

/// A hold, live or ended: one row, about 140 bytes.
struct ModelHold {
    enum State: UInt8 {
        case held, confirmed, released, expired
    }

    var id: ClientID
    /// The order of a confirmed hold.
    var order = ClientID(high: 0, low: 0)
    var createdSequence: UInt64
    /// Of the record of the last change: the grant or the end.
    var lastSequence: UInt64
    /// Unix milliseconds of the grant.
    var created: Int64
    /// Unix milliseconds of the last change.
    var changed: Int64
    /// Tick of the grant.
    var granted: UInt64
    /// Tick from which on it is due.
    var deadline: UInt64
    /// Tick of its end.
    var ended: UInt64 = 0
    var brand: UInt32
    var dealer: UInt32
    /// The only leg, without a list on the heap: nearly all holds have one.
    private var onlyLeg: ModelLeg
    private var legList: [ModelLeg]
    var state = State.held
    var fillMode: UInt8
    /// Past its retention: its id may be granted again.
    var isForgotten = false

    init(
        id: ClientID, brand: UInt32, dealer: UInt32, fillMode: UInt8, granted: UInt64,
        deadline: UInt64, sequence: UInt64, wall: Int64, legs: [ModelLeg]
    ) {
        self.id = id
        self.brand = brand
        self.dealer = dealer
        self.fillMode = fillMode
        self.granted = granted
        self.deadline = deadline
        createdSequence = sequence
        lastSequence = sequence
        created = wall
        changed = wall
        onlyLeg =
            legs.count == 1
            ? legs[0] : ModelLeg(line: 0, account: 0, granted: 0, isShort: false)
        legList = legs.count == 1 ? [] : legs
        hasOneLeg = legs.count == 1
    }

    private var hasOneLeg: Bool

    var legCount: Int { hasOneLeg ? 1 : legList.count }

    subscript(leg index: Int) -> ModelLeg {
        get { hasOneLeg ? onlyLeg : legList[index] }
        set {
            if hasOneLeg { onlyLeg = newValue } else { legList[index] = newValue }
        }
    }
}
