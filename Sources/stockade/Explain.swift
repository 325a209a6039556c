// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StockadeServer

/// `stockade explain`
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what a reason for a refusal means, and what to do about it.",
        discussion: """
            The reason is the one in the ErrorInfo of a refused call, or `reason` in its message; \
            capitals don't matter, nor does a REASON_ before it. Without a reason: all of them.

            Exit codes: 0 fine, 2 there is no such reason.

            EXAMPLES:
              stockade explain INSUFFICIENT_STOCK
              stockade explain reason_journal_full
              stockade explain
            """)

    @Argument(help: "Such as INSUFFICIENT_STOCK.")
    var reason: String?

    @Option(name: [.customShort("o"), .customLong("output")], help: "text or json.")
    var output = OutputFormat.text

    func run() throws {
        var guides = ReasonGuide.all
        if let reason {
            guard let guide = ReasonGuide.named(reason) else {
                let hint =
                    ReasonGuide.nearest(reason).map { "did you mean \($0)?" }
                    ?? "`stockade explain` lists all of them"
                StandardError.print("stockade explain: there is no reason \(reason); \(hint)")
                throw ExitCode(2)
            }
            guides = [guide]
        }
        switch output {
        case .json: print(JSONText.list(guides.map(Explain.json)).line)
        case .text where reason == nil: for guide in guides { Explain.row(guide) }
        case .text: for guide in guides { Explain.page(guide) }
        }
    }

    private static func row(_ guide: ReasonGuide) {
        let gap = String(repeating: " ", count: max(1, 24 - guide.name.count))
        print("\(guide.name)\(gap)\(guide.meaning)")
    }

    private static func page(_ guide: ReasonGuide) {
        print("\(guide.name) (REASON_\(guide.name) = \(guide.number))")
        print("  meaning   \(guide.meaning)")
        print("  status    \(guide.status)")
        let retry = guide.isRetryable ? "yes, under the same id" : "not unchanged"
        print("  retry     \(retry)")
        print("  to do     \(guide.advice)")
        print(
            "  metadata  \(guide.metadata.isEmpty ? "none" : guide.metadata.joined(separator: ", "))"
        )
        print("  example   \(guide.example)")
    }

    private static func json(_ guide: ReasonGuide) -> JSONText {
        .object([
            ("reason", .text(guide.name)), ("number", .number(guide.number)),
            ("status", .text(guide.status)), ("retryable", .truth(guide.isRetryable)),
            ("meaning", .text(guide.meaning)), ("to_do", .text(guide.advice)),
            ("metadata", .list(guide.metadata.map { .text($0) })),
            ("example", .text(guide.example)),
        ])
    }
}
