// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Codes that a loop found lately, by a cheap mark of their text: for brands, warehouses and dealers,
/// which repeat themselves from call to call. Saves a keyed hash and a search each.
///
/// A number is only believed after its row was compared, and codes are never removed, so a memo
/// can be useless but not wrong.
struct CodeMemo: ~Copyable {
    private static let bits: UInt32 = 10
    /// Number + 1; 0: none.
    private let numbers = FixedTable<UInt32>(capacity: 1 << Int(bits), repeating: 0)

    /// Where a code would be noted.
    func place(_ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>) -> Int {
        let spread = Int(brand &+ UInt32(kind.rawValue)) & (1 << Int(CodeMemo.bits) - 1)
        return text.mixed(bits: CodeMemo.bits) ^ spread
    }

    /// What is noted there.
    subscript(_ place: Int) -> UInt32? {
        let number = numbers[place]
        return number == 0 ? nil : number - 1
    }

    /// Notes a code that was found, in place of another.
    func note(_ number: UInt32, at place: Int) { numbers[place] = number + 1 }
}
