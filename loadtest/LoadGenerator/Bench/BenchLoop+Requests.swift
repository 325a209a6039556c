// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// What a request asks for. It follows from the run and the request's number, so that nothing else has
/// to be remembered of it.
extension BenchLoop {
    /// The SKU of a request's `part`th item or line.
    @inline(__always)
    func sku(_ part: Int, ofRequest number: UInt64) -> UInt32 {
        let draw = Mix.words(options.identity.seed, drawn(part, ofRequest: number))
        return UInt32(draw % UInt64(options.skus))
    }

    /// The number of an item or line over the whole run.
    @inline(__always)
    private func drawn(_ part: Int, ofRequest number: UInt64) -> UInt64 {
        number &* UInt64(options.parts) &+ UInt64(part)
    }

    /// Writes a request's own ids and SKUs into the template.
    @inline(__always)
    mutating func patch(_ request: OpenRequest) {
        template.patch(sku: Int(request.sku), at: 0)
        for part in 1..<template.skuCount {
            template.patch(sku: Int(sku(part, ofRequest: request.number)), at: part)
        }
        let kind: RequestKind = options.call == .createOrder ? .order : .reserve
        if template.idCount == 1 {
            return template.patch(id: options.identity.id(kind, request.number), at: 0)
        }
        for part in 0..<template.idCount {
            let number = drawn(part, ofRequest: request.number)
            template.patch(id: options.identity.id(kind, number), at: part)
        }
    }
}

extension BenchOptions.Call {
    /// What is called, for the loop.
    var method: Method {
        switch self {
        case .reserve: .reserve
        case .getStock: .getStock
        case .batchReserve: .batchReserve
        case .createOrder: .createOrder
        }
    }
}

extension RequestTemplate {
    /// The request of a run.
    static func of(_ options: BenchOptions) -> RequestTemplate {
        let brand = options.identity.brand
        switch options.call {
        case .reserve: return .reserve(brand: brand)
        case .getStock: return .getStock(brand: brand)
        case .batchReserve: return .batchReserve(brand: brand, items: options.parts)
        case .createOrder: return .createOrder(brand: brand, lines: options.parts)
        }
    }
}
