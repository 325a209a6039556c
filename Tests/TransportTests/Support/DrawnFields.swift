// SPDX-License-Identifier: Apache-2.0

/// Field lists at random: a right one with some things changed.
enum DrawnFields {
    static let names = [
        ":method", ":scheme", ":path", ":authority", ":protocol", ":status", ":", ":Path", "host",
        "te", "TE", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
        "content-length", "x-a", "X-A", "x a", "x\u{7f}", "", "priority", "cookie", "x:y",
    ]
    static let texts = [
        "POST", "CONNECT", "OPTIONS", "HEAD", "http", "HTTP", "hTTps", "https", "ftp", "1x", "/",
        "*", "a", "", "test", "trailers", "TRAILERS", "Trailers", "gzip", "0", "5", "-1", "+5",
        "12 ", "99999999999999999999", "close", " x ", "\t", "x\u{0}", "x\u{7f}", "☺", "u=1, i",
        "test:443", "user@test", "/a?b#c",
    ]
    /// Half of the changes are of these: else nearly no list would be right.
    private static let harmless = [
        RawField("x-a", "1"), RawField("x-b", "\u{1}"), RawField("x c", ""),
        RawField("te", "trailers"), RawField("cookie", "a=b"), RawField("x-d-bin", "AAEC"),
        RawField("grpc-timeout", "1S"), RawField("priority", "u=9"),
    ]

    static func draw(_ random: inout Generator, asTrailers: Bool) -> [RawField] {
        var fields = asTrailers ? [] : Request.to(.reply).map { RawField($0.0, $0.1) }
        for _ in 0..<random.next(5) { change(&fields, &random) }
        // nghttp2 holds trailers' lengths against the body; ours aren't read.
        if asTrailers { fields.removeAll { $0.name == Array("content-length".utf8) } }
        return fields
    }

    private static func change(_ fields: inout [RawField], _ random: inout Generator) {
        let place = random.next(fields.count + 1)
        guard place < fields.count, random.next(2) == 0 else {
            let isHarmless = random.next(2) == 0
            let field = isHarmless ? harmless[random.next(harmless.count)] : drawn(&random)
            fields.insert(field, at: isHarmless ? fields.count : place)
            return
        }
        switch random.next(6) {
        case 0: fields.remove(at: place)
        case 1: fields.insert(fields[place], at: random.next(fields.count + 1))
        case 2: fields.swapAt(place, random.next(fields.count))
        case 3: fields[place].text = Array(texts[random.next(texts.count)].utf8)
        case 4: spoil(&fields[place].text, &random)
        default: spoil(&fields[place].name, &random)
        }
    }

    private static func drawn(_ random: inout Generator) -> RawField {
        RawField(names[random.next(names.count)], texts[random.next(texts.count)])
    }

    private static func spoil(_ bytes: inout [UInt8], _ random: inout Generator) {
        let place = random.next(bytes.count + 1)
        if place < bytes.count {
            bytes[place] = UInt8(random.next(256))
        } else {
            bytes.append(UInt8(random.next(256)))
        }
    }
}
