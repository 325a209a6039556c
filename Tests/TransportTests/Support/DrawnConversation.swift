// SPDX-License-Identifier: Apache-2.0

/// A conversation at random, in words: fields that repeat much, whatever bytes they become.
struct DrawnConversation {
    enum Step {
        case headers(UInt32, [(String, String)], RawFrame.StreamEnd)
        case frame(RawFrame)
    }

    /// What is written at once.
    private(set) var writes: [[Step]] = []
    let calls: Int
    private var waiting: [[Step]] = []
    /// What most calls say.
    private let usual: [[(String, String)]]

    init(_ random: inout Generator, calls: Int) {
        self.calls = calls
        usual = (0..<4).map { _ in Self.request(&random) }
        for number in 0..<calls {
            waiting.append(call(UInt32(2 * number + 1), &random))
            // A call's frames go out one by one among those of the others.
            if random.next(3) > 0 { write(&random) }
        }
        while !waiting.isEmpty { write(&random) }
    }

    /// The next frames of some calls. HEADERS open streams in the order of their numbers.
    private mutating func write(_ random: inout Generator) {
        var write: [Step] = []
        for index in waiting.indices {
            let count = index == 0 ? 4 : 1 + random.next(4)
            write += waiting[index].prefix(count)
            waiting[index].removeFirst(min(count, waiting[index].count))
        }
        waiting.removeAll { $0.isEmpty }
        writes.append(write)
    }

    private func call(_ stream: UInt32, _ random: inout Generator) -> [Step] {
        let fields = some(&random)
        let text = "call \(stream)"
        let body = RawFrame.prefixed(Array(text.utf8))
        switch random.next(12) {
        case 0: return [.headers(stream, fields, .endStream)]
        case 1:
            // Trailers, right or a request's own fields again.
            let trailers = random.next(2) == 0 ? [("x-end", "1")] : some(&random)
            return [
                .headers(stream, fields, .keepOpen), .frame(.data(stream, body)),
                .headers(stream, trailers, .endStream),
            ]
        case 2:
            return [
                .headers(stream, fields, .keepOpen), .headers(stream, fields, .keepOpen),
                .frame(.message(stream, text)),
            ]
        case 3:
            return [.headers(stream, fields, .keepOpen), .frame(.reset(stream))]
        case 4:
            let half = body.count / 2
            return [
                .headers(stream, fields, .keepOpen), .frame(.data(stream, Array(body[..<half]))),
                .frame(.ping()), .frame(.data(stream, Array(body[half...]), .endStream)),
            ]
        case 5:
            let length = body.count + random.next(3) - 1
            return [
                .headers(stream, fields + [("content-length", "\(length)")], .keepOpen),
                .frame(.message(stream, text)),
            ]
        default: return [.headers(stream, fields, .keepOpen), .frame(.message(stream, text))]
        }
    }

    private func some(_ random: inout Generator) -> [(String, String)] {
        random.next(6) == 0 ? Self.request(&random) : usual[random.next(usual.count)]
    }

    private static func request(_ random: inout Generator) -> [(String, String)] {
        let method: Request.Method = [.reply, .trailers, .refuse][random.next(3)]
        var fields = Request.to(method)
        switch random.next(20) {
        case 0: fields.append(("te", "gzip"))
        case 1: fields.removeFirst()
        case 2: fields[2].1 = "/test.Script/Nothing"
        case 3: fields.append(("grpc-timeout", "1"))
        case 4: fields.append((":path", "/"))
        case 5...9: fields.append(("grpc-timeout", ["5S", "700m"][random.next(2)]))
        default: break
        }
        if random.next(4) == 0 { fields.append(("x-first", "")) }
        if random.next(4) == 0 { fields.append(("x-stockade-shadow", "1")) }
        return fields
    }
}
