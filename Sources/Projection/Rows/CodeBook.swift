// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// What a code names, as records have it.
public enum CodeKind: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// A brand.
    case brand = 1
    /// A SKU of a brand.
    case sku = 2
    /// A warehouse of a brand.
    case warehouse = 3
    /// A dealer of a brand.
    case dealer = 4
}

/// The texts of the journal's codes by their number: rows have numbers, tables have texts.
public struct CodeBook: Sendable {
    private struct Entry: BitwiseCopyable {
        var start: Int
        var brand: UInt32
        var count: UInt8
        var kind: CodeKind
    }

    private let capacity: Int
    private let hash: (UInt64, UInt64)
    private var texts: [UInt8] = []
    private var entries: [Entry] = []
    /// Numbers by the keyed hash of a code: two codes with one hash, which nobody will see, would be
    /// told as one defined twice.
    private var numbers: [UInt64: UInt32] = [:]

    /// Makes an empty book.
    ///
    /// - Parameters:
    ///   - capacity: codes at most.
    ///   - hashKey: the journal's (`JournalIdentity`).
    public init(capacity: Int, hashKey: (UInt64, UInt64)) {
        self.capacity = capacity
        hash = hashKey
    }

    /// Codes in it, which is the number that the next one gets.
    public var count: Int { entries.count }

    /// Takes a stored row; rows come by ascending number.
    ///
    /// - Throws: `RowFault` when it can't be a code, or isn't the next one.
    public mutating func load(
        number: UInt32, kind: UInt8, brand: UInt32, text: Span<UInt8>
    ) throws(RowFault) {
        try define(number, kind: kind, of: brand, text, sequence: 0)
    }

    /// Lends a code's text, printable ASCII; an empty one when the number isn't known.
    public func withText<Result, Failure: Error>(
        _ number: UInt32, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard number < entries.count else { return try body(texts.span.extracting(0..<0)) }
        let entry = entries[Int(number)]
        return try body(texts.span.extracting(entry.start..<entry.start + Int(entry.count)))
    }

    /// A code's text; empty when the number isn't known.
    public func text(_ number: UInt32) -> [UInt8] {
        guard number < entries.count else { return [] }
        let entry = entries[Int(number)]
        return Array(texts[entry.start..<entry.start + Int(entry.count)])
    }

    /// The number of a code; a brand's `brand` is 0.
    public func number(_ kind: CodeKind, of brand: UInt32, _ text: Span<UInt8>) -> UInt32? {
        guard let number = numbers[key(kind, brand, text)], isDefined(number, as: kind, of: brand),
            self.text(number).span.isEqual(to: text)
        else { return nil }
        return number
    }

    /// Whether a number is that of a code of this kind and brand; a brand's `brand` is 0.
    public func isDefined(_ number: UInt32, as kind: CodeKind, of brand: UInt32) -> Bool {
        guard number < entries.count else { return false }
        let entry = entries[Int(number)]
        return entry.kind == kind && entry.brand == brand
    }

    private func key(_ kind: CodeKind, _ brand: UInt32, _ text: Span<UInt8>) -> UInt64 {
        KeyedHash(key: (hash.0 ^ UInt64(kind.rawValue), hash.1 ^ UInt64(brand)))(text)
    }

    // MARK: - Changes

    /// Takes a definition, the next one.
    mutating func define(
        _ number: UInt32, kind rawKind: UInt8, of brand: UInt32, _ text: Span<UInt8>,
        sequence: UInt64
    ) throws(RowFault) {
        guard entries.count < capacity else {
            throw RowFault(.bookFull(.codes), sequence: sequence)
        }
        guard Int(number) == entries.count, let kind = CodeKind(rawValue: rawKind),
            kind == .brand ? brand == 0 : isDefined(brand, as: .brand, of: 0),
            CodeBook.isText(text)
        else { throw RowFault(.definition(number), sequence: sequence) }
        let key = key(kind, brand, text)
        guard numbers[key] == nil
        else { throw RowFault(.definition(number), sequence: sequence) }
        numbers[key] = number
        entries.append(
            Entry(start: texts.count, brand: brand, count: UInt8(text.count), kind: kind))
        for index in 0..<text.count { texts.append(text[index]) }
    }

    private static func isText(_ text: Span<UInt8>) -> Bool {
        guard text.count > 0, text.count <= RowLimits.codeByteCountMax else { return false }
        for index in 0..<text.count where !(0x20...0x7e).contains(text[index]) { return false }
        return true
    }

    /// Forgets the codes that were defined last.
    mutating func removeLast(_ count: Int) {
        for _ in 0..<count {
            let number = UInt32(entries.count - 1)
            let own = text(number)
            let entry = entries.removeLast()
            numbers[key(entry.kind, entry.brand, own.span)] = nil
            texts.removeLast(own.count)
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes are the same.
    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
