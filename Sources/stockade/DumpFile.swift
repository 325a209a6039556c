// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where a dump goes: a file that appears under its name only when it is whole, or standard output.
///
/// Dropped before `finish`, it leaves nothing behind.
struct DumpFile: ~Copyable {
    /// Why the dump couldn't be written.
    struct Failure: Error {
        var explanation: String
    }

    private let path: String
    /// Beside the file, renamed at the end; nil: written in place, because it is no ordinary file.
    private let draft: String?
    private let descriptor: Int32
    private var isFinished = false

    /// Opens the draft of `path`; `-` is standard output.
    init(_ path: String) throws(Failure) {
        self.path = path
        if path == "-" {
            draft = nil
            descriptor = STDOUT_FILENO
            return
        }
        var status = stat()
        // SAFETY: the kernel fills in the structure during the call.
        let exists = unsafe stat(path, &status) == 0
        // A pipe or a device can't be replaced by a file of the same name.
        let isOrdinary = !exists || status.st_mode & S_IFMT == S_IFREG
        let draft = isOrdinary ? "\(path).\(getpid()).new" : nil
        let flags = isOrdinary ? O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC : O_WRONLY | O_CLOEXEC
        self.draft = draft
        // SAFETY: a text of ours for the call.
        descriptor = unsafe open(draft ?? path, flags, 0o644)
        guard descriptor >= 0 else {
            isFinished = true
            throw DumpFile.failure("open", draft ?? path)
        }
    }

    deinit {
        if !isFinished { discard() }
    }

    private func discard() {
        guard path != "-" else { return }
        close(descriptor)
        if let draft {
            // SAFETY: a text of ours for the call.
            _ = unsafe unlink(draft)
        }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: Span<UInt8>) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBufferPointer { buffer in
                // SAFETY: the kernel reads the rest of the span during the call.
                unsafe Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw DumpFile.failure("write", path)
            }
            done += count
        }
    }

    /// Gives the file its name, once all of it is on disk.
    mutating func finish() throws(Failure) {
        guard path != "-" else { return isFinished = true }
        guard let draft else {
            isFinished = true
            close(descriptor)
            return
        }
        guard fsync(descriptor) == 0 else { throw DumpFile.failure("flush", draft) }
        // SAFETY: texts of ours for the call.
        guard unsafe rename(draft, path) == 0 else { throw DumpFile.failure("rename", draft) }
        isFinished = true
        close(descriptor)
    }

    private static func failure(_ operation: String, _ path: String) -> Failure {
        // SAFETY: strerror answers with a text of the C library's, copied at once.
        let reason = unsafe String(cString: strerror(errno))
        return Failure(explanation: "couldn't \(operation) \(path): \(reason)")
    }
}
