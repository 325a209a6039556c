// SPDX-License-Identifier: Apache-2.0

/// Remembers what was said of late, so that the same line isn't written a thousand times.
struct LogRepeats {
    /// So often within the window a line is written; what follows is counted.
    static let burst = 10
    /// Then its window begins anew, and the line says how many were kept back.
    static let windowMicroseconds: Int64 = 10_000_000
    /// Different lines that are remembered; the one whose window is oldest makes room.
    static let linesMax = 64

    private struct Seen {
        var text: String
        var windowBegan: Int64
        var written: Int
        var keptBack: UInt64
    }

    private var seen: [Seen] = []

    /// Nil: keep it back. Else write it, saying how many like it weren't.
    mutating func judge(_ line: LogLine) -> UInt64? {
        let text = "\(line.level) \(line.logger) \(line.message)"
        guard let place = seen.firstIndex(where: { $0.text == text }) else {
            if seen.count == LogRepeats.linesMax { dropOldest() }
            seen.append(
                Seen(text: text, windowBegan: line.microseconds, written: 1, keptBack: 0))
            return 0
        }
        if line.microseconds - seen[place].windowBegan >= LogRepeats.windowMicroseconds {
            let before = seen[place].keptBack
            seen[place] = Seen(
                text: text, windowBegan: line.microseconds, written: 1, keptBack: 0)
            return before
        }
        guard seen[place].written < LogRepeats.burst else {
            seen[place].keptBack += 1
            return nil
        }
        seen[place].written += 1
        return 0
    }

    private mutating func dropOldest() {
        var oldest = 0
        for place in 1..<seen.count where seen[place].windowBegan < seen[oldest].windowBegan {
            oldest = place
        }
        seen.remove(at: oldest)
    }
}
