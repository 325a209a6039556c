// SPDX-License-Identifier: Apache-2.0

import Effects

/// What a replay gets wrong on purpose: a comparison that can't tell isn't worth its time.
enum ReplayMistake: Sendable {
    /// The last record of a type is left out.
    case leftOut(RecordType)
    /// The last record of a type is applied a second time.
    case twice(RecordType)

    /// One of each.
    static var all: [ReplayMistake] {
        RecordType.allCases.map { .leftOut($0) } + RecordType.allCases.map { .twice($0) }
    }

    /// The records with the mistake in them.
    func applied(to records: [RecordingSink.Entry]) -> [RecordingSink.Entry] {
        var records = records
        switch self {
        case .leftOut(let type):
            guard let place = place(of: type, in: records) else { return records }
            records.remove(at: place)
        case .twice(let type):
            guard let place = place(of: type, in: records) else { return records }
            var again = records[place]
            again.sequence = (records.last?.sequence ?? 0) + 1
            again.time = records.last?.time ?? again.time
            records.append(again)
        }
        return records
    }

    private func place(of type: RecordType, in records: [RecordingSink.Entry]) -> Int? {
        records.lastIndex { $0.bytes[2] == type.rawValue }
    }
}
