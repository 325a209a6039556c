// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// A refusal that is always the same, coded once as headers want it.
struct EncodedRefusal: ~Copyable {
    /// The value of `grpc-message`.
    var text = ByteWriter(capacity: Limits.statusTextBytesMax)
    /// The value of `grpc-status-details-bin`; empty: none is sent.
    var details = ByteWriter(capacity: Limits.statusDetailsBytesMax)

    init(_ texts: RefusalTexts) {
        text.appendPercentEncoded(texts.text.span)
        details.appendBase64(texts.details.span)
        precondition(!text.overflowed && !details.overflowed, "a configured refusal is too long")
    }

    /// Lends both values to `body`.
    func lend(_ body: (_ text: Span<UInt8>, _ details: Span<UInt8>) -> Void) {
        text.withBytes { text in details.withBytes { details in body(text, details) } }
    }
}
