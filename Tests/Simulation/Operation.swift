// SPDX-License-Identifier: Apache-2.0

import Effects
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
    /// Make an order at once.
    case order(ReserveAsk)
    /// Make an order of reservations.
    case orderFromHolds(OrderAsk)
    /// Cancel an order, in part or in whole.
    case cancel(CancelAsk)
    /// Read an order.
    case readOrder(brand: Int, id: Int)
    /// Move a deadline.
    case extend(ExtendAsk)
    /// Say what is to be kept.
    case setPolicy(PolicyAsk)
    /// Move units between warehouses.
    case transfer(TransferAsk)
    /// List reservations in a state, or all.
    case listReservations(brand: Int, state: HoldState?)
    /// List orders in a state, or all.
    case listOrders(brand: Int, state: OrderState?)
    /// Time goes by.
    case wait(milliseconds: Int)
    /// Some loop of several turns its wheels.
    case turnWheels(loop: Int, loops: Int)
}

/// A line of a reservation or of an order at once.
struct LineOfReserve: Equatable {
    var sku: Int
    /// Nil: whichever has most.
    var warehouse: Int?
    var quantity: Int
    var line: Int
    /// Credit or quota instead of stock.
    var special: Int?
}

/// A Reserve, or an order at once; `content` stands for the fingerprint. A time to live of 0 leaves it
/// to the policies.
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

extension LineOfConfirm {
    /// Whether the line names other codes than those of an account.
    func contradicts(_ account: Int) -> Bool {
        guard Shop.kind(of: account) == .stock else { return sku != nil || warehouse != nil }
        return (sku ?? Shop.sku(of: account)) != Shop.sku(of: account)
            || (warehouse ?? Shop.warehouse(of: account)) != Shop.warehouse(of: account)
    }
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

/// A CreateOrder of reservations.
struct OrderAsk {
    var brand: Int
    var id: Int
    var dealer: Int
    var reservations: [Int]
    var content: UInt64
}

/// A CancelOrder.
struct CancelAsk {
    var request: Int
    var brand: Int
    var order: Int
    var lines: [LineOfConfirm]
    var cause: UInt8
    var content: UInt64
}

/// An Extend.
struct ExtendAsk {
    var request: Int
    var brand: Int
    var id: Int
    var timeToLive: Int
    var content: UInt64
}

/// A SetStockPolicy.
struct PolicyAsk {
    var request: Int
    var account: Int
    var policy: StockPolicy
    var content: UInt64
}

/// A TransferStock between two warehouses of a SKU.
struct TransferAsk {
    var request: Int
    var from: Int
    var to: Int
    var quantity: Int
    var content: UInt64
}
