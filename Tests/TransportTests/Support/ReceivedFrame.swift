// SPDX-License-Identifier: Apache-2.0

/// A frame as the server sent it, in the form that tests compare.
enum ReceivedFrame: Equatable, CustomStringConvertible {
    case headers(UInt32, [String: String], ends: Bool)
    case data(UInt32, [UInt8], ends: Bool)
    case reset(UInt32, ErrorCode)
    case settings(UInt32)
    case settingsAcknowledgement
    case ping
    case pingAcknowledgement
    case goAway(last: UInt32, ErrorCode)
    case windowUpdate(UInt32)
    case other(UInt8)

    /// RFC 9113 section 7.
    enum ErrorCode: UInt32 {
        case noError, protocolError, internalError, flowControl, settingsTimeout, streamClosed
        case frameSize, refusedStream, cancel, compression, connect, enhanceYourCalm
        case inadequateSecurity, http11Required
    }

    init(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8], _ reader: inout HeaderReader)
    {
        let ends = flags & 1 != 0
        switch type {
        case 0: self = .data(stream, payload, ends: ends)
        case 1: self = .headers(stream, reader.read(payload), ends: ends)
        case 3: self = .reset(stream, ErrorCode(rawValue: Self.number(payload, 0))!)
        case 4 where ends: self = .settingsAcknowledgement
        case 4: self = .settings(UInt32(payload.count / 6))
        case 6: self = ends ? .pingAcknowledgement : .ping
        case 7:
            self = .goAway(
                last: Self.number(payload, 0), ErrorCode(rawValue: Self.number(payload, 4))!)
        case 8: self = .windowUpdate(stream)
        default: self = .other(type)
        }
    }

    /// Frames that most conversations don't care about.
    var isHousekeeping: Bool {
        switch self {
        case .settings, .settingsAcknowledgement, .windowUpdate: true
        case .headers, .data, .reset, .ping, .pingAcknowledgement, .goAway, .other: false
        }
    }

    var description: String {
        switch self {
        case .headers(let stream, let fields, let ends):
            "headers(\(stream), \(fields.sorted { $0.key < $1.key }), ends: \(ends))"
        case .data(let stream, let bytes, let ends):
            "data(\(stream), \(bytes.count) bytes, ends: \(ends))"
        case .reset(let stream, let code): "reset(\(stream), \(code))"
        case .settings: "settings"
        case .settingsAcknowledgement: "settingsAcknowledgement"
        case .ping: "ping"
        case .pingAcknowledgement: "pingAcknowledgement"
        case .goAway(let last, let code): "goAway(last: \(last), \(code))"
        case .windowUpdate(let stream): "windowUpdate(\(stream))"
        case .other(let type): "other(\(type))"
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
