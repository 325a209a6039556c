// SPDX-License-Identifier: Apache-2.0

import StockadeServer

/// A file of /proc or /sys, or another short one.
enum SystemFile {
    /// No such file is longer.
    private static let byteCountMax = 1 << 20

    /// Its text; nil when it can't be read.
    static func text(_ path: String) -> String? {
        guard let bytes = try? BoundedFile.bytes(of: path, atMost: byteCountMax) else {
            return nil
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
