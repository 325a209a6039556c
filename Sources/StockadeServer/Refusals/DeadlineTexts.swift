// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Transport

/// What a caller learns whose deadline passed, or whose answer the disk lost: Transport sends it, knowing nothing of our details.
enum DeadlineTexts {
    /// Before the call was begun.
    static var notApplied: RefusalTexts {
        texts("the deadline passed before the call was begun; nothing changed", applied: "false")
    }

    /// While its answer waited for the disk.
    static var unknown: RefusalTexts {
        texts(
            "the deadline passed while the answer waited for the disk; ask again with the same id",
            applied: "unknown")
    }

    /// While its answer waited for a disk that failed.
    static var diskFailed: RefusalTexts {
        texts(
            "the disk failed while the answer waited for it; ask again with the same id",
            applied: "unknown", .journalFailed)
    }

    private static func texts(
        _ sentence: StaticString, applied: StaticString, _ reason: Reason = .deadlineExceeded
    ) -> RefusalTexts {
        var refusal = RefusalText()
        refusal.write(reason, sentence, applied: applied)
        return RefusalTexts(text: bytes(refusal.text), details: bytes(refusal.details))
    }

    private static func bytes(_ writer: borrowing ByteWriter) -> [UInt8] {
        writer.withBytes { span in (0..<span.count).map { span[$0] } }
    }
}
