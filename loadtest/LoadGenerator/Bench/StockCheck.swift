// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// GetStock of every SKU of a run, against what the run was granted: is every unit accounted for?
struct StockCheck: CallSequence {
    let count: Int
    let method = Method.getStock
    private(set) var finding = StockFinding()
    private let brand: String
    private let units: Int64
    private let granted: [UInt32]
    private let wasRefused: [Bool]

    init(brand: String, units: Int64, granted: [UInt32], wasRefused: [Bool]) {
        self.brand = brand
        self.units = units
        self.granted = granted
        self.wasRefused = wasRefused
        count = granted.count
    }

    mutating func encode(_ index: Int, into request: inout ByteWriter) {
        var texts = MessageTexts()
        var message = GetStockRequest()
        message.key = StockKey(
            brand: texts.add(brand), sku: texts.add(SkuCodes.code(index)),
            warehouse: texts.add(SkuCodes.warehouse))
        message.hasKey = true
        texts.encode(message, into: &request)
    }

    mutating func accept(_ index: Int, _ answer: Span<UInt8>) -> Bool {
        guard let reply = try? StockReply.decode(answer), reply.hasStock else { return false }
        let stock = reply.stock
        let promised = Int64(granted[index])
        finding.oversold += max(0, promised - units)
        // A unit that the server holds for nobody, or an answer that it doesn't remember.
        finding.unaccounted += (stock.held + stock.allocated - promised).magnitude
        if stock.onHand != units || stock.available != units - stock.held - stock.allocated {
            finding.wrongFigures += 1
        }
        if wasRefused[index] { finding.undersold += max(0, stock.available) }
        return true
    }
}

/// What the stock says about a run, in units; all zero when the sale was right.
public struct StockFinding: Equatable, Sendable {
    /// Units granted beyond what there was.
    public var oversold: Int64 = 0
    /// Units by which the server's figures and the answers differ.
    public var unaccounted: UInt64 = 0
    /// Units left of SKUs of which somebody was told that they are sold out.
    public var undersold: Int64 = 0
    /// SKUs whose figures don't add up.
    public var wrongFigures = 0

    /// Whether the sale was right.
    public var isClean: Bool { self == StockFinding() }
}
