// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The five bytes before each gRPC message: a flag for compression and the length.
public struct MessagePrefix: Equatable, Sendable, BitwiseCopyable {
    /// Bytes that a prefix has.
    public static var byteCount: Int { 5 }

    /// 0: as it is; 1: compressed; anything else is a fault of the peer.
    public let compressionFlag: UInt8
    /// Bytes of the message behind the prefix.
    public let length: UInt32

    /// Makes the prefix of an uncompressed message.
    public init(length: UInt32) {
        compressionFlag = 0
        self.length = length
    }

    /// Reads a prefix at `offset`; nil when fewer than five bytes lie there.
    public init?(_ bytes: Span<UInt8>, at offset: Int) {
        guard offset >= 0, bytes.count - offset >= MessagePrefix.byteCount else { return nil }
        compressionFlag = bytes[offset]
        length =
            UInt32(bytes[offset + 1]) << 24 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 8 | UInt32(bytes[offset + 4])
    }

    /// Writes the five bytes.
    public func encode(into writer: inout ByteWriter) {
        writer.append(compressionFlag)
        writer.append(littleEndian: length.byteSwapped)
    }
}
