// SPDX-License-Identifier: Apache-2.0

/// Where a call stands. The two rows share no phase but the first.
///
///     server: free ─▶ heading ─▶ receiving ─▶ ready ─▶ held ─▶ answering ─▶ free
///                        └───────────┴──── refused ───────────▶┘
///     client: free ─▶ waiting ─▶ complete ─▶ free
enum CallPhase: UInt8, BitwiseCopyable {
    /// The slot belongs to nobody.
    case free
    /// Server: its header block is arriving.
    case heading
    /// Server: its message is arriving.
    case receiving
    /// Server: the message is whole, the service hasn't seen it yet or is deciding.
    case ready
    /// Server: the answer waits in the gate.
    case held
    /// Server: the answer is nghttp2's to send.
    case answering
    /// Client: the request is nghttp2's to send, or the answer is arriving.
    case waiting
    /// Client: the stream is closed, the service hasn't seen the answer yet.
    case complete
}
