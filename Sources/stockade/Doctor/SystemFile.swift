// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file of /proc or /sys, or another short one.
enum SystemFile {
    /// No such file is longer.
    private static let byteCountMax = 1 << 20

    /// Its text; nil when it can't be read.
    static func text(_ path: String) -> String? {
        // SAFETY: a text of ours for the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < byteCountMax {
            let count = unsafe piece.withUnsafeMutableBytes {
                // SAFETY: the kernel writes into the array during the call, at most its length.
                unsafe read(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Its first line.
    static func line(_ path: String) -> String? {
        text(path)?.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init)
    }

    /// The figure of a line `NAME: N kB`, in bytes.
    static func bytes(_ path: String, _ name: String) -> Int? {
        let line = text(path)?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        let words = line?.split(separator: " ") ?? []
        guard words.count >= 2, let kibibytes = Int(words[1]) else { return nil }
        return kibibytes << 10
    }
}
