// SPDX-License-Identifier: Apache-2.0

/// Every call that the server knows; the raw value is its index in `Method.paths`.
///
/// The raw values are part of what the server remembers of a request (its fingerprint): a call keeps
/// its number for good, or a retry across a release would look like another request.
public enum Method: UInt16, CaseIterable, Sendable, BitwiseCopyable {
    /// grpc.health.v1: how a service is.
    case healthCheck = 0
    /// Reads an account's figures.
    case getStock = 1
    /// Sets an account's on_hand.
    case setStock = 2
    /// Changes an account's on_hand by a difference.
    case adjustStock = 3
    /// Sets stock aside.
    case reserve = 4
    /// Turns a reservation into an order.
    case confirm = 5
    /// Gives a reservation's stock back.
    case release = 6
    /// Reads a reservation.
    case getReservation = 7
    /// Reads several accounts' figures.
    case batchGetStock = 8
    /// Sets how an account is sold.
    case setStockPolicy = 9
    /// Moves units between two warehouses.
    case transferStock = 10
    /// Lists what changed an account.
    case listMovements = 11
    /// Makes several reservations.
    case batchReserve = 12
    /// Moves a reservation's deadline.
    case extend = 13
    /// Lists a brand's reservations.
    case listReservations = 14
    /// Makes an order.
    case createOrder = 15
    /// Reads an order.
    case getOrder = 16
    /// Lists a brand's orders.
    case listOrders = 17
    /// Cancels an order, all of it or some.
    case cancelOrder = 18
    /// Reads what happened to an order.
    case getOrderTimeline = 19

    /// The paths of all calls, in the order of the raw values: what a loop is configured with.
    public static var paths: [StaticString] { allCases.map(\.path) }

    /// What stands in `:path`.
    public var path: StaticString {
        switch self {
        case .healthCheck: "/grpc.health.v1.Health/Check"
        case .getStock: "/stockade.v1.InventoryService/GetStock"
        case .setStock: "/stockade.v1.InventoryService/SetStock"
        case .adjustStock: "/stockade.v1.InventoryService/AdjustStock"
        case .reserve: "/stockade.v1.ReservationService/Reserve"
        case .confirm: "/stockade.v1.ReservationService/Confirm"
        case .release: "/stockade.v1.ReservationService/Release"
        case .getReservation: "/stockade.v1.ReservationService/GetReservation"
        case .batchGetStock: "/stockade.v1.InventoryService/BatchGetStock"
        case .setStockPolicy: "/stockade.v1.InventoryService/SetStockPolicy"
        case .transferStock: "/stockade.v1.InventoryService/TransferStock"
        case .listMovements: "/stockade.v1.InventoryService/ListMovements"
        case .batchReserve: "/stockade.v1.ReservationService/BatchReserve"
        case .extend: "/stockade.v1.ReservationService/Extend"
        case .listReservations: "/stockade.v1.ReservationService/ListReservations"
        case .createOrder: "/stockade.v1.OrderService/CreateOrder"
        case .getOrder: "/stockade.v1.OrderService/GetOrder"
        case .listOrders: "/stockade.v1.OrderService/ListOrders"
        case .cancelOrder: "/stockade.v1.OrderService/CancelOrder"
        case .getOrderTimeline: "/stockade.v1.OrderService/GetOrderTimeline"
        }
    }
}
