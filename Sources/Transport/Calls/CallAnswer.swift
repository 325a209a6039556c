// SPDX-License-Identifier: Apache-2.0

internal import Wire

/// What kind of answer lies in a call's buffer.
enum CallAnswer: BitwiseCopyable {
    case none
    /// A prefixed message.
    case message(ReplyTrailers)
    /// `textBytes` of `grpc-message`, coded, and then the details in base64.
    case refusal(StatusCode, textBytes: Int, ReplyTrailers)
    /// A plain text under an HTTP status that isn't 200.
    case plainText
}
