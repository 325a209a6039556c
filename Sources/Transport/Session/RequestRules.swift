// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2

/// What HTTP asks of the fields of a request (RFC 9113 sections 8.2, 8.3 and 8.3.1): a state machine over
/// the fields of one header block.
///
/// nghttp2 can do it too, for every field of every request; here a block that is known to be right
/// isn't judged again (decision 0026). As there, a regular field with a character that isn't allowed is
/// left out, and everything else that is wrong makes the request malformed.
struct RequestRules: BitwiseCopyable {
    enum Verdict { case good, leftOut, malformed }

    private struct Seen: OptionSet, BitwiseCopyable {
        let rawValue: UInt16
        static let method = Seen(rawValue: 1 << 0)
        static let scheme = Seen(rawValue: 1 << 1)
        static let path = Seen(rawValue: 1 << 2)
        static let authority = Seen(rawValue: 1 << 3)
        static let host = Seen(rawValue: 1 << 4)
        /// A field that isn't a pseudo-header: none of those may follow.
        static let regular = Seen(rawValue: 1 << 5)
        static let connect = Seen(rawValue: 1 << 6)
        static let options = Seen(rawValue: 1 << 7)
        static let web = Seen(rawValue: 1 << 8)
        static let rooted = Seen(rawValue: 1 << 9)
        static let asterisk = Seen(rawValue: 1 << 10)
        static let malformed = Seen(rawValue: 1 << 11)
    }

    private let isTrailer: Bool
    private var seen: Seen = []
    /// Bytes of the body as `content-length` has them; -1: it isn't there.
    private(set) var contentLength = -1

    /// Rules for the block that opens a request, or for the one that ends it.
    init(isTrailer: Bool = false) { self.isTrailer = isTrailer }

    /// Judges the next field.
    mutating func take(_ name: Span<UInt8>, _ text: Span<UInt8>) -> Verdict {
        let verdict = judge(name, text)
        if verdict == .malformed { seen.insert(.malformed) }
        return verdict
    }

    /// Notes a fault that isn't one of a field given to `take`.
    mutating func reject() { seen.insert(.malformed) }

    /// Whether the fields so far make a whole request, or trailers.
    var isWellFormed: Bool {
        if seen.contains(.malformed) { return false }
        if isTrailer { return true }
        if seen.contains(.connect) { return seen.contains(.authority) }
        return seen.isSuperset(of: [.method, .scheme, .path])
            && !seen.isDisjoint(with: [.authority, .host])
            && (!seen.contains(.web) || seen.contains(.rooted)
                || seen.isSuperset(of: [.options, .asterisk]))
    }

    private mutating func judge(_ name: Span<UInt8>, _ text: Span<UInt8>) -> Verdict {
        guard name.count > 0 else { return leaveOut() }
        if name[0] == UInt8(ascii: ":") {
            guard !isTrailer, !seen.contains(.regular) else { return .malformed }
            return takePseudo(name, text)
        }
        guard unsafe name.isAllowed(by: nghttp2_check_header_name) else {
            for index in name.indices where name[index] &- UInt8(ascii: "A") < 26 {
                return .malformed
            }
            return leaveOut()
        }
        let isHost = name.equals("host")
        guard
            unsafe text.isAllowed(
                by: isHost ? nghttp2_check_authority : nghttp2_check_header_value)
        else { return leaveOut() }
        seen.insert(.regular)
        return takeRegular(name, text, isHost: isHost)
    }

    private mutating func takePseudo(_ name: Span<UInt8>, _ text: Span<UInt8>) -> Verdict {
        switch name.count {
        case 7 where name.equals(":method"):
            guard unsafe text.isAllowed(by: nghttp2_check_method), first(.method, text)
            else { return .malformed }
            if text.equals("CONNECT") {
                guard seen.isDisjoint(with: [.path, .scheme]) else { return .malformed }
                seen.insert(.connect)
            }
            if text.equals("OPTIONS") { seen.insert(.options) }
        case 7 where name.equals(":scheme"):
            guard !seen.contains(.connect), Self.isScheme(text), first(.scheme, text)
            else { return .malformed }
            if Self.isWord("http", text) || Self.isWord("https", text) { seen.insert(.web) }
        case 5 where name.equals(":path"):
            guard !seen.contains(.connect), unsafe text.isAllowed(by: nghttp2_check_path),
                first(.path, text)
            else { return .malformed }
            if text[0] == UInt8(ascii: "/") { seen.insert(.rooted) }
            if text.equals("*") { seen.insert(.asterisk) }
        case 10 where name.equals(":authority"):
            guard unsafe text.isAllowed(by: nghttp2_check_authority), first(.authority, text)
            else { return .malformed }
        default: return .malformed
        }
        return .good
    }

    private mutating func takeRegular(
        _ name: Span<UInt8>, _ text: Span<UInt8>, isHost: Bool
    ) -> Verdict {
        switch name.count {
        case 2 where name.equals("te"):
            return Self.isWord("trailers", text) ? .good : .malformed
        case 4 where isHost:
            return first(.host, text) ? .good : .malformed
        case 7 where name.equals("upgrade"), 10 where name.equals("connection"),
            10 where name.equals("keep-alive"), 16 where name.equals("proxy-connection"),
            17 where name.equals("transfer-encoding"):
            return .malformed
        case 14 where name.equals("content-length"):
            guard contentLength < 0, let length = Self.number(text) else { return .malformed }
            contentLength = length
            return .good
        default: return .good
        }
    }

    /// True when the field wasn't there before and says something.
    private mutating func first(_ field: Seen, _ text: Span<UInt8>) -> Bool {
        text.count > 0 && seen.insert(field).inserted
    }

    private mutating func leaveOut() -> Verdict {
        seen.insert(.regular)
        return .leftOut
    }

    /// RFC 3986 section 3.1.
    private static func isScheme(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                if index == 0 { return false }
            default: return false
            }
        }
        return text.count > 0
    }

    /// The word, whose letters are small ones, in any case.
    private static func isWord(_ word: StaticString, _ text: Span<UInt8>) -> Bool {
        let word = ConstantText(word)
        guard text.count == word.count else { return false }
        for index in text.indices where unsafe text[index] | 0x20 != word.start[index] {
            return false
        }
        return true
    }

    private static func number(_ text: Span<UInt8>) -> Int? {
        var number = 0
        for index in text.indices {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9, number <= (Int.max - 9) / 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return text.count > 0 ? number : nil
    }
}

extension Span<UInt8> {
    /// Asks one of nghttp2's rules for characters.
    fileprivate func isAllowed(
        by rule: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
    ) -> Bool {
        // SAFETY: the rule reads the bytes during the call only, and none of an empty text.
        unsafe withUnsafeBufferPointer { unsafe rule($0.baseAddress, $0.count) } != 0
    }
}
