// SPDX-License-Identifier: Apache-2.0

public import Primitives
import Wire

/// Writes a `google.rpc.Status` with one `ErrorInfo`: the content of `grpc-status-details-bin`,
/// before base64.
///
/// Begin it, add the metadata, finish it; all into the same writer, with nothing else written
/// between. Nothing is allocated: "sold out" is the most frequent answer of a sale.
public struct ErrorDetails: ~Copyable {
    /// The domain in which the reasons' names mean something.
    public static var domain: StaticString { "stockade.v1" }

    private let any: OpenMessage
    private let info: OpenMessage

    /// Begins the details of a refusal for `reason`.
    ///
    /// - Parameters:
    ///   - reason: gives the status code and the name.
    ///   - text: the message, the same bytes as are sent in `grpc-message`; UTF-8.
    ///   - writer: what to write to.
    public init(_ reason: Reason, text: Span<UInt8>, into writer: inout ByteWriter) {
        (any, info) = ErrorDetails.begin(reason, text, into: &writer)
    }

    /// Begins the details of a refusal whose message lies in a writer of its own.
    public init(_ reason: Reason, text: borrowing ByteWriter, into writer: inout ByteWriter) {
        (any, info) = text.withBytes { ErrorDetails.begin(reason, $0, into: &writer) }
    }

    /// Adds a number to the metadata.
    public func add(_ key: MetadataKey, _ value: Int64, into writer: inout ByteWriter) {
        let entry = begin(key, into: &writer)
        let text = writer.beginMessage(2)
        writer.appendDecimal(value)
        writer.endMessage(text)
        writer.endMessage(entry)
    }

    /// Adds a text to the metadata; UTF-8.
    public func add(_ key: MetadataKey, _ value: Span<UInt8>, into writer: inout ByteWriter) {
        let entry = begin(key, into: &writer)
        writer.appendPresentField(2, value)
        writer.endMessage(entry)
    }

    /// Adds a text that is known when this is compiled to the metadata.
    public func add(_ key: MetadataKey, _ value: StaticString, into writer: inout ByteWriter) {
        let entry = begin(key, into: &writer)
        writer.appendPresentField(2, value)
        writer.endMessage(entry)
    }

    /// Ends the details; without this the bytes are useless.
    public consuming func finish(into writer: inout ByteWriter) {
        writer.endMessage(info)
        writer.endMessage(any)
    }

    private static func begin(
        _ reason: Reason, _ text: Span<UInt8>, into writer: inout ByteWriter
    ) -> (any: OpenMessage, info: OpenMessage) {
        writer.appendField(1, UInt64(reason.status.rawValue))
        if !text.isEmpty { writer.appendPresentField(2, text) }
        let any = writer.beginMessage(3)
        writer.appendPresentField(1, "type.googleapis.com/google.rpc.ErrorInfo")
        let info = writer.beginMessage(2)
        writer.appendPresentField(1, reason.name)
        writer.appendPresentField(2, ErrorDetails.domain)
        return (any, info)
    }

    private func begin(_ key: MetadataKey, into writer: inout ByteWriter) -> OpenMessage {
        let entry = writer.beginMessage(3)
        writer.appendPresentField(1, key.name)
        return entry
    }
}
