// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// Makes a value of a dump's line.
struct DumpParser {
    /// No figure in units is larger: stock is at most 10^12 an account.
    private static let unitsMax: Int64 = 1_000_000_000_000_000

    private let scanner = DumpScanner()
    /// As it stands in the file.
    private let brand: [UInt8]
    private let warehouse = Array(SkuCodes.warehouse.utf8)
    private let codeStart = Array(SkuCodes.code(0).utf8.dropLast(SkuCodes.digitCount))
    private let skus: Int

    init(brand: String, skus: Int) {
        self.brand = brand.utf8.flatMap { $0 == 0x22 || $0 == 0x5c ? [0x5c, $0] : [$0] }
        self.skus = skus
    }

    /// Nil: of another brand, or of a kind that came later.
    func parse(_ bytes: Span<UInt8>) throws(ScanFault) -> DumpLine? {
        var offset = 0
        let fields = try scanner.object(bytes, at: &offset)
        guard offset == bytes.count else { throw ScanFault("more than an object", at: offset) }
        let kind = try range(of: .text, fields[.kind], "kind")
        if equal(bytes, kind, "journal") {
            return .journal(
                DumpJournal(
                    highestTick: try natural(bytes, fields, .highestTick),
                    retentionMilliseconds: try natural(bytes, fields, .retention),
                    violations: try natural(bytes, fields, .violations)))
        }
        let isHold = equal(bytes, kind, "hold")
        let isOrder = equal(bytes, kind, "order")
        let isAccount = equal(bytes, kind, "account")
        guard isHold || isOrder || isAccount || equal(bytes, kind, "outcome") else { return nil }
        guard equal(bytes, try range(of: .text, fields[.brand], "brand"), brand) else {
            return nil
        }
        if isHold { return .hold(try hold(bytes, fields)) }
        if isOrder {
            return .order(
                DumpOrder(
                    id: try id(bytes, fields, .order),
                    reservation: fields[.reservation].form == .null
                        ? nil : try id(bytes, fields, .reservation),
                    isCancelled: try isCancelled(bytes, fields),
                    isForgotten: isForgotten(fields),
                    sequence: try natural(bytes, fields, .sequence),
                    legs: try legs(bytes, fields, .quantity)))
        }
        guard isAccount else { return .outcome(try id(bytes, fields, .request)) }
        return .account(
            DumpAccount(
                sku: try sku(bytes, fields), onHand: try units(bytes, fields, .onHand),
                held: try units(bytes, fields, .held),
                allocated: try units(bytes, fields, .allocated),
                safety: try units(bytes, fields, .safety),
                available: try units(bytes, fields, .available)))
    }

    // MARK: - Parts

    private func hold(
        _ bytes: Span<UInt8>, _ fields: DumpFields
    ) throws(ScanFault) -> DumpHold {
        let word = try range(of: .text, fields[.state], "state")
        let state: ReservationState
        if equal(bytes, word, "HELD") {
            state = .held
        } else if equal(bytes, word, "CONFIRMED") {
            state = .confirmed
        } else if equal(bytes, word, "RELEASED") {
            state = .released
        } else if equal(bytes, word, "EXPIRED") {
            state = .expired
        } else {
            throw ScanFault("an unknown state", at: word.lowerBound)
        }
        return DumpHold(
            id: try id(bytes, fields, .reservation), state: state,
            createdSequence: try natural(bytes, fields, .createdSequence),
            deadlineTick: try natural(bytes, fields, .deadline),
            endedTick: fields[.ended].form == .null ? nil : try natural(bytes, fields, .ended),
            order: fields[.order].form == .null ? nil : try id(bytes, fields, .order),
            isForgotten: isForgotten(fields), legs: try legs(bytes, fields, .granted))
    }

    /// Dumps of servers that couldn't cancel don't say.
    private func isCancelled(
        _ bytes: Span<UInt8>, _ fields: DumpFields
    ) throws(ScanFault) -> Bool {
        if fields[.state].form == .absent { return false }
        let word = try range(of: .text, fields[.state], "state")
        if equal(bytes, word, "CANCELLED") { return true }
        guard equal(bytes, word, "ACCEPTED")
        else { throw ScanFault("an unknown state", at: word.lowerBound) }
        return false
    }

    private func isForgotten(_ fields: DumpFields) -> Bool? {
        switch fields[.forgotten].form {
        case .yes: true
        case .no: false
        default: nil
        }
    }

