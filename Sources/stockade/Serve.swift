// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import ReservationCore
import StockadeServer

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

            A setting may also stand in a file (--config) or in an environment variable; \
            `stockade config` shows, checks and explains them.

            EXAMPLES:
              stockade serve --data data
              stockade serve --config /etc/stockade/stockade.yaml
              stockade serve --data data --postgres 'host=db.example dbname=sales user=stockade'
              stockade serve --mode memory
              stockade serve --mode memory --listen 127.0.0.1:0 --holds-max 100k
              stockade serve --data data --admin 9090
            """)

    @OptionGroup var options: ConfigurationOptions

    #if PlantedFaults
        @Option(help: "Breaks this promise on purpose.")
        var plant: PlantedFault?
    #endif

    func run() throws {
        let settings = try options.settings()
        var configuration = try ConfigurationOptions.orTold {
            () throws(ConfigurationFaults) in try settings.serverConfiguration()
        }
        configuration.commit = BuiltCommit.text
        let logs = LogDesk(
            LogDesk.Format(rawValue: settings.logFormat) ?? .auto,
            level: Logger.Level(rawValue: settings.logLevel) ?? .info)
        LoggingSystem.bootstrap { logs.handler($0) }
        let log = Logger(label: "stockade")
        #if PlantedFaults
            configuration.core.plantedFault = plant
            log.critical(
                "PLANTED WITH FAULTS: this build proves checkers and must never meet real stock; --plant \(plant?.rawValue ?? "none")"
            )
        #endif
        if let problem = configuration.problem {
            log.error("\(problem)")
            throw ExitCode(78)
        }
        if let data = configuration.dataDirectory, configuration.mode == .memory {
            log.warning("--data \(data): memory mode writes nothing to it; a restart forgets all")
        }
        for line in MemoryReport.lines(configuration.core) { log.info("\(line)") }
        do {
            try Server(configuration, log: log, logs: logs).run()
        } catch {
            log.error("\(error.explanation)")
            throw ExitCode(error.kind.rawValue)
        }
    }
}
