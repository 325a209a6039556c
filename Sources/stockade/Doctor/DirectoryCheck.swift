// SPDX-License-Identifier: Apache-2.0

import Glibc
import Journal

/// What a server needs of its data directory and the disk under it.
struct DirectoryCheck {
    /// As it was given.
    let path: String
    let journalMax: Int
    /// The directory, or the one that it will be made in.
    private let place: String
    private let exists: Bool

    init(_ path: String, journalMax: Int) {
        self.path = path
        self.journalMax = journalMax
        exists = DirectoryCheck.isDirectory(path)
        place = exists ? path : DirectoryCheck.parent(of: path)
    }

    /// Whether a server uses the directory now.
    var isInUse: Bool {
        do {
            _ = try DataDirectory(path, lock: .shared)
            return false
        } catch {
            guard case .inUse = error else { return false }
            return true
        }
    }

    func findings() -> [Finding] {
        let first = directory()
        guard first.level != .fail else { return [first] }
        return [first, owner(), lock(), fileSystem(), space(), FlushProbe.finding(in: place)]
    }

    private func directory() -> Finding {
        // SAFETY: a text of ours for the call, here and below.
        if !exists, unsafe access(path, F_OK) == 0 {
            return .fail("data", "\(path) is no directory", "name a directory with --data")
        }
        guard DirectoryCheck.isDirectory(place) else {
            return .fail(
                "data", "\(path) isn't there, nor is \(place) to make it in",
                "mkdir -p '\(place)', or another --data")
        }
        guard unsafe access(place, W_OK | X_OK) == 0 else {
            return .fail(
                "data", "\(place) can't be written to by user \(geteuid())",
                "chown it to the server's user, or run this as that user")
        }
        return .pass("data", exists ? "\(path) can be written to" : "\(path) can be made")
    }

    private func owner() -> Finding {
        var status = stat()
        // SAFETY: the kernel fills in the structure during the call.
        guard exists, unsafe stat(path, &status) == 0 else {
            return .pass("owner", "will be user \(geteuid())")
        }
        guard status.st_uid == geteuid() else {
            return .warn(
                "owner", "\(path) belongs to user \(status.st_uid), and this is \(geteuid())",
                "run this, and the server, as the user that it belongs to")
        }
        guard status.st_mode & 0o007 == 0 else {
            return .warn(
                "owner", "every user of this machine may look into \(path)", "chmod 750 '\(path)'")
        }
        return .pass("owner", "user \(status.st_uid)")
    }

    private func lock() -> Finding {
        guard exists, unsafe access(path + "/lock", F_OK) == 0 else {
            return .pass("lock", "no server has used \(path) yet")
        }
        do {
            _ = try DataDirectory(path, lock: .shared)
            return .pass("lock", "no server uses \(path)")
        } catch {
            // Only a server keeps those away that read, and to ask beside one is no fault.
            guard case .inUse = error else {
                return .fail("lock", error.explanation, "mend that; a start needs the lock")
            }
            return .warn(
                "lock", "\(path) is in use by a running server",
                "nothing, if that is the server you ask about; else stop it, or name another --data"
            )
        }
    }

    private func fileSystem() -> Finding {
        guard let kind = MountTable.kind(of: place) else {
            return .warn("file system", "unknown", "look at /proc/self/mountinfo")
        }
        switch kind {
        case "tmpfs", "ramfs":
            return .warn(
                "file system", "\(kind): memory, all of it is gone after a restart of the machine",
                "a directory on a disk")
        case "overlay", "aufs":
            return .warn(
                "file system",
                "\(kind): a container's own layer, which goes when the container goes",
                "mount a volume there")
        case _ where MountTable.isRemote(kind):
            return .warn(
                "file system", "\(kind): over the network, each flush is a round trip or more",
                "a local disk; locks and flushes over a network are only as good as its server")
        default: return .pass("file system", kind)
        }
    }

    private func space() -> Finding {
        var used = 0
        if exists, let store = try? FileStore(directory: path + "/journal", access: .readOnly),
            let segments = try? store.segments()
        {
            used = segments.reduce(0) { $0 + $1.byteCount }
        }
        var status = statvfs()
        // SAFETY: the kernel fills in the structure during the call.
        guard unsafe statvfs(place, &status) == 0 else {
            return .warn("space", "the free space of \(place) is unknown", "look at `df \(place)`")
        }
        let free = Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        let text =
            "\(free >> 20) MiB free, \(used >> 20) MiB taken by the journal's segments, prepared "
            + "ones included, which may take \(journalMax >> 20) MiB"
        // A server prepares two segments before it serves.
        guard free + used >= 2 * JournalLimits.segmentByteCountMin else {
            return .fail("space", text, "make room: a start needs 16 MiB")
        }
        guard free >= journalMax - used else {
            return .warn(
                "space", text,
                "make room, or lower --journal-max: a full disk refuses reservations all the same, "
                    + "but takes the space of whatever else is on it")
        }
        return .pass("space", text)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: the kernel fills in the structure during the call.
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func parent(of path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
