// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Says how a service is: grpc.health.v1.
public struct HealthCheckResponse: FlatMessage {
    /// How the service is.
    public var status = OpenEnum<ServingStatus>(rawValue: 0)

    /// Makes a reply that says nothing.
    public init() {}

    /// Makes a reply that says `status`.
    public init(_ status: ServingStatus) {
        self.status = OpenEnum(status)
    }

    /// Reads a reply over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.varint(1): status = try Protobuf.readEnum(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the reply.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, status)
    }
}
