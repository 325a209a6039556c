// SPDX-License-Identifier: Apache-2.0

import Foundation
import Projection
import Testing

/// How fast batches are built; tells the figure, and in a release build asks for a tenth of the goal
/// of a million records a second, so that a busy machine doesn't fail it.
@Suite(.serialized) struct BatchSpeedTests {
    @Test(arguments: [1, 6]) func batchesAreBuilt(linesMax: Int) throws {
        #if DEBUG
            let count = 5_000
        #else
            let count = 200_000
        #endif
        let history = RandomHistory(
            seed: 1, count: count, linesMax: linesMax, idsPerBrand: 1 << 40, stockMax: 1 << 30)
        var best = Double.infinity
        for _ in 0..<3 {
            var books = ProjectionBooks.empty()
            var batch = ProjectionBatch(limits: BatchLimits())
            let start = DispatchTime.now().uptimeNanoseconds
            var next = 0
            while next < history.records.count {
                batch.begin(&books)
                next = try batch.fill(history.records, from: next, &books)
            }
            let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
            best = min(best, Double(nanoseconds) / Double(history.records.count))
        }
        print("batches, up to \(linesMax) lines: \(Int(best)) ns a record")
        #if !DEBUG
            #expect(best < 10_000)
        #endif
    }
}
