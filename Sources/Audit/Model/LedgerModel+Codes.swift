// SPDX-License-Identifier: Apache-2.0

/// Codes: defined before they are used, once, and in the order of their numbers.
extension LedgerModel {
    mutating func define(_ code: ModelCode, as number: UInt32) {
        if Int(number) != codes.count {
            violate(.code, "defines code number \(number), but \(codes.count) is next")
        }
        if codeNumbers[code] != nil {
            violate(
                .code, "defines \"\(code.name)\" again, which is number \(codeNumbers[code] ?? 0)")
        }
        if !(1...AuditLimits.codeByteCountMax).contains(code.text.count) {
            violate(
                .code,
                "defines a code of \(code.text.count) bytes; 1 to \(AuditLimits.codeByteCountMax) "
                    + "are allowed")
        }
        if !code.text.allSatisfy({ (0x20...0x7e).contains($0) }) {
            violate(.code, "defines \"\(code.name)\", which isn't printable ASCII")
        }
        switch ModelCodeKind(rawValue: code.kind) {
        case .brand:
            if code.brand != 0 {
                violate(.code, "defines brand \"\(code.name)\" within brand \(code.brand)")
            }
        case .sku, .warehouse, .dealer:
            if !isDefined(code.brand, .brand, of: 0) {
                violate(
                    .code, "defines \"\(code.name)\" of brand \(code.brand), which isn't defined")
            }
        case nil:
            violate(.code, "defines a code of the unknown kind \(code.kind)")
        }
        // Under the number that it would have: what comes after is judged by its own number.
        codeNumbers[code] = UInt32(truncatingIfNeeded: codes.count)
        codes.append(code)
    }

    func isDefined(_ number: UInt32, _ kind: ModelCodeKind, of brand: UInt32) -> Bool {
        guard Int(number) < codes.count else { return false }
        let code = codes[Int(number)]
        return code.kind == kind.rawValue && code.brand == brand
    }

    mutating func use(_ number: UInt32, as kind: ModelCodeKind, of brand: UInt32) {
        if !isDefined(number, kind, of: brand) {
            violate(
                .code,
                "uses code number \(number) as a \(kind) of brand \(name(brand)), "
                    + "but that isn't one that was defined")
        }
    }
}
