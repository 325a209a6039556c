// SPDX-License-Identifier: Apache-2.0

import Primitives
import ReservationCore

/// The small world that is simulated: everything in it is a plain number here and a code's text,
/// or an id's 16 bytes, for the core.
struct Shop {
    /// The last brand, SKU and warehouse are never defined by anybody.
    static let brands = 3
    static let skus = 9
    static let warehouses = 4
    static let dealers = 12
    /// Ids of each kind and brand; they come round again, so old ids are met anew.
    static let idsPerBrand = 3_000

    static let unknownBrand = brands - 1
    static let unknownSKU = skus - 1
    static let unknownWarehouse = warehouses - 1

    /// The texts of all codes.
    let texts: [UInt8]
    private let ranges: [[ByteRange]]  // by kind

    init() {
        var texts: [UInt8] = []
        var ranges: [[ByteRange]] = []
        let counts = [Shop.brands, Shop.skus, Shop.warehouses, Shop.dealers, 1, 1]
        let prefixes = ["brand-", "SKU", "w", "dealer/", "currency", "promotion"]
        for (prefix, count) in zip(prefixes, counts) {
            var ofKind: [ByteRange] = []
            for number in 0..<count {
                let text = Array("\(prefix)\(number)".utf8)
                ofKind.append(
                    ByteRange(start: UInt32(texts.count), count: UInt32(text.count)))
                texts += text
            }
            ranges.append(ofKind)
        }
        self.texts = texts
        self.ranges = ranges
    }

    func brand(_ number: Int) -> ByteRange { ranges[0][number] }
    func sku(_ number: Int) -> ByteRange { ranges[1][number] }
    func warehouse(_ number: Int) -> ByteRange { ranges[2][number] }
    func dealer(_ number: Int) -> ByteRange { ranges[3][number] }

    func codes(_ account: Int) -> StockCodes {
        let names = Shop.names(of: account)
        return StockCodes(
            brand: brand(Shop.brand(of: account)), sku: ranges[names[0].kind][names[0].number],
            warehouse: ranges[names[1].kind][names[1].number], kind: Shop.kind(of: account))
    }

    /// Which code a text is, as (kind, number).
    func code(_ text: [UInt8]) -> (kind: Int, number: Int)? {
        for (kind, ofKind) in ranges.enumerated() {
            for (number, range) in ofKind.enumerated() where Array(texts[range.indices]) == text {
                return (kind, number)
            }
        }
        return nil
    }

    /// The 16 bytes of an id; the same number of another kind is the same bytes.
    static func id(_ number: Int) -> ClientID {
        ClientID(
            high: SeededGenerator.mix(UInt64(number) + 1),
            low: SeededGenerator.mix(UInt64(number) + 0x1_0000_0000))
    }

    /// The numbers of ids by their first half.
    static let numbers = Dictionary(
        uniqueKeysWithValues: (0..<idsPerBrand).map { (id($0).high, $0) })

    // MARK: - Accounts as numbers

    /// Stock; behind it each dealer's credit, then what each may buy of the promotion.
    static let stockAccounts = brands * skus * warehouses
    static let accounts = stockAccounts + 2 * brands * dealers

    static func credit(brand: Int, dealer: Int) -> Int { stockAccounts + brand * dealers + dealer }

    static func quota(brand: Int, dealer: Int) -> Int {
        stockAccounts + (brands + brand) * dealers + dealer
    }

    /// The account of another brand that a special one is of the same kind and dealer as.
    static func account(_ special: Int, of brand: Int) -> Int {
        special + (brand - self.brand(of: special)) * dealers
    }

    static func kind(of account: Int) -> AccountKind {
        account < stockAccounts
            ? .stock : account < stockAccounts + brands * dealers ? .credit : .quota
    }

    /// The two codes of an account, each as (kind, number).
    static func names(of account: Int) -> [(kind: Int, number: Int)] {
        let dealer = (account - stockAccounts) % dealers
        return switch kind(of: account) {
        case .stock: [(1, sku(of: account)), (2, warehouse(of: account))]
        case .credit: [(3, dealer), (4, 0)]
        case .quota: [(5, 0), (3, dealer)]
        }
    }

    static func account(brand: Int, sku: Int, warehouse: Int) -> Int {
        (brand * skus + sku) * warehouses + warehouse
    }

    static func brand(of account: Int) -> Int {
        account < stockAccounts
            ? account / (skus * warehouses) : (account - stockAccounts) / dealers % brands
    }
    /// Of stock only, like the warehouse.
    static func sku(of account: Int) -> Int { account / warehouses % skus }
    static func warehouse(of account: Int) -> Int { account % warehouses }
}
