// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// SKUs of the latest calls that were foreseen, by their hash.
struct Foresight: ~Copyable {
    /// A power of two, above the longest distance below.
    private static let count = 8
    private let hashes = FixedTable<UInt64>(capacity: count, repeating: 0)
    private var next = 0

    /// Calls between asking for a SKU's slot and asking for its row, and for its account then.
    static let rowDistance = 2
    static let accountDistance = 4

    mutating func note(_ hash: UInt64) {
        hashes[next & (Foresight.count - 1)] = hash
        next &+= 1
    }

    /// The hash that was noted so many calls before the latest; 0: none.
    subscript(_ distance: Int) -> UInt64 {
        hashes[(next &- 1 &- distance) & (Foresight.count - 1)]
    }
}

extension ReservationCore {
    /// How many calls before its turn a Reserve should be foreseen.
    public static var callsAhead: Int { 6 }

    /// Asks the processor for what a Reserve will touch that comes `callsAhead` calls later: each step
    /// of the way needs the one before, so it is gone step by step, while other calls are decided.
    /// Nothing is judged and nothing changed (decision 0022).
    public func foresee(
        _ id: ClientID, brand brandText: Span<UInt8>, sku: Span<UInt8>,
        in context: inout DecisionContext
    ) {
        guard let brand = codes.find(.brand, brand: 0, brandText, memo: context.memo)
        else { return }
        let hash = codes.hash(.sku, brand: brand, sku)
        codes.prefetch(hash)
        context.foresight.note(hash)
        codes.prefetchRow(context.foresight[Foresight.rowDistance])
        if let account = codes.guessAccount(context.foresight[Foresight.accountDistance]) {
            accounts.prefetch(account)
        }
        let identity = identity(.reservation, brandHash: codes.hash(of: brand), id: id)
        holds.index.prefetch(identity)
    }
}
