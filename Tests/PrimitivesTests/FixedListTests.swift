// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct FixedListTests {
    @Test func holdsWhatFitsAndNoMore() {
        var list = FixedList<Int>(capacity: 2)
        #expect(list.isEmpty == true)
        #expect(list.append(10) == true)
        #expect(list.append(20) == true)
        #expect(list.append(30) == false)
        #expect(list.count == 2)
        #expect([list[0], list[1]] == [10, 20])
        list[0] = 11
        list.truncate(to: 1)
        #expect(list.append(40) == true)
        #expect([list[0], list[1]] == [11, 40])
        list.removeAll()
        #expect(list.isEmpty == true)
    }

    /// Every order of up to seven elements, repeated ones too.
    @Test func sortsEverySmallArrangement() {
        for count in 0...5 {
            var digits = [Int](repeating: 0, count: count)
            var isDone = false
            while !isDone {
                #expect(sorted(digits) == digits.sorted(), "\(digits)")
                var place = 0
                while place < count, digits[place] == count - 1 {
                    digits[place] = 0
                    place += 1
                }
                if place == count { isDone = true } else { digits[place] += 1 }
            }
        }
    }

    @Test(arguments: [16, 17, 100, 500]) func sortsLongLists(count: Int) {
        let numbers = (0..<count).map { ($0 * 7_919 + 13) % 101 }
        #expect(sorted(numbers) == numbers.sorted())
        #expect(sorted(numbers.sorted().reversed()) == numbers.sorted())
    }

    private func sorted(_ numbers: [Int]) -> [Int] {
        var list = FixedList<Int>(capacity: max(numbers.count, 1))
        for number in numbers { list.append(number) }
        list.sort { $0 < $1 }
        return (0..<list.count).map { list[$0] }
    }
}
