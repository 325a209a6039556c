// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Where a batch has its orders, and what it cancels of those that the tables have. Filled when a
/// cancellation asks: a sale without any pays nothing.
struct OrderIndex: Sendable {
    struct Key: Hashable {
        var id: ClientID
        var brand: UInt32
    }

    struct Line: Hashable {
        var order: Key
        var line: UInt32
        var warehouse: UInt32
    }

    /// Orders of the batch that were looked at.
    private var known = 0
    private var own: [Key: Int] = [:]
    /// Rows of `ProjectionBatch.orderCancels` and `orderLineCancels`.
    var cancels: [Key: Int] = [:]
    var lineCancels: [Line: Int] = [:]

    /// The row of an order that was made in the batch.
    mutating func row(of key: Key, in orders: [OrderRow]) -> Int? {
        while known < orders.count {
            own[Key(id: orders[known].order, brand: orders[known].brand)] = known
            known += 1
        }
        return own[key]
    }

    mutating func removeAll() {
        known = 0
        own.removeAll(keepingCapacity: true)
        cancels.removeAll(keepingCapacity: true)
        lineCancels.removeAll(keepingCapacity: true)
    }
}
