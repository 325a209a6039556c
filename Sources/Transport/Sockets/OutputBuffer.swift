// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Where a loop collects the frames of one connection for one write. The loop has one for all its
/// connections.
@safe struct OutputBuffer: ~Copyable {
    let start: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    /// Full is when no further frame is asked for; the longest frame still fits behind it.
    private static let fullBytes = Limits.writeHighWaterBytes
    private static let frameBytesMax = Limits.framePayloadBytes + Limits.headerBytesMax + 1_024

    init() {
        unsafe start = .allocate(capacity: Self.fullBytes + Self.frameBytesMax)
    }

    deinit { unsafe start.deallocate() }

    /// True when enough is collected for one write.
    var isFull: Bool { count >= Self.fullBytes }

    /// Appends one frame.
    @inline(__always)
    mutating func append(_ frame: UnsafePointer<UInt8>, count length: Int) {
        precondition(!isFull && length <= Self.frameBytesMax)
        // SAFETY: the room was checked; nghttp2's frame lies elsewhere.
        unsafe memcpy(start + count, frame, length)
        count += length
    }

    /// Makes the last frame, DATA that ends its stream, one that doesn't, and puts a HEADERS frame
    /// behind it that does: the trailers of a call that went well.
    @inline(__always)
    mutating func endByTrailers(frameBytes: Int, stream: Int32) {
        precondition(frameBytes <= count && frameBytes >= TrailersFrame.headBytes)
        // SAFETY: the frame's head lies in what is collected. Behind a frame there is room for the
        // trailers: `frameBytesMax` counts a whole header block beside the longest DATA.
        unsafe start[count - frameBytes + TrailersFrame.flagsOffset] &= ~TrailersFrame.endStream
        unsafe TrailersFrame.write(to: start + count, stream: stream)
        count += TrailersFrame.byteCount
    }

    /// Forgets the content.
    mutating func removeAll() {
        count = 0
    }
}
