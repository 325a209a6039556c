// SPDX-License-Identifier: Apache-2.0

/// What the oracle says of a sale.
public struct SaleFindings: Equatable, Sendable {
    /// A result for each of `CheckName`, in that order.
    public var checks: [CheckResult]
    /// Units of the flash SKUs that the journal's orders have at the very end, without what was cancelled;
    /// nil: the journal wasn't joined.
    public var flashUnitsSold: Int64?

    /// Names the parts.
    public init(checks: [CheckResult], flashUnitsSold: Int64?) {
        self.checks = checks
        self.flashUnitsSold = flashUnitsSold
    }
}
