// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Projection

/// A movement's partition is named by its day.
@Suite struct MovementDaysTests {
    @Test(
        arguments: [
            (0, "1970-01-01"), (59, "1970-03-01"), (789, "1972-02-29"), (10_957, "2000-01-01"),
            (11_016, "2000-02-29"), (20_784, "2026-11-27"), (47_540, "2100-02-28"),
            (47_541, "2100-03-01"), (3_257_812, "10889-08-02"),
        ] as [(Int64, String)])
    func daysHaveTheirDates(day: Int64, text: String) {
        #expect(MovementDays.text(day, separator: "-") == text)
        #expect(MovementDays.day(MovementDays.text(day, separator: "")) == day)
    }

    @Test func everyDayComesBack() {
        for day in stride(from: Int64(0), to: 3_257_812, by: 97) {
            #expect(MovementDays.day(MovementDays.text(day, separator: "")) == day)
        }
    }

    @Test(arguments: ["", "2026", "20261301", "20261100", "2026112x", "-0261127"])
    func otherNamesAreNone(name: String) {
        #expect(MovementDays.day(name) == nil)
    }
}
