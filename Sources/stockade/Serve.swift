// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Glibc
import Journal
import Logging
import ReservationCore
import StockadeServer
import Transport

/// `stockade serve`
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves orders and inventory over gRPC until SIGTERM.",
        discussion: """
            Prints one line `ready HOST:PORT` on standard output when it serves; everything else \
            goes to standard error. SIGTERM or SIGINT: stop taking new calls, finish those that \
            were begun, exit 0.

            Exit codes: 0 fine, 1 failed, 2 bad usage, 78 forbidden by configuration or \
            environment (a busy port, a directory in use, an address that isn't loopback), 3 the \
            journal is damaged, or Postgres has more of it than it has itself.

            EXAMPLES:
              stockade serve --data data
              stockade serve --data data --postgres 'host=db.example dbname=sales user=stockade'
              stockade serve --mode memory
              stockade serve --mode memory --listen 127.0.0.1:0 --holds-max 100k
              stockade serve --data data --admin 9090
            """)

    @Option(help: "Where to listen, HOST:PORT; port 0 lets the kernel choose.")
    var listen = "127.0.0.1:50051"

    @Option(
        help: """
            Where the administration side listens over HTTP, HOST:PORT or only PORT (then on \
            127.0.0.1): health, metrics, a status page, drain. Port 0 lets the kernel choose; the \
            log says which. (default: nowhere)
            """)
    var admin: String?

    @Option(help: "How log lines look: auto (JSON unless at a terminal), json or text.")
    var logFormat = LogDesk.Format.auto

    @Option(help: "Where answers are kept: journal (on disk) or memory (nowhere).")
    var mode = ServerConfiguration.Mode.journal

    @Option(
        help: """
            The directory of the journal; made when it isn't there. In memory mode nothing is \
            written to it.
            """)
    var data: String?

    @Option(
        help: """
            Postgres that is written behind the journal, as libpq's connection string: 'host=… \
            port=… dbname=… user=…'. The password is better left to PGPASSWORD or a password file. \
            Whatever becomes of Postgres, the sale goes on.
            """)
    var postgres: String?

    @Option(
        help: """
            What new reservations may make of the journal, 1MiB or more: a number with KiB, MiB, \
            GiB. Then they are refused; what ends a reservation goes on.
            """)
    var journalMax = ByteCount(JournalLimits.journalByteCount)

    @Option(help: "Event loops, 1 to 64. (default: one per core)")
    var loops: Int?

    @Option(help: "Stock accounts at most; k and m are understood.")
    var accountsMax = Count(1_000_000)

    @Option(help: "Brands, SKUs, warehouses and dealers together at most.")
    var codesMax = Count(1_100_000)

    @Option(help: "Live reservations at most.")
    var holdsMax = Count(1_000_000)

    @Option(
        help: """
            Remembered reservations, orders and requests together at most; a live reservation \
            counts twice. Tables are made at start, about a second per gigabyte.
            """)
    var idsMax = Count(2_500_000)

    @Option(
        help: """
            How long what has ended is remembered, 1s to 7d: a number with ms, s, m, h, d. Shorter \
            than a reservation's time to live, its place comes back at its deadline only.
            """)
    var retention = Duration(milliseconds: 24 * 3_600_000)

    @Flag(help: "Serve an address beyond this machine although there are no credentials yet.")
    var insecureListen = false

    #if PlantedFaults
        @Option(help: "Breaks this promise on purpose.")
        var plant: PlantedFault?
    #endif

    func validate() throws {
        if let loops, !(1...64).contains(loops) {
            throw ValidationError("--loops must be 1 to 64")
        }
        for (name, count) in [
            ("--accounts-max", accountsMax), ("--codes-max", codesMax),
            ("--holds-max", holdsMax), ("--ids-max", idsMax),
        ] where !(1...(1 << 28)).contains(count.value) {
            throw ValidationError("\(name) must be 1 to \(1 << 28)")
        }
        if idsMax.value < 2 {
            throw ValidationError("--ids-max must be at least 2: a live reservation counts twice")
        }
        if journalMax.value < JournalLimits.journalByteCountMin {
            throw ValidationError("--journal-max must be at least 1MiB")
        }
        if !(1_000...(7 * 86_400_000)).contains(retention.milliseconds) {
            throw ValidationError("--retention must be 1s to 7d")
        }
    }

    func run() throws {
        let logs = LogDesk(logFormat)
        LoggingSystem.bootstrap { logs.handler($0) }
        let log = Logger(label: "stockade")
        let address: SocketAddress
        do {
            address = try SocketAddress(listen)
        } catch {
            throw ValidationError("--listen \(listen): \(error.explanation)")
        }
        let loopCount = loops ?? max(1, min(64, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        var core = CoreConfiguration(hashKey: Entropy.hashKey())
        core.accountsMax = accountsMax.value
        core.codesMax = codesMax.value
        core.holdsMax = holdsMax.value
        core.idsMax = idsMax.value
        core.retentionMilliseconds = UInt64(retention.milliseconds)
        core.holdStripes = ServerConfiguration.holdStripes(forLoops: loopCount)
        #if PlantedFaults
            core.plantedFault = plant
            log.critical(
                "PLANTED WITH FAULTS: this build proves checkers and must never meet real stock; --plant \(plant?.rawValue ?? "none")"
            )
        #endif
        var configuration = ServerConfiguration(
            listen: address, mode: mode, dataDirectory: data, loops: loopCount, core: core,
            allowsInsecureListen: insecureListen)
        configuration.journalByteCountMax = journalMax.value
        configuration.postgres = postgres
        configuration.admin = try adminAddress()
        if let problem = configuration.problem {
            log.error("\(problem)")
            throw ExitCode(78)
        }
        if let data, mode == .memory {
            log.warning("--data \(data): memory mode writes nothing to it; a restart forgets all")
        }
        for line in MemoryReport.lines(core) { log.info("\(line)") }
        do {
            try Server(configuration, log: log, logs: logs).run()
        } catch {
            log.error("\(error.explanation)")
            throw ExitCode(error.kind.rawValue)
        }
    }
}

extension ServerConfiguration.Mode: ExpressibleByArgument {}

extension LogDesk.Format: ExpressibleByArgument {}

extension Serve {
    /// `--admin`; a port alone means this machine.
    private func adminAddress() throws -> SocketAddress? {
        guard let admin else { return nil }
        do {
            return try SocketAddress(UInt16(admin) == nil ? admin : "127.0.0.1:\(admin)")
        } catch {
            throw ValidationError("--admin \(admin): \(error.explanation)")
        }
    }
}

#if PlantedFaults
    extension PlantedFault: ExpressibleByArgument {}
#endif
