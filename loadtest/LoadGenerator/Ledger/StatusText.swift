// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI
internal import Wire

/// How an answer that isn't OK is told to people.
enum StatusText {
    /// As gRPC and the `.proto` write it: `RESOURCE_EXHAUSTED (TOO_MANY_HOLDS)`.
    static func of(_ status: StatusCode, _ reason: Reason?) -> String {
        let name = "\(LedgerFormat.name(status))"
        guard let reason, reason != .unspecified else { return name }
        return "\(name) (\(reason.name))"
    }
}
