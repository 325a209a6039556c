// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which file system a directory lies on, as the kernel's table of mounts has it.
enum MountTable {
    /// The type's name, such as ext4; nil: unknown.
    static func kind(of directory: String) -> String? {
        guard let path = resolved(directory),
            let table = SystemFile.text("/proc/self/mountinfo")
        else { return nil }
        var best: (point: String, kind: String)?
        for line in table.split(separator: "\n") {
            // 36 35 98:0 / /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 5, let dash = words.firstIndex(of: "-"), dash + 1 < words.count
            else { continue }
            let point = unescaped(words[4])
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            // Of two at the same place the later one covers the other.
            if isAbove, point.utf8.count >= best?.point.utf8.count ?? 0 {
                best = (point, words[dash + 1])
            }
        }
        return best?.kind
    }

    /// Whether its disk is another machine's.
    static func isRemote(_ kind: String) -> Bool {
        ["nfs", "cifs", "smb", "9p", "ceph", "gluster", "lustre", "afs", "fuse", "virtiofs"]
            .contains { kind.hasPrefix($0) }
    }

    private static func resolved(_ path: String) -> String? {
        // SAFETY: realpath answers a text that is ours to free, copied before.
        guard let raw = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(raw) }
        return unsafe String(cString: raw)
    }

    /// The table writes blanks, tabs and backslashes as three octal digits.
    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
