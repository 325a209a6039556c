// SPDX-License-Identifier: Apache-2.0

import ReservationCore

/// One step of a history. Numbers are those of `Shop`; ids are per brand.
enum Operation {
    /// Set units aside.
    case reserve(ReserveAsk)
    /// Make an order.
    case confirm(ConfirmAsk)
    /// Give back.
    case release(brand: Int, id: Int)
    /// Read a reservation.
    case readReservation(brand: Int, id: Int)
    /// Read an account.
    case readStock(account: Int)
    /// Write what is on hand.
    case setStock(SetAsk)
    /// Change what is on hand.
    case adjustStock(AdjustAsk)
    /// Time goes by.
    case wait(milliseconds: Int)
    /// Some loop of several turns its wheels.
    case turnWheels(loop: Int, loops: Int)
}

/// A line of a reservation.
struct LineOfReserve: Equatable {
    var sku: Int
    var warehouse: Int
    var quantity: Int
    var line: Int
}

/// A Reserve; `content` stands for the fingerprint.
struct ReserveAsk {
    var brand: Int
    var id: Int
    var dealer: Int
    var timeToLive: Int
    var fillMode: FillMode
    var lines: [LineOfReserve]
    var content: UInt64
}

/// A line of a confirmation; a SKU or warehouse that is nil is left empty.
struct LineOfConfirm: Equatable {
    var line: Int
    var quantity: Int
    var sku: Int?
    var warehouse: Int?
}

/// A Confirm.
struct ConfirmAsk {
    var brand: Int
    var id: Int
    var order: Int
    var lines: [LineOfConfirm]
}

/// A SetStock.
struct SetAsk {
    var request: Int
    var account: Int
    var onHand: Int
    var sourceVersion: UInt64
    var content: UInt64
}

/// An AdjustStock.
struct AdjustAsk {
    var request: Int
    var account: Int
    var delta: Int
    var expectedVersion: UInt64?
    var content: UInt64
}
