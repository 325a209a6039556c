// SPDX-License-Identifier: Apache-2.0

/// What a refusal that Transport makes on its own tells the caller. The service's owner supplies it,
/// since Transport doesn't know the service's error details.
public struct RefusalTexts: Equatable, Sendable {
    /// UTF-8 of `grpc-message`, at most 2 KiB once coded.
    public var text: [UInt8]
    /// A serialised google.rpc.Status of the same code and text; empty: none is sent. At most 3.8 KiB.
    public var details: [UInt8]

    /// Makes a refusal from its bytes.
    public init(text: [UInt8], details: [UInt8]) {
        self.text = text
        self.details = details
    }

    init(_ text: StaticString) {
        self.text = text.withUTF8Buffer { unsafe Array($0) }
        details = []
    }
}
