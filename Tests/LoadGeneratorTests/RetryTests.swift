// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import LoadGenerator

/// When a request is sent again, and for how long one waits.
@Suite struct RetryTests {
    @Test func theEarliestComesFirst() {
        var queue = RetryQueue(capacity: 64)
        #expect(queue.earliest == .max)
        // Every order of insertion that a multiplier gives.
        for factor: UInt64 in [1, 7, 13, 29, 37, 53] {
            for number in 0..<UInt64(64) {
                let due = number * factor % 61
                queue.push(UInt32(number), due: due)
            }
            var last: UInt64 = 0
            for _ in 0..<64 {
                let due = queue.earliest
                #expect(due >= last)
                last = due
                #expect(queue.popReady(at: due) != nil)
            }
            let isEmpty = queue.isEmpty
            #expect(isEmpty)
        }
    }

    @Test func nothingComesBeforeItsTime() {
        var queue = RetryQueue(capacity: 2)
        queue.push(7, due: 100)
        #expect(queue.popReady(at: 99) == nil)
        #expect(queue.popReady(at: 100) == 7)
        #expect(queue.popReady(at: 100) == nil)
        #expect(queue.popReady(at: .max) == nil)
    }

    @Test(arguments: [UInt32(0), 1, 4, 5, 8, 63, 64, .max])
    func pausesAreBounded(failures: UInt32) {
        for draw in [UInt64(0), 1, 4_999_999, 123_456_789, .max] {
            let pause = RetryPolicy.pause(afterFailures: failures, draw: draw)
            #expect(pause >= RetryPolicy.pauseMin)
            #expect(pause <= RetryPolicy.pauseMax)
        }
    }

    @Test func pausesGrow() {
        let shortest = (0..<8).map { RetryPolicy.pause(afterFailures: $0, draw: 0) }
        #expect(shortest == shortest.sorted())
        #expect(shortest.first == RetryPolicy.pauseMin)
        #expect(shortest.last == RetryPolicy.pauseMax / 2)
    }
}
