// SPDX-License-Identifier: Apache-2.0

/// What somebody asks of the administration side, without how it came.
struct AdminRequest: Sendable {
    var method: String
    var path: String
    var query: [(name: String, value: String)] = []
    var accept: String?
    var host: String?
    var origin: String?

    func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

/// What it answers.
struct AdminAnswer: Sendable {
    var code: Int
    var phrase: String
    var contentType: String
    var body: String
    var headers: [(name: String, value: String)] = []

    /// A text for people.
    static func text(_ code: Int, _ phrase: String, _ body: String) -> AdminAnswer {
        AdminAnswer(
            code: code, phrase: phrase, contentType: "text/plain; charset=utf-8", body: body + "\n")
    }

    static func fine(_ body: String) -> AdminAnswer { text(200, "OK", body) }

    static func json(_ body: String) -> AdminAnswer {
        AdminAnswer(
            code: 200, phrase: "OK", contentType: "application/json; charset=utf-8",
            body: body + "\n")
    }
}
