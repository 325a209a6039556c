// SPDX-License-Identifier: Apache-2.0

/// What the metadata of an ErrorInfo may say about a refusal; of the first failing line where it is
/// about a line.
public enum MetadataKey: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The number of the first failing line.
    case line
    /// Its SKU.
    case sku
    /// Its warehouse.
    case warehouse
    /// How much was asked for, in base units.
    case requested
    /// How much could have been granted, in base units.
    case available
    /// What lies in the warehouse, in base units.
    case onHand
    /// What was promised and isn't there, in base units.
    case deficit
    /// How many lines failed.
    case failingLines
    /// Where the reservation or order stands.
    case state
    /// The bound that was met.
    case limit
    /// Whether the call had an effect: `false` or `unknown`.
    case applied
    /// The field that is wrong, by its path in the request.
    case field

    /// The key on the wire.
    public var name: StaticString {
        switch self {
        case .line: "line"
        case .sku: "sku"
        case .warehouse: "warehouse"
        case .requested: "requested"
        case .available: "available"
        case .onHand: "on_hand"
        case .deficit: "deficit"
        case .failingLines: "failing_lines"
        case .state: "state"
        case .limit: "limit"
        case .applied: "applied"
        case .field: "field"
        }
    }
}
