// SPDX-License-Identifier: Apache-2.0

/// What an account counts. One mechanism for all three: a decision over accounts of several kinds gets
/// all or nothing. No call of the API makes accounts for credit and quota yet.
public enum AccountKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Units of a SKU in a warehouse.
    case stock = 1
    /// Money that a dealer may still owe in a currency, in minor units.
    case credit = 2
    /// Units of a promotion that a dealer may still buy.
    case quota = 3

    /// What the first of an account's two codes names.
    public var firstCode: CodeKind {
        switch self {
        case .stock: .sku
        case .credit: .dealer
        case .quota: .promotion
        }
    }

    /// What the second one names.
    public var secondCode: CodeKind {
        switch self {
        case .stock: .warehouse
        case .credit: .currency
        case .quota: .dealer
        }
    }

    /// Why less than asked for is refused.
    var shortage: RefusalReason {
        switch self {
        case .stock: .insufficientStock
        case .credit: .creditExceeded
        case .quota: .purchaseLimitExceeded
        }
    }
}

extension RefusalReason {
    /// Which of two reasons a refusal names: purchase limit before stock before credit, and before
    /// them what isn't there at all.
    var rank: Int {
        switch self {
        case .purchaseLimitExceeded: 1
        case .insufficientStock: 2
        case .creditExceeded: 3
        default: 0
        }
    }

    /// Whether there was less than asked for.
    var isShortage: Bool { rank > 0 }
}

extension Optional<Refusal> {
    /// Counts one more line that fails: the refusal names the first of those that come first by rank.
    mutating func add(_ cause: @autoclosure () -> Refusal, _ reason: RefusalReason, line: Int) {
        if let known = self {
            if known.reason == reason { self?.failingLines += 1 }
            guard reason.rank < known.reason.rank else { return }
        }
        self = cause()
        self?.lineIndex = Int32(line)
        self?.failingLines = 1
    }
}
