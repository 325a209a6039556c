// SPDX-License-Identifier: Apache-2.0

/// The 16 bytes by which a client names a reservation, an order or a request.
///
/// Two words instead of an array: compared and copied in registers.
public struct ClientID: Hashable, Sendable, BitwiseCopyable {
    /// Bytes 0 to 7, the first byte highest.
    public var high: UInt64
    /// Bytes 8 to 15, the first byte highest.
    public var low: UInt64

    /// The length on the wire, in bytes.
    public static let byteCount = 16

    /// Makes an id from its two words.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the id at `range` of `bytes`; nil unless `range` is 16 bytes within `bytes`.
    @inlinable
    public init?(_ bytes: Span<UInt8>, at range: ByteRange) {
        let start = Int(range.start)
        guard range.count == UInt32(ClientID.byteCount), start <= bytes.count - ClientID.byteCount
        else { return nil }
        self.init(
            high: bytes.littleEndian(UInt64.self, at: start).byteSwapped,
            low: bytes.littleEndian(UInt64.self, at: start + 8).byteSwapped)
    }

    /// All-zero ids are refused: they are what a client sends that forgot to make one.
    public var isZero: Bool { high | low == 0 }
}
