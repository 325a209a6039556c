// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Synchronization

/// A sink that keeps records as a journal's blocks have them, in memory.
final class BlockSink: EffectSink {
    /// Records one after another behind 16 bytes of base.
    struct Block {
        var base: DecisionTime
        var firstSequence: UInt64
        var count = 0
        var bytes: [UInt8]
    }

    private struct State {
        var blocks: [Block] = []
        var last: UInt64 = 0
    }

    /// Bytes after which a new block begins: what a group commit under load comes to.
    private static let blockByteCount = 64 * 1_024
    private let state = Mutex(State())

    func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict { .granted }
    func returnRoom(_ byteCount: Int) {}
    func setAside(_ byteCount: Int) {}
    func giveBack(_ byteCount: Int) {}
    func submit() {}

    func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64 {
        var bytes: [UInt8] = []
        record.withBytes { span in
            bytes.reserveCapacity(span.count)
            for index in 0..<span.count { bytes.append(span[index]) }
        }
        return state.withLock { state in
            state.last += 1
            if state.blocks.last.map({ $0.bytes.count > BlockSink.blockByteCount }) ?? true {
                state.blocks.append(
                    Block(
                        base: time, firstSequence: state.last,
                        bytes: [UInt8](repeating: 0, count: 16)))
            }
            let block = state.blocks.count - 1
            let ticks = Int32(
                truncatingIfNeeded: time.tick.milliseconds
                    - state.blocks[block].base.tick.milliseconds)
            for index in 0..<4 {
                let byte = UInt8(truncatingIfNeeded: ticks >> Int32(8 * index))
                bytes[4 + index] = byte
                bytes[8 + index] = byte
            }
            state.blocks[block].bytes += bytes
            state.blocks[block].count += 1
            return state.last
        }
    }

    /// The blocks so far.
    var blocks: [Block] { state.withLock { $0.blocks } }
}
