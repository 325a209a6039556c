// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI
internal import Wire

/// Everything there is to say about a reason for a refusal.
public struct ReasonGuide: Sendable {
    /// As ErrorInfo carries it.
    public let name: String
    /// In `Reason` of the `.proto`.
    public let number: Int
    /// The gRPC status that carries it.
    public let status: String
    /// Whether the same request may succeed later under the same id.
    public let isRetryable: Bool
    /// What it means.
    public let meaning: String
    /// What to do about it.
    public let advice: String
    /// The keys that ErrorInfo's metadata may have.
    public let metadata: [String]
    /// When it happens, for instance.
    public let example: String

    /// Of every reason, in the order of their numbers.
    public static let all: [ReasonGuide] = Reason.allCases
        .filter { $0 != .unspecified }.map(ReasonGuide.init)

    /// The one of that name, whatever its capitals, with or without `REASON_`; nil: there is none.
    public static func named(_ word: String) -> ReasonGuide? {
        let name = bare(word)
        return all.first { $0.name == name }
    }

    /// The name that somebody who wrote this may have meant.
    public static func nearest(_ word: String) -> String? {
        NearestName.to(bare(word), among: all.map(\.name))
    }

    private init(_ reason: Reason) {
        let text = ReasonGuide.text(reason)
        name = "\(reason.name)"
        number = Int(reason.rawValue)
        status = ReasonGuide.screaming("\(reason.status)")
        isRetryable = reason.isRetryable
        meaning = text.meaning
        advice = text.advice
        metadata = text.metadata.map { "\($0.name)" }
        example = text.example
    }

    private static func bare(_ word: String) -> String {
        let word = String(word.uppercased().map { $0 == "-" ? "_" : $0 })
        let prefix = "REASON_"
        return word.hasPrefix(prefix) ? String(word.dropFirst(prefix.count)) : word
    }

    /// `notFound` as gRPC writes it: NOT_FOUND.
    private static func screaming(_ name: String) -> String {
        name.reduce(into: "") { text, letter in
            if letter.isUppercase { text += "_" }
            text += letter.uppercased()
        }
    }
}
