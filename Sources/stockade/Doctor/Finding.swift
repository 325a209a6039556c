// SPDX-License-Identifier: Apache-2.0

/// What `stockade doctor` found out about one thing.
struct Finding {
    /// How it is.
    enum Level: String {
        case pass = "PASS"
        /// A server would serve, but worse, or not for long.
        case warn = "WARN"
        /// A server wouldn't start, or would break a promise.
        case fail = "FAIL"
    }

    var level: Level
    /// What was looked at, in a word.
    var topic: String
    /// What was found.
    var text: String
    /// What to do; empty where nothing is to be done.
    var advice: String

    static func pass(_ topic: String, _ text: String) -> Finding {
        Finding(level: .pass, topic: topic, text: text)
    }

    static func warn(_ topic: String, _ text: String, _ advice: String) -> Finding {
        Finding(level: .warn, topic: topic, text: text, advice: advice)
    }

    static func fail(_ topic: String, _ text: String, _ advice: String) -> Finding {
        Finding(level: .fail, topic: topic, text: text, advice: advice)
    }

    init(level: Level, topic: String, text: String, advice: String = "") {
        self.level = level
        self.topic = topic
        // What others say may have tabs in it.
        self.text = text.split { $0.isWhitespace }.joined(separator: " ")
        self.advice = advice
    }

    /// For people, in one line or two.
    var lines: [String] {
        let gap = String(repeating: " ", count: max(1, 14 - topic.count))
        let first = "\(level.rawValue)  \(topic)\(gap)\(text)"
        return advice.isEmpty
            ? [first] : [first, String(repeating: " ", count: 20) + "-> " + advice]
    }

    /// For programs.
    var json: JSONText {
        .object([
            ("level", .text(level.rawValue)), ("topic", .text(topic)), ("text", .text(text)),
            ("advice", .text(advice)),
        ])
    }
}
