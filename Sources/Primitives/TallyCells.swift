// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// Counters that one thread adds to and any thread reads, on cache lines that nothing else uses.
///
/// Adding is a load and a store, both relaxed: no lock, no locked instruction. A reader sees each cell
/// by itself, a moment old; two cells needn't agree. Whoever makes them keeps their `TallyMemory`.
@safe public struct TallyCells: BitwiseCopyable, @unchecked Sendable {
    @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt64>>
    /// Cells that exist.
    public let count: Int

    fileprivate init(_ cells: UnsafeMutablePointer<Atomic<UInt64>>, count: Int) {
        unsafe self.cells = cells
        self.count = count
    }

    /// Adds to a cell. The owner's thread alone.
    @inlinable @inline(__always)
    public func add(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        // SAFETY: the memory outlives whoever counts, and the index was checked.
        let cell = unsafe cells + index
        unsafe cell.pointee.store(
            cell.pointee.load(ordering: .relaxed) &+ value, ordering: .relaxed)
    }

    /// Sets a cell. The owner's thread alone.
    @inlinable @inline(__always)
    public func set(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        // SAFETY: as above.
        unsafe cells[index].store(value, ordering: .relaxed)
    }

    /// Reads a cell. Any thread.
    @inlinable @inline(__always)
    public subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        // SAFETY: as above.
        return unsafe cells[index].load(ordering: .relaxed)
    }
}

/// The memory of `TallyCells`: kept by whoever makes them, for as long as anybody counts or reads.
@safe public final class TallyMemory: @unchecked Sendable {
    /// The cells, all zero at first.
    public let cells: TallyCells
    private let raw: UnsafeMutableRawPointer

    /// Two lines, as processors fetch them in pairs.
    private static var alignment: Int { 128 }

    /// Makes `count` cells.
    public init(count: Int) {
        precondition(count > 0)
        let bytes = count * MemoryLayout<Atomic<UInt64>>.stride
        let padded = (bytes + TallyMemory.alignment - 1) / TallyMemory.alignment
        // SAFETY: bound and initialised once, here, and freed by deinit.
        unsafe raw = .allocate(
            byteCount: padded * TallyMemory.alignment, alignment: TallyMemory.alignment)
        let typed = unsafe raw.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { unsafe (typed + index).initialize(to: Atomic(0)) }
        cells = unsafe TallyCells(typed, count: count)
    }

    deinit { unsafe raw.deallocate() }
}
