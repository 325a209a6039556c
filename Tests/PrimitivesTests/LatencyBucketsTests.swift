// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct LatencyBucketsTests {
    @Test func aTimeFallsIntoTheFirstBucketThatHoldsIt() {
        let bounds = LatencyBuckets.bounds
        #expect(bounds == bounds.sorted() && bounds.count == LatencyBuckets.count - 1)
        for (index, bound) in bounds.enumerated() {
            #expect(LatencyBuckets.index(ofNanoseconds: bound) == index)
            #expect(LatencyBuckets.index(ofNanoseconds: bound + 1) == index + 1)
        }
        #expect(LatencyBuckets.index(ofNanoseconds: 0) == 0)
        #expect(LatencyBuckets.index(ofNanoseconds: .max) == bounds.count)
    }

    @Test func cellsKeepWhatOneThreadAdds() {
        let memory = TallyMemory(count: 3)
        memory.cells.add(2, at: 1)
        memory.cells.add(5, at: 1)
        memory.cells.set(9, at: 2)
        #expect((0..<3).map { memory.cells[$0] } == [0, 7, 9])
    }
}
