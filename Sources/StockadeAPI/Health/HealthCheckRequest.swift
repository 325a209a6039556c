// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks how a service is: grpc.health.v1.
public struct HealthCheckRequest: FlatMessage {
    /// The full name of the service; empty: the server as a whole.
    public var service = ByteRange.empty

    /// Makes a request about the server as a whole.
    public init() {}

    /// Reads a request over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): service = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, service, of: texts)
    }
}
