// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a run says: one line of JSON on standard output, all else on standard error.
struct Report: Encodable {
    /// Every so often, of what was seen: nanoseconds since the writing began, records in the
    /// tables, records durable.
    typealias Point = [UInt64]

    var orders = 0
    var orderLines = 0
    var records: UInt64 = 0
    /// From the first order to the last, or until the tables had a journal that was there.
    var seconds: Double = 0
    /// From the last order until the tables had all.
    var behindSeconds: Double = 0
    var batches = 0
    var rows = 0
    var retries = 0
    var deadLetters = 0
    var projectorCPUSeconds: Double = 0
    var lag: LagFigures?
    var series: [Point]?

    func print() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        Report.say(String(decoding: try encoder.encode(self), as: UTF8.self))
    }

    /// A line on standard output at once: the script waits for it.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A line for people.
    static func tell(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
