// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// SetStock of every SKU of a run.
struct StockSetup: CallSequence {
    let count: Int
    let method = Method.setStock
    private let identity: RunIdentity
    private let brand: String
    private let units: @Sendable (Int) -> Int64
    private let sourceVersion: UInt64

    init(
        identity: RunIdentity, brand: String, skus: Int,
        units: @escaping @Sendable (Int) -> Int64, sourceVersion: UInt64
    ) {
        self.identity = identity
        self.brand = brand
        self.units = units
        self.sourceVersion = sourceVersion
        count = skus
    }

    mutating func encode(_ index: Int, into request: inout ByteWriter) {
        var texts = MessageTexts()
        var message = SetStockRequest()
        message.requestID = texts.add(identity.id(.setup, UInt64(index)))
        message.key = StockKey(
            brand: texts.add(brand), sku: texts.add(SkuCodes.code(index)),
            warehouse: texts.add(SkuCodes.warehouse))
        message.hasKey = true
        message.onHand = units(index)
        message.source = texts.add("stampede")
        message.sourceVersion = sourceVersion
        texts.encode(message, into: &request)
    }

    mutating func accept(_ index: Int, _ answer: Span<UInt8>) -> Bool {
        guard let reply = try? SetStockResponse.decode(answer) else { return false }
        return reply.result.known == .applied && reply.stock.onHand == units(index)
    }
}
