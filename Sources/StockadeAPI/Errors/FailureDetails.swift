// SPDX-License-Identifier: Apache-2.0

internal import Primitives
public import Wire

/// What a client reads from a refusal's `google.rpc.Status`: the reason of its ErrorInfo, and the figures
/// that a caller acts on. The counterpart of `ErrorDetails`.
public struct FailureDetails: Equatable, Sendable, BitwiseCopyable {
    /// The reason; nil when there is no ErrorInfo of ours, or it has a name that this version doesn't
    /// know.
    public private(set) var reason: Reason?
    /// Units that could have been had, of the first failing line.
    public private(set) var available: Int64?
    /// Units that were asked for, of the first failing line.
    public private(set) var requested: Int64?

    /// Reads the Status that `bytes` are. What isn't ours in it is skipped.
    ///
    /// - Throws: what is wrong with the bytes, which come from a peer.
    /// - Complexity: O(bytes); no allocation.
    public static func decode(_ bytes: Span<UInt8>) throws(WireError) -> FailureDetails {
        var details = FailureDetails()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            if tag == FieldTag.lengthDelimited(3) {
                try details.readAny(bytes, within: Protobuf.readBytes(bytes, at: &offset))
            } else {
                try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return details
    }

    private mutating func readAny(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        var isErrorInfo = false
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                let type = try Protobuf.readBytes(message, at: &offset)
                isErrorInfo = message.extracting(type.indices)
                    .reads("type.googleapis.com/google.rpc.ErrorInfo")
            case FieldTag.lengthDelimited(2) where isErrorInfo:
                try readInfo(message, within: Protobuf.readBytes(message, at: &offset))
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    private mutating func readInfo(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                let name = try Protobuf.readBytes(message, at: &offset)
                reason = FailureDetails.reason(named: message.extracting(name.indices))
            case FieldTag.lengthDelimited(3):
                try readEntry(message, within: Protobuf.readBytes(message, at: &offset))
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    private mutating func readEntry(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        var key = ByteRange.empty
        var value = ByteRange.empty
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): key = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): value = try Protobuf.readBytes(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
        let name = message.extracting(key.indices)
        if name.reads("available") {
            available = FailureDetails.number(message.extracting(value.indices))
        } else if name.reads("requested") {
            requested = FailureDetails.number(message.extracting(value.indices))
        }
    }

    private static func reason(named text: Span<UInt8>) -> Reason? {
        var number: UInt8 = 1
        while let reason = Reason(rawValue: number) {
            if text.reads(reason.name) { return reason }
            number += 1
        }
        return nil
    }

    private static func number(_ text: Span<UInt8>) -> Int64? {
        var magnitude: Int64 = 0
        var index = 0
        let isNegative = text.count > 0 && text[0] == 0x2d
        if isNegative { index = 1 }
        guard index < text.count, text.count <= 19 else { return nil }
        while index < text.count {
            guard text[index] >= 0x30, text[index] <= 0x39 else { return nil }
            let (tens, high) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, low) = tens.addingReportingOverflow(Int64(text[index] - 0x30))
            if high || low { return nil }
            magnitude = sum
            index += 1
        }
        return isNegative ? -magnitude : magnitude
    }
}

extension Span<UInt8> {
    /// True when the span holds exactly the bytes of `text`.
    fileprivate func reads(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices {
            // SAFETY: a literal's bytes, as many as the span has.
            if unsafe self[index] != text.utf8Start[index] { return false }
        }
        return true
    }
}
