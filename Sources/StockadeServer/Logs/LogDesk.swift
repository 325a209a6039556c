// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Logging
internal import Synchronization

/// Where all log lines of a process go: standard error, one write each. Holds the level, which may be
/// changed while it runs, and keeps what repeats itself from filling the disk.
public final class LogDesk: Sendable {
    /// How lines look.
    public enum Format: String, Sendable, CaseIterable {
        /// JSON, unless standard error is a terminal.
        case auto
        /// An object per line, for programs.
        case json
        /// For people.
        case text
    }

    /// Whether lines are JSON.
    public let isJSON: Bool
    private let current: Atomic<UInt8>
    private let counts = Mutex([UInt64](repeating: 0, count: Logger.Level.allCases.count))
    private let repeats = Mutex(LogRepeats())
    private let suppressed = Atomic<UInt64>(0)
    private let write: @Sendable (String) -> Void

    /// Makes a desk.
    ///
    /// - Parameters:
    ///   - format: how lines look.
    ///   - level: what is below it isn't written.
    public convenience init(_ format: Format, level: Logger.Level = .info) {
        let isJSON = format == .json || format == .auto && isatty(STDERR_FILENO) == 0
        self.init(isJSON: isJSON, level: level) { LogDesk.writeToStandardError($0) }
    }

    /// Makes a desk that hands its lines to somebody: for tests.
    init(isJSON: Bool, level: Logger.Level = .info, write: @escaping @Sendable (String) -> Void) {
        self.isJSON = isJSON
        current = Atomic(level.index)
        self.write = write
    }

    /// What is below it isn't written. Any thread may change it.
    public var level: Logger.Level {
        get { Logger.Level.allCases[Int(current.load(ordering: .relaxed))] }
        set { current.store(newValue.index, ordering: .relaxed) }
    }

    /// What `LoggingSystem.bootstrap` wants.
    public func handler(_ label: String) -> LineLogHandler { LineLogHandler(label, self) }

    /// Lines by level, written or kept back.
    var lineCounts: [(level: String, count: UInt64)] {
        let counts = counts.withLock { $0 }
        return Logger.Level.allCases.map { ($0.rawValue, counts[Int($0.index)]) }
    }

    /// Lines that only repeated what was just said.
    var suppressedCount: UInt64 { suppressed.load(ordering: .relaxed) }

    func take(_ line: LogLine) {
        counts.withLock { $0[Int(line.level.index)] += 1 }
        var line = line
        let verdict = repeats.withLock { $0.judge(line) }
        guard let before = verdict else {
            suppressed.add(1, ordering: .relaxed)
            return
        }
        line.suppressed = before
        write(isJSON ? line.json : line.text)
    }

    private static func writeToStandardError(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                // SAFETY: the rest of the string's bytes, which live through the call.
                let count = unsafe Glibc.write(
                    STDERR_FILENO, bytes.baseAddress! + written, bytes.count - written)
                // A reader that is gone must not stop the sale.
                guard count > 0 else { return }
                written += count
            }
        }
    }
}

extension Logger.Level {
    var index: UInt8 { UInt8(Logger.Level.allCases.firstIndex(of: self) ?? 0) }
}
