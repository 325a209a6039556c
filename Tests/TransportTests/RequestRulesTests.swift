// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// What HTTP asks of a request's fields: case by case, and against nghttp2's own judgement.
@Suite struct RequestRulesTests {
    /// Fields, and whether they make a request.
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let fields: [RawField]
        let isAccepted: Bool
        var leftOut: [Int] = []

        init(
            _ name: String, _ isAccepted: Bool, _ fields: [(String, String)], leftOut: [Int] = []
        ) {
            testDescription = name
            self.fields = fields.map { RawField($0, $1) }
            self.isAccepted = isAccepted
            self.leftOut = leftOut
        }
    }

    private static let right = Request.to(.reply)
    private static let pseudo = Array(right.prefix(4))

    static let requests: [Case] = [
        Case("a call", true, right),
        Case("pseudo-headers alone, in another order", true, pseudo.reversed()),
        Case("no field", false, []),
        Case("no method", false, Request.with(":method", nil)),
        Case("no scheme", false, Request.with(":scheme", nil)),
        Case("no path", false, Request.with(":path", nil)),
        Case("neither authority nor host", false, Request.with(":authority", nil)),
        Case("host for authority", true, Request.with(":authority", nil) + [("host", "test")]),
        Case("host beside authority", true, right + [("host", "test")]),
        Case("host twice", false, right + [("host", "test"), ("host", "test")]),
        Case("host is empty", false, right + [("host", "")]),
        Case("host with a blank", true, right + [("host", "a b")], leftOut: [6]),
        Case("method twice", false, [(":method", "POST")] + right),
        Case("scheme twice", false, [(":scheme", "http")] + right),
        Case("path twice", false, [(":path", "/")] + right),
        Case("authority twice", false, [(":authority", "test")] + right),
        Case("method is empty", false, Request.with(":method", "")),
        Case("method with a blank", false, Request.with(":method", "PO ST")),
        Case("scheme is empty", false, Request.with(":scheme", "")),
        Case("scheme begins with a digit", false, Request.with(":scheme", "1http")),
        Case("scheme with an underscore", false, Request.with(":scheme", "ht_tp")),
        Case("scheme of another kind", true, Request.with(":scheme", "coap+tcp")),
        Case("path is empty", false, Request.with(":path", "")),
        Case("path without a slash", false, Request.with(":path", "test")),
        Case(
            "path without a slash, scheme in capitals", false,
            [
                (":method", "POST"), (":scheme", "HTTPS"), (":path", "test"),
                (":authority", "test"),
            ]),
        Case(
            "path without a slash, another scheme", true,
            [
                (":method", "POST"), (":scheme", "coap"), (":path", "test"), (":authority", "test"),
            ]),
        Case("path with a blank", false, Request.with(":path", "/a b")),
        Case("an asterisk for POST", false, Request.with(":path", "*")),
        Case(
            "an asterisk for OPTIONS", true,
            [
                (":path", "*"), (":scheme", "http"), (":method", "OPTIONS"), (":authority", "test"),
            ]),
        Case("authority is empty", false, Request.with(":authority", "")),
        Case("authority with a blank", false, Request.with(":authority", "a b")),
        Case("CONNECT", true, [(":method", "CONNECT"), (":authority", "test")]),
        Case("CONNECT without authority", false, [(":method", "CONNECT"), ("host", "test")]),
        Case(
            "CONNECT with a path", false,
            [
                (":method", "CONNECT"), (":authority", "test"), (":path", "/"),
            ]),
        Case(
            "CONNECT behind a scheme", false,
            [
                (":scheme", "http"), (":method", "CONNECT"), (":authority", "test"),
            ]),
        Case("a pseudo-header behind others", false, [("x-a", "1")] + right),
        Case("a pseudo-header behind one left out", false, [("x a", "1")] + right),
        Case("a pseudo-header of answers", false, [(":status", "200")] + right),
        Case("a pseudo-header of extended CONNECT", false, [(":protocol", "x")] + right),
        Case("a pseudo-header that there is none of", false, [(":x", "1")] + right),
        Case("a colon for a name", false, [(":", "1")] + right),
        Case("a name in capitals", false, right + [("X-A", "1")]),
        Case("a name with one capital", false, right + [("x-aB", "1")]),
        Case("a name with a blank and a capital", false, right + [("x A", "1")]),
        Case("a name with a blank", true, right + [("x a", "1")], leftOut: [6]),
        Case("a name with a colon inside", true, right + [("x:a", "1")], leftOut: [6]),
        Case("a value with NUL", true, right + [("x-a", "1\u{0}")], leftOut: [6]),
        Case("a value with a line's end", true, right + [("x-a", "1\r\n")], leftOut: [6]),
        Case("a value of blanks", true, right + [("x-a", " \t ")]),
        Case("a value that is empty", true, right + [("x-a", "")]),
        Case("a value in UTF-8", true, right + [("x-a", "☺")]),
        Case("TE is gzip", false, Request.with("te", "gzip")),
        Case("TE is more than trailers", false, Request.with("te", "trailers, gzip")),
        Case("TE is empty", false, Request.with("te", "")),
        Case("TE in capitals", true, Request.with("te", "TRAILERS")),
        Case("connection", false, right + [("connection", "close")]),
        Case("keep-alive", false, right + [("keep-alive", "5")]),
        Case("proxy-connection", false, right + [("proxy-connection", "close")]),
        Case("transfer-encoding", false, right + [("transfer-encoding", "chunked")]),
        Case("upgrade", false, right + [("upgrade", "h2c")]),
        Case("upgrade that is left out", true, right + [("upgrade", "\u{1}")], leftOut: [6]),
        Case("content-length", true, right + [("content-length", "5")]),
        Case(
            "content-length twice", false,
            right + [
                ("content-length", "5"), ("content-length", "5"),
            ]),
        Case("content-length with a sign", false, right + [("content-length", "+5")]),
        Case("content-length with a blank", false, right + [("content-length", "5 ")]),
        Case("content-length is empty", false, right + [("content-length", "")]),
        Case(
            "content-length beyond numbers", false,
            right + [
                ("content-length", "9223372036854775808")
            ]),
    ]

    static let trailers: [Case] = [
        Case("no field", true, []),
        Case("a field", true, [("x-end", "1")]),
        Case("a request", false, right),
        Case("a pseudo-header", false, [(":path", "/")]),
        Case("a pseudo-header of answers", false, [(":status", "200")]),
        Case("a name in capitals", false, [("X-End", "1")]),
        Case("connection", false, [("connection", "close")]),
        Case("TE is gzip", false, [("te", "gzip")]),
        Case("a value with NUL", true, [("x-end", "\u{0}")], leftOut: [0]),
    ]

    @Test(arguments: requests)
    func requestsAreJudged(_ each: Case) throws { try judges(each, asTrailers: false) }

    @Test(arguments: trailers)
    func trailersAreJudged(_ each: Case) throws { try judges(each, asTrailers: true) }

    private func judges(_ each: Case, asTrailers: Bool) throws {
        let ours = FieldJudgement(each.fields, asTrailers: asTrailers)
        #expect(ours.isAccepted == each.isAccepted)
        let leftOut = ours.verdicts.indices.filter { ours.verdicts[$0] == .leftOut }
        if each.isAccepted { #expect(leftOut == each.leftOut) }
        // The table says what nghttp2 says, too.
        #expect(try FieldReference.judge(each.fields, asTrailers: asTrailers) == ours)
    }

    @Test func contentLengthIsRead() {
        for (text, length) in [("0", 0), ("5", 5), ("007", 7), ("4194304", 4_194_304)] {
            var rules = RequestRules()
            _ = rules.take(Array("content-length".utf8).span, Array(text.utf8).span)
            #expect(rules.contentLength == length)
        }
        #expect(RequestRules().contentLength == -1)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func anyFieldsAreJudgedAsByNghttp2(seed: UInt64) throws {
        var random = Generator(state: seed)
        var accepted = 0
        let rounds = 1_500
        for round in 0..<rounds {
            let asTrailers = random.next(4) == 0
            let fields = DrawnFields.draw(&random, asTrailers: asTrailers)
            let ours = FieldJudgement(fields, asTrailers: asTrailers)
            let theirs = try FieldReference.judge(fields, asTrailers: asTrailers)
            if ours.isAccepted { accepted += 1 }
            #expect(
                ours == theirs,
                "seed \(seed), round \(round), trailers \(asTrailers): \(fields)")
            guard ours == theirs else { return }
        }
        // Else the fields say nothing of the rules.
        #expect(accepted > rounds / 10 && accepted < rounds * 9 / 10, "seed \(seed)")
    }
}
