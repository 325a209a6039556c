// SPDX-License-Identifier: Apache-2.0

/// What is wrong in a line, and where.
struct ScanFault: Error, Equatable {
    var text: String
    var offset: Int

    init(_ text: String, at offset: Int) {
        self.text = text
        self.offset = offset
    }
}

/// Reads one object of JSON: strict, in place, and without an allocation. Fields that it doesn't know
/// are checked for their form and skipped.
struct DumpScanner {
    /// Values within values, at most.
    private static let depthMax = 16

    /// By `DumpField.rawValue`.
    private let names = DumpField.allCases.map { FieldName($0.name) }

    /// Reads the object that begins at `offset`, which is behind it afterwards.
    func object(_ bytes: Span<UInt8>, at offset: inout Int) throws(ScanFault) -> DumpFields {
        var fields = DumpFields()
        try expect(0x7b, "an object", bytes, at: &offset)
        skipSpace(bytes, at: &offset)
        if offset < bytes.count, bytes[offset] == 0x7d {
            offset += 1
            return fields
        }
        while true {
            skipSpace(bytes, at: &offset)
            let start = offset
            var name = FieldName()
            try text(bytes, at: &offset) { name.append($0) }
            skipSpace(bytes, at: &offset)
            try expect(0x3a, "a colon", bytes, at: &offset)
            skipSpace(bytes, at: &offset)
            var place = DumpFields.Place()
            place.start = Int32(offset)
            place.form = try value(bytes, at: &offset, depth: 0)
            place.end = Int32(offset)
            if place.form == .text {
                place.start += 1
                place.end -= 1
            }
            if !name.isForeign, let index = names.firstIndex(of: name),
                let field = DumpField(rawValue: index)
            {
                guard fields[field].form == .absent else {
                    throw ScanFault("a field comes twice", at: start)
                }
                fields[field] = place
            }
            skipSpace(bytes, at: &offset)
            guard offset < bytes.count else { throw ScanFault("cut off", at: offset) }
            offset += 1
            if bytes[offset - 1] == 0x7d { return fields }
            guard bytes[offset - 1] == 0x2c else {
                throw ScanFault("neither a comma nor the object's end", at: offset - 1)
            }
        }
    }

    /// Moves over spaces.
    func skipSpace(_ bytes: Span<UInt8>, at offset: inout Int) {
        while offset < bytes.count, bytes[offset] == 0x20 || bytes[offset] == 0x09 { offset += 1 }
    }

    /// Moves over one byte that must be there.
    func expect(
        _ byte: UInt8, _ what: StaticString, _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(ScanFault) {
        guard offset < bytes.count else { throw ScanFault("cut off", at: offset) }
        guard bytes[offset] == byte else { throw ScanFault("not \(what)", at: offset) }
        offset += 1
    }

    // MARK: - Values

    private func value(
        _ bytes: Span<UInt8>, at offset: inout Int, depth: Int
    ) throws(ScanFault) -> DumpFields.Form {
        guard offset < bytes.count else { throw ScanFault("cut off", at: offset) }
        guard depth < DumpScanner.depthMax else { throw ScanFault("nested too deep", at: offset) }
        switch bytes[offset] {
        case 0x22:
            try text(bytes, at: &offset) { _ in }
            return .text
        case 0x2d, 0x30...0x39:
            try number(bytes, at: &offset)
            return .number
        case 0x6e:
            try word("null", bytes, at: &offset)
            return .null
        case 0x74:
            try word("true", bytes, at: &offset)
            return .yes
        case 0x66:
            try word("false", bytes, at: &offset)
            return .no
        case 0x5b:
            try nested(bytes, at: &offset, depth: depth, end: 0x5d)
            return .list
        case 0x7b:
            try nested(bytes, at: &offset, depth: depth, end: 0x7d)
            return .object
        default: throw ScanFault("not a value", at: offset)
        }
    }

    /// The rest of a list or an object whose end is `end`.
    private func nested(
        _ bytes: Span<UInt8>, at offset: inout Int, depth: Int, end: UInt8
    ) throws(ScanFault) {
        offset += 1
        skipSpace(bytes, at: &offset)
        if offset < bytes.count, bytes[offset] == end {
            offset += 1
            return
        }
        while true {
            skipSpace(bytes, at: &offset)
            if end == 0x7d {
                try text(bytes, at: &offset) { _ in }
                skipSpace(bytes, at: &offset)
                try expect(0x3a, "a colon", bytes, at: &offset)
                skipSpace(bytes, at: &offset)
            }
            _ = try value(bytes, at: &offset, depth: depth + 1)
            skipSpace(bytes, at: &offset)
            guard offset < bytes.count else { throw ScanFault("cut off", at: offset) }
            offset += 1
            if bytes[offset - 1] == end { return }
            guard bytes[offset - 1] == 0x2c else {
                throw ScanFault("neither a comma nor the end", at: offset - 1)
            }
        }
    }

    /// A text in quotes; `take` gets its bytes as they stand there.
    private func text(
        _ bytes: Span<UInt8>, at offset: inout Int, _ take: (UInt8) -> Void
    ) throws(ScanFault) {
        try expect(0x22, "a text", bytes, at: &offset)
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == 0x22 { return }
            guard byte >= 0x20, byte < 0x7f else {
                throw ScanFault("not printable ASCII", at: offset - 1)
            }
            take(byte)
            guard byte == 0x5c else { continue }
            guard offset < bytes.count else { break }
            switch bytes[offset] {
            case 0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74: offset += 1
            case 0x75:
                guard offset + 4 < bytes.count else { throw ScanFault("cut off", at: offset) }
                for digit in offset + 1...offset + 4 where hexadecimal(bytes[digit]) == nil {
                    throw ScanFault("not an escape", at: digit)
                }
                offset += 5
            default: throw ScanFault("not an escape", at: offset)
            }
        }
        throw ScanFault("cut off", at: offset)
    }

    private func number(_ bytes: Span<UInt8>, at offset: inout Int) throws(ScanFault) {
        let start = offset
        if bytes[offset] == 0x2d { offset += 1 }
        let first = offset
        guard digits(bytes, at: &offset) else { throw ScanFault("not a number", at: start) }
        guard bytes[first] != 0x30 || offset == first + 1 else {
            throw ScanFault("a number with a leading zero", at: start)
        }
        if offset < bytes.count, bytes[offset] == 0x2e {
            offset += 1
            guard digits(bytes, at: &offset) else { throw ScanFault("not a number", at: start) }
        }
        if offset < bytes.count, bytes[offset] | 0x20 == 0x65 {
            offset += 1
            if offset < bytes.count, bytes[offset] == 0x2b || bytes[offset] == 0x2d { offset += 1 }
            guard digits(bytes, at: &offset) else { throw ScanFault("not a number", at: start) }
        }
    }

    /// Moves over digits. Returns whether there was one.
    private func digits(_ bytes: Span<UInt8>, at offset: inout Int) -> Bool {
        let start = offset
        while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 { offset += 1 }
        return offset > start
    }

    private func word(
        _ word: StaticString, _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(ScanFault) {
        for byte in word.description.utf8 { try expect(byte, word, bytes, at: &offset) }
    }
}

/// A hexadecimal digit's value, lower case only.
func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
