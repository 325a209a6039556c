// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers GetOrderTimeline; its events lie in a list of the caller's.
public struct GetOrderTimelineResponse: Equatable, Sendable, BitwiseCopyable {
    /// What happened, oldest first: the elements of the list of events.
    public var events = ListRange.empty
    /// True when the list had no room for all events; those that had none were dropped.
    public var eventsOverflow = false
    /// True when no event is missing.
    public var isComplete = false

    /// Makes an empty reply.
    public init() {}

    /// Reads the reply that `bytes` are, its events to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, events list: inout FixedList<OrderEvent>
    ) throws(WireError) -> GetOrderTimelineResponse {
        var reply = GetOrderTimelineResponse()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                let element = try OrderEvent.decode(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset))
                if !reply.events.append(element, to: &list) { reply.eventsOverflow = true }
            case FieldTag.varint(2): reply.isComplete = try Protobuf.readBool(bytes, at: &offset)
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the elements of `list` that `events` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        events list: borrowing FixedList<OrderEvent>
    ) {
        for index in events.indices {
            writer.appendMessage(1, list[index], texts: texts)
        }
        writer.appendField(2, isComplete)
    }
}
