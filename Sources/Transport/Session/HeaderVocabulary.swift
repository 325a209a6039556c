// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The paths and header names that were configured, in a form to compare with quickly.
struct HeaderVocabulary: ~Copyable {
    private let paths: FixedTable<ConstantText>
    private let methodCount: Int
    private let watched: FixedTable<ConstantText>
    private let watchedCount: Int
    /// Bit n: a watched name has n bytes. Most headers end here.
    private let watchedLengths: UInt64

    init(methods: [StaticString], watchedHeaders: [StaticString]) {
        precondition(methods.count < Int(UInt16.max) && watchedHeaders.count <= 32)
        methodCount = methods.count
        watchedCount = watchedHeaders.count
        paths = FixedTable(capacity: max(1, methods.count), repeating: ConstantText("-"))
        watched = FixedTable(capacity: max(1, watchedHeaders.count), repeating: ConstantText("-"))
        var lengths: UInt64 = 0
        for name in watchedHeaders {
            precondition(name.utf8CodeUnitCount < 64)
            lengths |= 1 << UInt64(name.utf8CodeUnitCount)
        }
        watchedLengths = lengths
        for (index, path) in methods.enumerated() { paths[index] = ConstantText(path) }
        for (index, name) in watchedHeaders.enumerated() { watched[index] = ConstantText(name) }
    }

    /// Text of a method's path.
    func path(of method: UInt16) -> ConstantText {
        precondition(method < methodCount)
        return paths[Int(method)]
    }

    /// The method whose path this is; `guess` is tried first.
    @inline(__always)
    func method(of path: Span<UInt8>, guess: UInt16) -> UInt16? {
        guard path.count > 0, methodCount > 0 else { return nil }
        if paths[Int(guess)].matches(path) { return guess }
        for index in 0..<methodCount where paths[index].matches(path) { return UInt16(index) }
        return nil
    }

    /// The bit of a watched header's name; 0 for all others.
    @inline(__always)
    func watchedBit(of name: Span<UInt8>) -> UInt32 {
        guard name.count < 64, watchedLengths & 1 << UInt64(name.count) != 0 else { return 0 }
        for index in 0..<watchedCount where watched[index].matches(name) { return 1 << index }
        return 0
    }
}
