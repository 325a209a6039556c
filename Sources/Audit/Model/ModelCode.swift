// SPDX-License-Identifier: Apache-2.0

/// What a code names, as records have it.
enum ModelCodeKind: UInt8, Hashable {
    case brand = 1
    case sku = 2
    case warehouse = 3
    case dealer = 4
}

/// A code that was defined; its number is its place in the list of all.
struct ModelCode: Hashable {
    /// The kind's number as it was read; nothing but 1 to 4 is right.
    var kind: UInt8
    /// The brand that it belongs to; 0 for a brand.
    var brand: UInt32
    var text: [UInt8]

    /// The text for people: what isn't printable ASCII as a question mark.
    var name: String {
        String(decoding: text.map { (0x20...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }
}
