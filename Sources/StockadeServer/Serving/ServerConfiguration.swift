// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import Projection
public import ReservationCore
public import Transport

/// Everything that a server is started with, checked.
public struct ServerConfiguration: Sendable {
    /// Where answers are kept.
    public enum Mode: String, Sendable, CaseIterable {
        /// On disk before an answer leaves.
        case journal
        /// Nowhere: for benchmarks and trials.
        case memory
    }

    /// Where to listen; port 0 lets the kernel choose.
    public var listen: SocketAddress
    /// Where the administration side listens; nil: nowhere.
    public var admin: SocketAddress?
    /// Where answers are kept.
    public var mode: Mode
    /// The journal's directory; needed in journal mode.
    public var dataDirectory: String?
    /// What new reservations and figures may make of the journal, in bytes.
    public var journalByteCountMax = JournalLimits.journalByteCount
    /// Postgres that is written behind, as libpq's connection string; nil: none.
    public var postgres: String?
    /// The file that it was read from; nil: none.
    public var postgresFile: String?
    /// Event loops, a thread each, 1 to 64.
    public var loops: Int
    /// The core's bounds.
    public var core: CoreConfiguration
    /// Whether an address beyond this machine is served though nobody has to prove who they are.
    public var allowsInsecureListen: Bool
    /// The commit that it was built from, where the build was told.
    public var commit = "unknown"

    /// Names each setting.
    public init(
        listen: SocketAddress, mode: Mode, dataDirectory: String?, loops: Int,
        core: CoreConfiguration, allowsInsecureListen: Bool
    ) {
        self.listen = listen
        self.mode = mode
        self.dataDirectory = dataDirectory
        self.loops = loops
        self.core = core
        self.allowsInsecureListen = allowsInsecureListen
    }

    /// Hold stripes for a number of loops: 16 each, rounded up to a power of two.
    public static func holdStripes(forLoops loops: Int) -> Int {
        var stripes = 16
        while stripes < 16 * loops { stripes *= 2 }
        return stripes
    }

    /// What forbids starting, or nil: the first problem, with what to do about it.
    public var problem: String? {
        if mode == .journal, dataDirectory?.isEmpty ?? true {
            return
                "answers are kept on disk, so a directory is needed: --data DIR, or journal.data "
                + "in a file, which is made when it isn't there (--mode memory keeps nothing over a "
                + "restart)"
        }
        if let postgres {
            if mode == .memory {
                return "Postgres is written from the journal, and memory mode has none: leave out "
                    + "--postgres, or serve in journal mode with --data DIR"
            }
            if let problem = Projector.problem(of: postgres) { return "--postgres: \(problem)" }
        }
        if !listen.isLoopback, !allowsInsecureListen {
            return "\(listen) isn't a loopback address, and there are no credentials yet: anybody "
                + "who reaches it could order. Listen on 127.0.0.1, or pass --insecure-listen if "
                + "the network itself keeps others out"
        }
        if let admin, !admin.isLoopback, !allowsInsecureListen {
            return "\(admin) isn't a loopback address, and the administration side asks nobody who "
                + "they are: whoever reaches it could drain the server. Give --admin 127.0.0.1:PORT "
                + "and let a proxy or a tunnel in front prove who calls, or pass --insecure-listen "
                + "if the network itself keeps others out"
        }
        return MemoryReport.problem(core, loops: loops)
    }
}
