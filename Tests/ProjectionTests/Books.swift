// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives
import Projection

extension ProjectionBooks {
    /// Books of a journal that has nothing yet.
    static func empty(capacity: Int = 1_000_000) -> ProjectionBooks {
        ProjectionBooks(
            after: 0, codes: CodeBook(capacity: capacity, hashKey: (1, 2)),
            accounts: AccountBook(capacity: capacity), holds: LiveHolds(capacity: capacity))
    }
}

extension ProjectionBatch {
    /// Takes records from `start` on until it is full; answers with the index of the next one.
    mutating func fill(
        _ records: [SampleRecord], from start: Int, _ books: inout ProjectionBooks
    ) throws(RowFault) -> Int {
        var index = start
        while index < records.count {
            let record = records[index]
            guard try add(record.bytes.span, at: record.position, in: &books) == .added
            else { break }
            index += 1
        }
        return index
    }
}
