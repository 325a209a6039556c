// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The codes that a run sells under: all of one length, so that a template can be patched.
enum SkuCodes {
    static let digitCount = 7
    static let warehouse = "main"
    static let dealer = "dealer-1"
    /// SKUs at most, so that seven digits are enough.
    static let countMax = 10_000_000

    static func code(_ index: Int) -> String {
        let digits = String(index)
        return "sku-" + String(repeating: "0", count: digitCount - digits.count) + digits
    }
}