    private func legs(
        _ bytes: Span<UInt8>, _ fields: DumpFields, _ figure: DumpField
    ) throws(ScanFault) -> [DumpLeg] {
        let range = try range(of: .list, fields[.lines], "lines")
        var legs: [DumpLeg] = []
        var offset = range.lowerBound + 1
        while true {
            scanner.skipSpace(bytes, at: &offset)
            // The list was found to be whole; only its first place may be its end.
            if bytes[offset] == 0x5d { return legs }
            let leg = try scanner.object(bytes, at: &offset)
            let line = try natural(bytes, leg, .lineNumber)
            guard line <= UInt32.max else {
                throw ScanFault("line_number is too large", at: Int(leg[.lineNumber].start))
            }
            legs.append(
                DumpLeg(
                    line: UInt32(line), sku: try sku(bytes, leg),
                    units: try units(bytes, leg, figure),
                    cancelled: leg[.cancelled].form == .absent
                        ? 0 : try units(bytes, leg, .cancelled)))
            scanner.skipSpace(bytes, at: &offset)
            if bytes[offset] == 0x5d { return legs }
            offset += 1
        }
    }

    /// The SKU's number; foreign unless SKU and warehouse are the run's.
    private func sku(_ bytes: Span<UInt8>, _ fields: DumpFields) throws(ScanFault) -> UInt32 {
        let code = try range(of: .text, fields[.sku], "sku")
        let place = try range(of: .text, fields[.warehouse], "warehouse")
        let digits = code.dropFirst(codeStart.count)
        guard equal(bytes, place, warehouse), digits.count == SkuCodes.digitCount,
            equal(bytes, code.lowerBound..<digits.lowerBound, codeStart)
        else { return DumpLeg.foreignSKU }
        var number = 0
        for index in digits {
            guard bytes[index] >= 0x30, bytes[index] <= 0x39 else { return DumpLeg.foreignSKU }
            number = number * 10 + Int(bytes[index] - 0x30)
        }
        return number < skus ? UInt32(number) : DumpLeg.foreignSKU
    }

    private func id(
        _ bytes: Span<UInt8>, _ fields: DumpFields, _ field: DumpField
    ) throws(ScanFault) -> ClientID {
        let range = try range(of: .text, fields[field], field.name)
        guard range.count == 2 * ClientID.byteCount else {
            throw ScanFault("\(field.name) isn't 32 hexadecimal digits", at: range.lowerBound)
        }
        var words: (UInt64, UInt64) = (0, 0)
        for index in range {
            guard let digit = hexadecimal(bytes[index]) else {
                throw ScanFault("\(field.name) isn't 32 hexadecimal digits", at: index)
            }
            words = (words.0 << 4 | words.1 >> 60, words.1 << 4 | UInt64(digit))
        }
        return ClientID(high: words.0, low: words.1)
    }

    private func units(
        _ bytes: Span<UInt8>, _ fields: DumpFields, _ field: DumpField
    ) throws(ScanFault) -> Int64 {
        let range = try range(of: .number, fields[field], field.name)
        let isNegative = bytes[range.lowerBound] == 0x2d
        let digits = isNegative ? range.lowerBound + 1..<range.upperBound : range
        let value = try natural(bytes, digits, field)
        guard value <= UInt64(DumpParser.unitsMax) else {
            throw ScanFault("\(field.name) is too large", at: range.lowerBound)
        }
        return isNegative ? -Int64(value) : Int64(value)
    }

    private func natural(
        _ bytes: Span<UInt8>, _ fields: DumpFields, _ field: DumpField
    ) throws(ScanFault) -> UInt64 {
        try natural(bytes, try range(of: .number, fields[field], field.name), field)
    }

    private func natural(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ field: DumpField
    ) throws(ScanFault) -> UInt64 {
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- 0x30
            guard digit <= 9 else {
                throw ScanFault("\(field.name) isn't a whole number", at: range.lowerBound)
            }
            let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) = tens.addingReportingOverflow(UInt64(digit))
            guard !isOver, !isBeyond else {
                throw ScanFault("\(field.name) is too large", at: range.lowerBound)
            }
            value = sum
        }
        return value
    }

    /// Where a value is that must be there, in that form.
    private func range(
        of form: DumpFields.Form, _ place: DumpFields.Place, _ name: StaticString
    ) throws(ScanFault) -> Range<Int> {
        guard place.form == form else {
            throw ScanFault(
                place.form == .absent ? "no field \(name)" : "\(name) isn't a \(form)",
                at: Int(place.start))
        }
        return place.range
    }

    private func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { wanted in
            // SAFETY: index < range.count, which is the text's count.
            for index in 0..<range.count
            where unsafe wanted[index] != bytes[range.lowerBound + index] { return false }
            return true
        }
    }

    private func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        for index in 0..<text.count where text[index] != bytes[range.lowerBound + index] {
            return false
        }
        return true
    }
}
