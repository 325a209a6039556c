// SPDX-License-Identifier: Apache-2.0

public import Primitives
internal import Wire

/// What a Reserve will look up, read without judging: to fetch it before the request is decoded.
public struct ReservePeek: Equatable, Sendable, BitwiseCopyable {
    /// The reservation's id.
    public private(set) var reservationID = ByteRange.empty
    /// The brand's code.
    public private(set) var brand = ByteRange.empty
    /// The first line's SKU.
    public private(set) var sku = ByteRange.empty

    /// Looks at the fields before the end of the first line, where all clients' libraries write
    /// these; nil when they aren't there.
    public init?(_ message: Span<UInt8>) {
        guard (try? find(in: message)) != nil, !reservationID.isEmpty, !brand.isEmpty, !sku.isEmpty
        else { return nil }
    }

    private mutating func find(in message: Span<UInt8>) throws(WireError) {
        var offset = 0
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                reservationID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2):
                brand = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                let line = try Protobuf.readBytes(message, at: &offset)
                offset = Int(line.start)
                let first = try Protobuf.readTag(message, at: &offset)
                guard first == FieldTag.lengthDelimited(1), !line.isEmpty else { return }
                sku = try Protobuf.readBytes(message, at: &offset)
                return
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }
}
