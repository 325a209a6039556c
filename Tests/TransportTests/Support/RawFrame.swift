// SPDX-License-Identifier: Apache-2.0

/// A frame as a client writes it, right or wrong.
struct RawFrame {
    enum StreamEnd {
        case keepOpen, endStream
        var flag: UInt8 { self == .endStream ? 1 : 0 }
    }

    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func headers(
        _ stream: UInt32, _ fields: [(String, String)] = Request.to(.reply),
        _ end: StreamEnd = .keepOpen
    ) -> RawFrame {
        RawFrame(type: 1, flags: 4 | end.flag, stream: stream, payload: block(fields))
    }

    /// The first part of a block that goes on in CONTINUATION.
    static func openHeaders(_ stream: UInt32, _ fields: [(String, String)]) -> RawFrame {
        RawFrame(type: 1, flags: 0, stream: stream, payload: block(fields))
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], _ end: StreamEnd = .keepOpen) -> RawFrame {
        RawFrame(type: 0, flags: end.flag, stream: stream, payload: bytes)
    }

    /// A whole message, which ends the request.
    static func message(_ stream: UInt32, _ text: String = "hello") -> RawFrame {
        data(stream, prefixed(Array(text.utf8)), .endStream)
    }

    static func padded(_ stream: UInt32, _ bytes: [UInt8], padding: UInt8) -> RawFrame {
        let pad = [UInt8](repeating: 0, count: Int(padding))
        return RawFrame(type: 0, flags: 8, stream: stream, payload: [padding] + bytes + pad)
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> RawFrame {
        RawFrame(type: 3, flags: 0, stream: stream, payload: bigEndian(code))
    }

    static func settings(_ entries: [(UInt16, UInt32)] = []) -> RawFrame {
        let payload = entries.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] + bigEndian($1) }
        return RawFrame(type: 4, flags: 0, stream: 0, payload: payload)
    }

    static let settingsAcknowledgement = RawFrame(type: 4, flags: 1, stream: 0, payload: [])

    static func ping(_ mark: UInt8 = 7) -> RawFrame {
        RawFrame(type: 6, flags: 0, stream: 0, payload: [UInt8](repeating: mark, count: 8))
    }

    static let pingAcknowledgement = RawFrame(
        type: 6, flags: 1, stream: 0, payload: [UInt8](repeating: 0, count: 8))

    static func windowUpdate(_ stream: UInt32, _ bytes: UInt32) -> RawFrame {
        RawFrame(type: 8, flags: 0, stream: stream, payload: bigEndian(bytes))
    }

    static func priority(_ stream: UInt32) -> RawFrame {
        RawFrame(type: 2, flags: 0, stream: stream, payload: [0, 0, 0, 0, 15])
    }

    /// The five bytes of a prefix and the message.
    static func prefixed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + bigEndian(UInt32(message.count)) + message
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(number >> $0 & 255) }
    }

    /// Fields as literals without indexing, in plain text.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + text(name.utf8) + text(value.utf8) }
    }

    var bytes: [UInt8] {
        let count = UInt32(payload.count)
        return Array(Self.bigEndian(count).dropFirst()) + [type, flags]
            + Self.bigEndian(stream) + payload
    }

    /// A text of HPACK in plain bytes.
    static func text(_ value: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(value)
        return number(bytes.count, prefix: 127, kind: 0) + bytes
    }

    /// A number of HPACK (RFC 7541 section 5.1) behind the bits of `kind`.
    static func number(_ number: Int, prefix: Int, kind: UInt8) -> [UInt8] {
        guard number >= prefix else { return [kind | UInt8(number)] }
        var head = [kind | UInt8(prefix)]
        var rest = number - prefix
        while rest >= 128 {
            head.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return head + [UInt8(rest)]
    }
}
