// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Primitives
internal import StockadeAPI

/// Streams the lines of one brand of a dump of `stockade check`, in bounded memory. Whatever the file
/// says, it is read or refused with the line's number.
struct DumpReader {
    /// Bytes of a line at most.
    static let lineBytesMax = 1 << 20

    private let path: String
    private let file: OpenFile
    private let parser: DumpParser
    private var buffer: [UInt8]
    /// What of the buffer isn't read yet.
    private var start = 0
    private var end = 0
    private var offset = 0
    /// The number of the line that was read last, from 1.
    private(set) var number: UInt64 = 0

    /// Opens a dump. `skus`: how many SKUs the run has.
    init(_ path: String, brand: String, skus: Int) throws(OracleFault) {
        self.path = path
        file = try OpenFile.reading(path)
        parser = DumpParser(brand: brand, skus: skus)
        buffer = Array(repeating: 0, count: 2 * DumpReader.lineBytesMax)
    }

    /// The next line of the journal or the brand; nil after the last.
    mutating func next() throws(OracleFault) -> DumpLine? {
        while let range = try nextLine() {
            number += 1
            let line: DumpLine?
            do {
                line = try parser.parse(buffer.span.extracting(range))
            } catch {
                throw OracleFault("\(path):\(number): \(error.text), at byte \(error.offset + 1)")
            }
            if number == 1 {
                guard case .journal = line else {
                    throw OracleFault(
                        "\(path):1: not the journal's line: no dump of stockade check")
                }
            }
            if let line { return line }
        }
        if number == 0 { throw OracleFault("\(path): empty") }
        return nil
    }

    /// Where the next line is in the buffer, without its end.
    private mutating func nextLine() throws(OracleFault) -> Range<Int>? {
        var looked = start
        while true {
            if let place = lineEnd(from: looked) {
                defer { start = place + 1 }
                guard place - start <= DumpReader.lineBytesMax else { throw tooLong }
                return start..<place
            }
            guard end - start <= DumpReader.lineBytesMax else { throw tooLong }
            looked = end - start
            if try !fill() {
                guard start == end else {
                    throw OracleFault("\(path):\(number + 1): cut off: the line doesn't end")
                }
                return nil
            }
        }
    }

    private var tooLong: OracleFault {
        OracleFault("\(path):\(number + 1): longer than \(DumpReader.lineBytesMax) bytes")
    }

    /// Moves what is left to the front and reads on. Returns false at the file's end.
    private mutating func fill() throws(OracleFault) -> Bool {
        let left = end - start
        let file = file
        let offset = offset
        let start = start
        let end = end
        var count = 0
        var fault: OracleFault?
        // SAFETY: start <= end <= count of the buffer; the room behind `left` is the buffer's own.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            do {
                count = try unsafe file.read(
                    UnsafeMutableRawBufferPointer(rebasing: bytes[left...]), at: offset)
            } catch let failure as OracleFault { fault = failure } catch {}
        }
        if let fault { throw fault }
        self.start = 0
        self.end = left + count
        self.offset += count
        return count > 0
    }

    private func lineEnd(from place: Int) -> Int? {
        guard place < end else { return nil }
        return unsafe buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                // SAFETY: place < end <= count of the buffer.
                let found = unsafe memchr(base + place, 0x0a, end - place)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
