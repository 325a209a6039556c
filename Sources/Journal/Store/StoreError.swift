// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Why the storage didn't do what it was asked.
public struct StoreError: Error, Hashable, Sendable {
    /// What was asked.
    public enum Operation: String, Sendable {
        /// Opening the directory or a file.
        case open
        /// Reading the directory's names.
        case list
        /// Reading bytes.
        case read
        /// Writing bytes.
        case write
        /// Making bytes durable.
        case flush
        /// Making names durable.
        case flushDirectory = "flush the directory of"
        /// Making a file.
        case create
        /// Giving a file its name.
        case rename
        /// Removing a file.
        case remove
        /// Asking how much is free.
        case measure = "measure the file system of"
    }

    /// What was asked.
    public var operation: Operation
    /// Of which file.
    public var file: String
    /// The system's error number.
    public var errorNumber: Int32

    /// Names each part.
    public init(_ operation: Operation, _ file: String, errorNumber: Int32) {
        self.operation = operation
        self.file = file
        self.errorNumber = errorNumber
    }

    /// Whether there was no room: that doesn't mean that the disk is broken.
    public var isFull: Bool { errorNumber == ENOSPC || errorNumber == EDQUOT }

    /// In words.
    public var explanation: String {
        // SAFETY: strerror answers with a text of the C library's, copied at once.
        let reason = unsafe String(cString: strerror(errorNumber))
        return "couldn't \(operation.rawValue) \(file): \(reason)"
    }
}
