// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// A server's data directory, locked for as long as this lives.
public struct DataDirectory: ~Copyable, Sendable {
    /// Who may use it at the same time.
    public enum Lock: Sendable {
        /// Others that only read.
        case shared
        /// Nobody.
        case exclusive
    }

    /// Why a directory can't be used.
    public enum Failure: Error, Hashable, Sendable {
        /// There is no journal in it.
        case missing(String)
        /// A server, or a checker, uses it.
        case inUse(String)
        /// The system refused.
        case system(StoreError)

        /// What is wrong and what to do, in words.
        public var explanation: String {
            switch self {
            case .missing(let path):
                "\(path) has no journal: name the directory that a server was given with --data"
            case .inUse(let path):
                "\(path) is in use by another process: stop that server first"
            case .system(let error): error.explanation
            }
        }
    }

    private let lock: Int32
    /// Where the segments lie.
    public let journalPath: String

    /// Takes an existing directory, or, for a server, makes one with its parents' names durable.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - kind: `.exclusive` also makes what is missing.
    /// - Throws: `Failure`; nothing is locked then.
    public init(_ path: String, lock kind: Lock) throws(Failure) {
        journalPath = path + "/journal"
        lock = try DataDirectory.take(path, kind)
    }

    deinit { stockade_close(lock) }

    /// Opens and locks the directory's lock file.
    private static func take(_ path: String, _ kind: Lock) throws(Failure) -> Int32 {
        if kind == .exclusive {
            try DataDirectory.make(path)
            try DataDirectory.make(path + "/journal")
        }
        let lock = unsafe stockade_open_lock(path + "/lock", kind == .exclusive ? 1 : 0)
        guard lock >= 0 else {
            let number = stockade_errno()
            if kind == .shared, number == ENOENT || number == ENOTDIR { throw .missing(path) }
            throw .system(StoreError(.open, path + "/lock", errorNumber: number))
        }
        let wanted = kind == .exclusive ? STOCKADE_LOCK_EXCLUSIVE : STOCKADE_LOCK_SHARED
        guard stockade_try_lock(lock, Int32(wanted)) == 0 else {
            let number = stockade_errno()
            stockade_close(lock)
            if number == EWOULDBLOCK { throw .inUse(path) }
            throw .system(StoreError(.open, path + "/lock", errorNumber: number))
        }
        return lock
    }

    /// Makes one directory if it isn't there, durable in its parent.
    private static func make(_ path: String) throws(Failure) {
        if unsafe stockade_make_directory(path) == 0 {
            let parent = unsafe stockade_open_directory(path + "/..")
            guard parent >= 0
            else { throw .system(StoreError(.open, path, errorNumber: stockade_errno())) }
            defer { stockade_close(parent) }
            guard stockade_flush_all(parent) == 0
            else { throw .system(StoreError(.flushDirectory, path, errorNumber: stockade_errno())) }
        } else if stockade_errno() != EEXIST {
            throw .system(StoreError(.create, path, errorNumber: stockade_errno()))
        }
    }
}
