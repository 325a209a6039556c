// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import CNghttp2
internal import Primitives

/// A server's look at what was read, before nghttp2 sees it: a header block that is known is made
/// an empty one (decision 0026).
extension Handle<SessionState> {
    /// Abridges the HEADERS frames whose blocks are known, in place.
    func lookAhead(_ start: UnsafeMutablePointer<UInt8>, count: Int) {
        value.shared.value.abridged.removeAll()
        var at = 0
        // SAFETY: the caller lends `count` bytes. They are written between two uses of the span only.
        let bytes = unsafe Span(_unsafeStart: UnsafePointer(start), count: count)
        while let place = value.cursor.next(in: bytes, at: &at) {
            switch place.type {
            case FrameCursor.headers:
                value.headsSeen += 1
                guard place.isWhole else {
                    value.repeatedHeads.forget()
                    break
                }
                let length = at - place.start
                unsafe abridge(start + place.start, count: length)
            case FrameCursor.continuation, FrameCursor.pushPromise:
                value.repeatedHeads.forget()
            default: break
            }
        }
    }

    /// Abridges a HEADERS frame of `count` bytes if it can.
    @inline(__always)
    private func abridge(_ frame: UnsafeMutablePointer<UInt8>, count: Int) {
        let blockBytes = count - FrameCursor.headBytes
        let flags = unsafe UInt32(frame[4])
        let endsStream = NGHTTP2_FLAG_END_STREAM.rawValue
        guard flags & ~endsStream == NGHTTP2_FLAG_END_HEADERS.rawValue,
            blockBytes > 0, blockBytes <= RepeatedHeads.blockBytesMax
        else { return value.repeatedHeads.forget() }
        let block = unsafe frame + FrameCursor.headBytes
        let known = value.repeatedHeads.find(
            unsafe Span(_unsafeStart: UnsafePointer(block), count: blockBytes),
            frame: value.headsSeen)
        guard let known, !value.shared.value.abridged.isFull else { return }
        value.shared.value.abridged.append(known, frame: value.headsSeen)
        // No byte moves: the block's place becomes padding, whose length comes first (RFC 9113
        // section 6.2).
        // SAFETY: the frame has so many bytes; the block isn't longer than a length says.
        unsafe frame[4] |= UInt8(NGHTTP2_FLAG_PADDED.rawValue)
        unsafe memset(block, 0, blockBytes)
        unsafe block[0] = UInt8(blockBytes - 1)
    }

    /// The header block of a request is whole and right by HTTP's rules, and said this: the same bytes
    /// will say it again. Not for a block that announces how long the body is, nor for one that is
    /// refused.
    func learnHead(of call: Handle<CallState>) {
        let marks = call.value.marks.subtracting(.peerEnded)
        guard marks == [.post, .grpcContent, .knownMethod], call.value.announcedBytes < 0 else {
            return value.repeatedHeads.learn(nil, frame: value.headsBegun)
        }
        let deadline = call.value.head.deadline
        value.repeatedHeads.learn(
            RepeatedHeads.Outcome(
                method: call.value.head.method, marks: marks, watched: call.value.head.watched,
                timeout: deadline == .max ? .max : deadline &- value.shared.value.now),
            frame: value.headsBegun)
    }
}
