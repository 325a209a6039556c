// SPDX-License-Identifier: Apache-2.0

import Primitives
import Recoding
import StockadeAPI
import Wire

/// A google.rpc.Status with an ErrorInfo, read and then written by `ErrorDetails`.
///
/// The codec only writes it, so the reader is the tool's own. It takes the form that the tests
/// send: a message, one ErrorInfo, metadata whose keys are ours.
enum StatusDetails {
    /// The type's way there and back.
    static let recoder = Recoder("google.rpc.Status", recode)

    /// Writes the details again in the order in which they came.
    @Sendable private static func recode(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        let status = try fields(of: bytes)
        let any = try fields(of: value(3, of: status))
        let info = try fields(of: value(2, of: any))
        let text = value(2, of: status)
        let name = String(decoding: value(1, of: info), as: UTF8.self)
        guard let reason = Reason.allCases.first(where: { "\($0.name)" == name }) else {
            preconditionFailure("no such reason: \(name)")
        }
        var writer = ByteWriter(capacity: 1_024 + 2 * bytes.count)
        let details = ErrorDetails(reason, text: text.span, into: &writer)
        for field in info where field.number == 3 {
            let entry = try fields(of: field.value)
            let name = String(decoding: entry[0].value, as: UTF8.self)
            guard let key = MetadataKey.allCases.first(where: { "\($0.name)" == name }) else {
                preconditionFailure("no such key: \(name)")
            }
            let value = entry[1].value
            if let number = Int64(String(decoding: value, as: UTF8.self)) {
                details.add(key, number, into: &writer)
            } else {
                details.add(key, value.span, into: &writer)
            }
        }
        details.finish(into: &writer)
        precondition(!writer.overflowed)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    /// What the last field of that number holds; nothing when there is none.
    private static func value(_ number: UInt32, of fields: [(number: UInt32, value: [UInt8])])
        -> [UInt8]
    {
        fields.last { $0.number == number }?.value ?? []
    }

    /// The length-delimited fields of a message, in the order in which they came.
    private static func fields(
        of bytes: [UInt8]
    ) throws(WireError) -> [(number: UInt32, value: [UInt8])] {
        var fields: [(UInt32, [UInt8])] = []
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes.span, at: &offset)
            guard tag.wireType == .lengthDelimited else {
                try Protobuf.skipValue(of: tag, bytes.span, at: &offset)
                continue
            }
            let range = try Protobuf.readBytes(bytes.span, at: &offset)
            fields.append((tag.number, Array(bytes[range.indices])))
        }
        return fields
    }
}
