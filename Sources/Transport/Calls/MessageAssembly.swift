// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Finds the one message of a unary call in DATA that is cut anywhere: a state machine over bytes.
///
///     prefix (5 bytes) ──▶ body (length bytes) ──▶ whole ──byte──▶ refused
struct MessageAssembly: BitwiseCopyable {
    /// What a piece of DATA amounts to.
    enum Action: Equatable, BitwiseCopyable {
        /// Nothing to keep yet: the prefix isn't whole.
        case wait
        /// Keep the bytes of the piece from this index on.
        case keep(from: Int)
        /// The call can't be served.
        case refuse(CallRefusal)
    }

    private var prefixBytes: UInt8 = 0
    private var flag: UInt8 = 0
    private var length: UInt32 = 0
    private var missing: UInt32 = 0

    /// True when a message has begun and its last byte has come.
    var isWhole: Bool { prefixBytes == 5 && missing == 0 }
    /// True before the first byte.
    var isUntouched: Bool { prefixBytes == 0 }
    /// The length that the prefix announced; 0 before it is whole.
    var announcedBytes: Int { Int(length) }

    /// Takes the next piece of DATA.
    mutating func take(_ piece: Span<UInt8>, messageBytesMax: Int) -> Action {
        var index = 0
        if prefixBytes < 5 {
            while prefixBytes < 5 {
                guard index < piece.count else { return .wait }
                if prefixBytes == 0 {
                    flag = piece[index]
                } else {
                    length = length << 8 | UInt32(piece[index])
                }
                prefixBytes += 1
                index += 1
            }
            guard flag <= 1 else { return .refuse(.unknownFlag) }
            guard flag == 0 else { return .refuse(.compressedMessage) }
            guard Int(length) <= messageBytesMax else { return .refuse(.messageTooLong) }
            missing = length
        }
        let rest = piece.count - index
        guard rest <= Int(missing) else { return .refuse(.secondMessage) }
        missing -= UInt32(rest)
        return rest == 0 ? .wait : .keep(from: index)
    }

    /// The peer has ended its side: nil when that leaves one whole message.
    func end() -> CallRefusal? {
        if isWhole { return nil }
        return isUntouched ? .noMessage : .cutMessage
    }
}
