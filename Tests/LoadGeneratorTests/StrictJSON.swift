// SPDX-License-Identifier: Apache-2.0

/// A reader of JSON (RFC 8259) that forgives nothing, for texts that our own writer made.
struct StrictJSON {
    enum Value: Equatable {
        case null
        case flag(Bool)
        case number(Double)
        case string(String)
        case array([Value])
        case object([String: Value])

        subscript(name: String) -> Value? {
            if case .object(let fields) = self { return fields[name] }
            return nil
        }

        subscript(place: Int) -> Value? {
            if case .array(let values) = self, place < values.count { return values[place] }
            return nil
        }
    }

    struct Fault: Error, Equatable {
        var byte: Int
        var what: String
    }

    private let bytes: [UInt8]
    private var place = 0

    static func read(_ text: String) throws(Fault) -> Value {
        var reader = StrictJSON(bytes: Array(text.utf8))
        let value = try reader.value()
        reader.skipSpace()
        if reader.place < reader.bytes.count { throw reader.fault("something follows") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func fault(_ what: String) -> Fault { Fault(byte: place, what: what) }

    private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func skipSpace() {
        while [0x20, 0x0a, 0x0d, 0x09].contains(next) { place += 1 }
    }

    private mutating func take(_ word: String) throws(Fault) {
        guard bytes[place...].starts(with: word.utf8) else { throw fault("expected \(word)") }
        place += word.utf8.count
    }

    private mutating func value() throws(Fault) -> Value {
        skipSpace()
        switch next {
        case UInt8(ascii: "n"):
            try take("null")
            return .null
        case UInt8(ascii: "t"):
            try take("true")
            return .flag(true)
        case UInt8(ascii: "f"):
            try take("false")
            return .flag(false)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "{"): return try object()
        default: return try number()
        }
    }

    private mutating func array() throws(Fault) -> Value {
        try take("[")
        var values: [Value] = []
        skipSpace()
        if next != UInt8(ascii: "]") {
            values.append(try value())
            skipSpace()
            while next == UInt8(ascii: ",") {
                place += 1
                values.append(try value())
                skipSpace()
            }
        }
        try take("]")
        return .array(values)
    }

    private mutating func object() throws(Fault) -> Value {
        try take("{")
        var fields: [String: Value] = [:]
        skipSpace()
        var isFirst = true
        while next != UInt8(ascii: "}") {
            if !isFirst { try take(",") }
            isFirst = false
            skipSpace()
            let name = try string()
            skipSpace()
            try take(":")
            if fields[name] != nil { throw fault("\(name) twice") }
            fields[name] = try value()
            skipSpace()
        }
        try take("}")
        return .object(fields)
    }

    private mutating func number() throws(Fault) -> Value {
        let begin = place
        while "+-.0123456789eE".utf8.contains(next) { place += 1 }
        let text = String(decoding: bytes[begin..<place], as: UTF8.self)
        let digits = text.drop { $0 == "-" }
        guard let number = Double(text), number.isFinite, digits.first?.isNumber == true,
            !digits.hasPrefix("0") || digits.count == 1 || digits.hasPrefix("0.")
                || digits.hasPrefix("0e")
        else { throw fault("no number: \(text)") }
        return .number(number)
    }

    private mutating func string() throws(Fault) -> String {
        try take("\"")
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func flush(_ units: inout [UInt16], _ plain: inout [UInt8]) {
            units += Array(String(decoding: plain, as: UTF8.self).utf16)
            plain = []
        }
        while next != UInt8(ascii: "\"") {
            guard place < bytes.count, next >= 0x20 else { throw fault("a bare control character") }
            guard next == UInt8(ascii: "\\") else {
                plain.append(next)
                place += 1
                continue
            }
            flush(&units, &plain)
            place += 1
            let escapes: [UInt8: UInt16] = [0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x6e: 10, 0x74: 9]
            if let unit = escapes[next] {
                units.append(unit)
                place += 1
                continue
            }
            try take("u")
            let digits = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self)
            guard digits.count == 4, let unit = UInt16(digits, radix: 16) else {
                throw fault("no \\u escape")
            }
            units.append(unit)
            place += 4
        }
        flush(&units, &plain)
        place += 1
        return String(decoding: units, as: UTF16.self)
    }
}
