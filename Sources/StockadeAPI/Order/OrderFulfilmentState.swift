// SPDX-License-Identifier: Apache-2.0

/// Where an order's goods are; the raw value is the number in the `.proto`.
public enum OrderFulfilmentState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// The stock is allocated to the order and lies in the warehouse.
    case allocated = 1
    /// Some of it waits for stock to come.
    case backordered = 2
    /// Being picked.
    case picking = 3
    /// Some of it has left.
    case partiallyShipped = 4
    /// All of it has left.
    case shipped = 5
    /// It has arrived.
    case delivered = 6
    /// The stock went back to what may be sold.
    case cancelled = 7
    /// The dealer wants to send it back.
    case returnRequested = 8
    /// It came back.
    case returned = 9
}
