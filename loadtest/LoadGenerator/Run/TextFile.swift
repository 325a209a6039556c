// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Small files, whole: results, what the kernel says of itself, a scenario.
public enum TextFile {
    /// Bytes read of a file at most.
    public static let bytesMax = 4 << 20

    /// A file's text from `offset` on; nil with `errno` set when it can't be read. Longer ones are cut.
    public static func read(_ path: String, from offset: Int = 0) -> String? {
        // SAFETY: the path is a C string during the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        if offset > 0 { lseek(file, offset, SEEK_SET) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < bytesMax {
            // SAFETY: read fills at most the piece's bytes.
            let count = unsafe Glibc.read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += piece[0..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file anew: under another name first, so that whoever looks sees all of it or nothing.
    public static func write(_ text: String, to path: String) throws(RunFailure) {
        let partial = path + ".partial"
        // SAFETY: the path is a C string during the call.
        let file = unsafe open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw RunFailure(.couldNotRun, "can't write \(path): \(systemText(errno))")
        }
        defer { close(file) }
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBufferPointer {
                // SAFETY: sent < count, so address and rest lie in the array.
                unsafe Glibc.write(file, $0.baseAddress! + sent, $0.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw RunFailure(.couldNotRun, "can't write \(path): \(systemText(errno))")
            }
            sent += count
        }
        // SAFETY: both are C strings during the call.
        guard unsafe rename(partial, path) == 0 else {
            throw RunFailure(.couldNotRun, "can't write \(path): \(systemText(errno))")
        }
    }
}

/// What an error number means.
func systemText(_ code: Int32) -> String {
    // SAFETY: strerror returns a valid C string for every number.
    unsafe String(cString: strerror(code))
}
