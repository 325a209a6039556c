// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI

/// Making figures and policies as the API has them.
extension StockadeService {
    /// An account under the codes that the request gave.
    mutating func stock(_ view: StockView, _ codes: StockCodes, in message: Span<UInt8>) -> Stock {
        var key = StockKey()
        key.brand = scratch.text(message.extracting(codes.brand.indices))
        key.sku = scratch.text(message.extracting(codes.sku.indices))
        key.warehouse = scratch.text(message.extracting(codes.warehouse.indices))
        var stock = Stock(of: key)
        stock.onHand = view.figures.onHand
        stock.held = view.figures.held
        stock.allocated = view.figures.allocated
        stock.safety = view.figures.safety
        stock.available = view.figures.available
        stock.backorderLimit = view.backorderLimit
        stock.deficit = view.figures.deficit
        stock.version = view.figures.version
        stock.sourceVersion = view.sourceVersion
        stock.updatedMilliseconds = view.changed.milliseconds
        return stock
    }

    mutating func policy(_ view: StockView) -> StockadeAPI.StockPolicy {
        var policy = StockadeAPI.StockPolicy()
        policy.safety = view.figures.safety
        policy.backorderLimit = view.policy.backorderLimit
        policy.lowWater = view.policy.lowWater
        policy.highWater = view.policy.highWater
        policy.holdTTLMilliseconds = UInt32(view.policy.holdTimeToLiveMilliseconds)
        return policy
    }
}
