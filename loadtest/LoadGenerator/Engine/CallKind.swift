// SPDX-License-Identifier: Apache-2.0

/// What a journey calls.
public enum CallKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// InventoryService/GetStock.
    case getStock
    /// ReservationService/Reserve.
    case reserve
    /// ReservationService/Confirm.
    case confirm
    /// ReservationService/Release.
    case release
    /// OrderService/CreateOrder, at once.
    case createOrder
    /// OrderService/CancelOrder.
    case cancelOrder

    /// The method's name as scenarios and reports write it.
    public var name: String {
        switch self {
        case .getStock: "GetStock"
        case .reserve: "Reserve"
        case .confirm: "Confirm"
        case .release: "Release"
        case .createOrder: "CreateOrder"
        case .cancelOrder: "CancelOrder"
        }
    }
}
