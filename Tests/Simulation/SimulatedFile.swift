// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives

/// A file as the system shows it, and as the disk has it.
struct SimulatedFile {
    /// What a read answers with.
    private(set) var visible: [UInt8] = []
    /// What is left when the power fails now, but for what lies in between.
    private(set) var durable: [UInt8] = []
    /// Written since the last flush: any sector of it may have reached the disk.
    private var dirty: [Range<Int>] = []
    /// The names it had since the directory was flushed, the durable one first. Nil: none.
    private var names: [SegmentFile?] = [nil]
    private var isNameDirty = true

    /// A new file: nothing of it is durable, its name neither.
    init(_ name: SegmentFile) { names.append(name) }

    /// The name that the system knows it under.
    var name: SegmentFile? { names.last ?? nil }

    /// Whether it would survive as it is.
    var isClean: Bool { dirty.isEmpty && names.count == 1 }

    // MARK: - What programs do

    mutating func rename(_ name: SegmentFile?) {
        names.append(name)
        isNameDirty = true
    }

    mutating func write(_ bytes: Span<UInt8>, at offset: Int) {
        let end = offset + bytes.count
        let growth = end - visible.count
        if growth > 0 { visible += [UInt8](repeating: 0, count: growth) }
        SimulatedFile.copy(bytes, into: &visible, at: offset)
        dirty.append(offset..<end)
    }

    mutating func flush() {
        extendDurable()
        for range in dirty { persist(range) }
        dirty.removeAll()
    }

    mutating func flushName() {
        guard isNameDirty else { return }
        names = [name]
    }

    // MARK: - What goes wrong

    /// A flush that fails as Linux does it: some of the bytes got there, the rest counts as written
    /// from now on, and the next flush says that all is well.
    mutating func failFlush(_ chance: inout SeededGenerator) {
        persistSome(&chance)
        dirty.removeAll()
    }

    /// The same for its name.
    mutating func failNameFlush() { isNameDirty = false }

    /// The power fails: of what wasn't flushed any part may be there.
    mutating func losePower(_ chance: inout SeededGenerator) {
        persistSome(&chance)
        dirty.removeAll()
        visible = durable
        names = [chance.pick(names)]
        isNameDirty = false
    }

    private mutating func persistSome(_ chance: inout SeededGenerator) {
        // A file that grew may have its new length, with nothing in it.
        if chance.oneIn(2) { extendDurable() }
        let sector = chance.oneIn(2) ? 512 : 4_096
        let manner = chance.below(5)
        for range in dirty {
            // All, none, a beginning, an end, or any.
            let cut = chance.within(range.lowerBound...range.upperBound) / sector * sector
            for start in stride(from: range.lowerBound, to: range.upperBound, by: sector) {
                let isThere =
                    switch manner {
                    case 0: false
                    case 1: true
                    case 2: start < cut
                    case 3: start >= cut
                    default: chance.oneIn(2)
                    }
                if isThere { persist(start..<min(start + sector, range.upperBound)) }
            }
        }
    }

    /// The new length is there, with zeroes in it.
    private mutating func extendDurable() {
        let growth = visible.count - durable.count
        if growth > 0 { durable += [UInt8](repeating: 0, count: growth) }
    }

    private mutating func persist(_ range: Range<Int>) {
        let end = min(range.upperBound, durable.count)
        guard range.lowerBound < end else { return }
        let written = visible
        SimulatedFile.copy(
            written.span.extracting(range.lowerBound..<end), into: &durable, at: range.lowerBound)
    }

    // MARK: - What a disk does to bytes at rest

    /// Overwrites bytes on the disk and in memory.
    mutating func damage(_ bytes: [UInt8], at offset: Int) {
        SimulatedFile.copy(bytes.span, into: &durable, at: offset)
        visible = durable
    }

    /// Makes the file longer or shorter.
    mutating func resize(to count: Int) {
        let growth = count - durable.count
        if growth < 0 {
            durable.removeLast(-growth)
        } else {
            durable += [UInt8](repeating: 0, count: growth)
        }
        visible = durable
    }

    private static func copy(_ bytes: Span<UInt8>, into target: inout [UInt8], at offset: Int) {
        precondition(offset >= 0 && offset + bytes.count <= target.count)
        guard !bytes.isEmpty else { return }
        unsafe bytes.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { target in
                // SAFETY: both have room for as many bytes as are copied, as just checked.
                unsafe target.baseAddress!.advanced(by: offset).copyMemory(
                    from: source.baseAddress!, byteCount: source.count)
            }
        }
    }
}
