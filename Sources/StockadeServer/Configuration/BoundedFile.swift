// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A small file, read whole.
public enum BoundedFile {
    /// Why it couldn't be.
    public struct Failure: Error {
        /// The system's reason, or that it is too long.
        public var explanation: String
    }

    /// The bytes of a file that may have `countMax` at most.
    public static func bytes(of path: String, atMost countMax: Int) throws(Failure) -> [UInt8] {
        // SAFETY: a text of ours for the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(explanation: "can't be read: \(reason())") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes {
                // SAFETY: the kernel writes into the array during the call, at most its length.
                unsafe read(file, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(explanation: "can't be read: \(reason())")
            }
            if count == 0 { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= countMax else {
                throw Failure(
                    explanation: "has more than \(countMax >> 10) KiB: that is another file")
            }
        }
    }

    private static func reason() -> String {
        // SAFETY: strerror answers with a text of the C library's, copied at once.
        unsafe String(cString: strerror(errno))
    }
}
