// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// The records of a call, audited.
extension SimulationBench {
    /// Audits the records of the last call and applies what the core chose the time of: definitions
    /// and expiries.
    mutating func observe(own: Int?, mayCollect: Bool) -> [Record] {
        var records: [Record] = []
        for entry in sink.takeRecords() {
            history.append(entry)
            if entry.time != now { differ("a record of another time") }
            guard let record = auditor.read(entry) else { continue }
            records.append(record)
            switch record {
            case .define(let brand, let number, let kind, let text):
                guard let code = shop.code(text), code.kind == Int(kind) - 1 else {
                    differ("defined what nobody named")
                    continue
                }
                let place = brandPlace(brand, isBrand: code.kind == 0)
                model.codes[ShopModel.codeKey(code.kind, brand: place, code.number)] = number
            case .expire(let brand, let id, _, _):
                expiryCount += 1
                let key = self.key(of: id, brand: brandPlace(brand, isBrand: false))
                guard let hold = model.holds[key], model.isDue(hold, at: tick) else {
                    differ("expired a hold that isn't due")
                    continue
                }
                if key != own, !mayCollect { differ("expired a hold that wasn't met") }
                model.end(
                    key, as: .expired, confirmed: nil, at: tick, wall: wall,
                    sequence: entry.sequence)
            default: break
            }
        }
        if let own, let hold = model.holds[own], model.isDue(hold, at: tick),
            sink.violations.isEmpty, !isRefusingRoom
        {
            differ("met a due hold and didn't expire it")
        }
        return records
    }

    var isRefusingRoom: Bool { sink.refusedCount > 0 }

    /// The brand of the shop that has a number.
    func brandPlace(_ number: UInt32, isBrand: Bool) -> Int {
        if isBrand { return 0 }
        for brand in 0..<Shop.brands
        where model.codes[ShopModel.codeKey(0, brand: 0, brand)] == number {
            return brand
        }
        return 0
    }

    func key(of id: ClientID, brand: Int) -> Int {
        Shop.numbers[id.high].map { model.key(brand, $0) } ?? 0
    }

    func expiries(_ records: [Record]) -> Int {
        records.count {
            if case .expire = $0 { true } else { false }
        }
    }

    /// How many records aren't definitions or expiries.
    func mainCount(_ records: [Record]) -> Int {
        records.count {
            switch $0 {
            case .define, .expire: false
            default: true
            }
        }
    }

    /// The record of the call itself, which comes last.
    mutating func mainRecord(_ records: [Record], isExpected: Bool) -> Record? {
        let count = mainCount(records)
        if count != (isExpected ? 1 : 0) {
            differ("\(count) records of its own, expected \(isExpected ? 1 : 0)")
        }
        return count > 0 ? records.last : nil
    }

    // MARK: - Room

    /// Whether the sink refused room: then that must be the answer, and nothing changed.
    mutating func wasRefusedRoom(_ verdict: Verdict, _ records: [Record]) -> Bool {
        if verdict != .done, mainCount(records) + expiries(records) < records.count {
            differ("answered \(verdict) and left a code behind")
        }
        guard isRefusingRoom else {
            if case .refused(let refusal) = verdict,
                refusal.reason == .journalStalled || refusal.reason == .journalFull
            {
                differ("answered \(verdict) though there was room")
            }
            return false
        }
        guard case .refused(let refusal) = verdict,
            refusal.reason == .journalStalled || refusal.reason == .journalFull
        else {
            differ("answered \(verdict) without room")
            return true
        }
        _ = mainRecord(records, isExpected: false)
        compareEverything()
        return true
    }
}
