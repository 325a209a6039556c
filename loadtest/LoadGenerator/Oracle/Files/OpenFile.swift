// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An open file; closed when the last who knows it is gone.
final class OpenFile {
    let path: String
    private let number: Int32

    private init(path: String, number: Int32) {
        self.path = path
        self.number = number
    }

    deinit { close(number) }

    /// Opens a file to read it.
    static func reading(_ path: String) throws(OracleFault) -> OpenFile {
        // SAFETY: the path is a C string during the call.
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            throw OracleFault("can't read \(path): \(systemText(errno))")
        }
        return OpenFile(path: path, number: number)
    }

    /// Makes a file that has no name any more: it is gone when it is closed, whatever happens.
    static func scratch(_ path: String) throws(OracleFault) -> OpenFile {
        // SAFETY: the path is a C string during each call.
        let number = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            throw OracleFault("can't write \(path): \(systemText(errno))")
        }
        // SAFETY: as above.
        _ = unsafe unlink(path)
        return OpenFile(path: path, number: number)
    }

    /// Its length in bytes.
    func length() throws(OracleFault) -> Int {
        let end = lseek(number, 0, SEEK_END)
        guard end >= 0 else { throw OracleFault("can't read \(path): \(systemText(errno))") }
        return Int(end)
    }

    /// Fills `bytes` from `offset` on, as far as the file reaches. Returns how many there were.
    func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(OracleFault) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        let wanted = bytes.count
        var done = 0
        while done < wanted {
            // SAFETY: done < wanted, so the address and the rest lie within the buffer.
            let count = unsafe pread(number, start + done, wanted - done, off_t(offset + done))
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw OracleFault("can't read \(path): \(systemText(errno))")
            }
        }
        return done
    }

    /// Appends all of `bytes`.
    func append(_ bytes: UnsafeRawBufferPointer) throws(OracleFault) {
        guard let start = bytes.baseAddress else { return }
        let wanted = bytes.count
        var done = 0
        while done < wanted {
            // SAFETY: done < wanted, so the address and the rest lie within the buffer.
            let count = unsafe write(number, start + done, wanted - done)
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw OracleFault("can't write \(path): \(systemText(errno))")
            }
        }
    }
}
