// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import LoadGenerator
import Transport

/// `stampede bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Drives a server as fast as it answers, and checks every answer and the stock.",
        discussion: """
            Closed loop: each answer is followed by the next request. That shows what a server can \
            do. With --rate an open loop: calls are due at times that are drawn before the run, \
            and latency counts from there; that shows what a caller feels.

            With --retry a call that ends without an answer is sent again under its own id, over \
            a new connection if need be, until it is answered: a server may be killed and started \
            again on the same port meanwhile. --ledger says what became of each reservation; \
            loadtest/README.md describes its lines.

            What bench is granted it leaves held, and the server lets it expire 15 minutes later. \
            Until then it counts against the server's --holds-max, a million unless told: start \
            the server with more for runs one after the other.

            Exit codes: 0 all right, 1 could not run or finish, or the server had no room, 2 bad \
            usage, 4 an answer or the stock is wrong, 5 the figures of an open loop can't be believed.

            EXAMPLES:
              stampede bench --target 127.0.0.1:50051 --connections 8 --streams 64 --seconds 5
              stampede bench --target 127.0.0.1:50051 --requests 20000 --skus 1 --stock 1000
              stampede bench --target 127.0.0.1:50051 --rate 20k/s --seconds 10
              stampede bench --target 127.0.0.1:50051 --requests 20000 --skus 1 --stock 1000 \
            --retry --ledger sale.jsonl
            """)

    @Option(help: "The server, HOST:PORT.")
    var target: String

    @Option(help: "What to call: reserve, get-stock, batch-reserve or create-order.")
    var call = BenchOptions.Call.reserve

    @Option(
        help:
            "Items of a batch-reserve, 1 to 1000 (default: 100); lines of a create-order, 1 to 500 (3)."
    )
    var items: Int?

    @Option(name: [.short, .long], help: "Connections, 1 to 4096.")
    var connections = 8

    @Option(
        name: [.customShort("m"), .long], help: "Calls in flight on each connection, 1 to 256.")
    var streams = 64

    @Option(name: [.short, .long], help: "Threads that share the connections, 1 to 64.")
    var threads = 1

    @Option(help: "Measured time in seconds. (default: 5, unless --requests is given)")
    var seconds: Double?

    @Option(help: "Seconds before the measured time, when a time is given.")
    var warmUp = 0.5

    @Option(help: "Calls in all, instead of a time.")
    var requests: Int?

    @Option(help: "Open loop: calls due per second, such as 250, 20k or 1.5k/s.")
    var rate: CallRate?

    @Flag(help: "Send a call that ends without an answer again, under the same id.")
    var retry = false

    @Option(help: "With --retry, seconds that one attempt may take, 0.001 to 3600.")
    var timeout = 2.0

    @Option(help: "With --retry, seconds without any answer that end the run, 0.1 to 86400.")
    var giveUp = 30.0

    @Option(help: "A file for a line per reservation; it is written anew.")
    var ledger: String?

    @Option(help: "SKUs to draw from, evenly, 1 to 10,000,000.")
    var skus = 1_000

    @Option(help: "Units of each SKU, 1 to 1,000,000,000,000.")
    var stock: Int64 = 1_000_000_000

    @Option(help: "Seed of every draw.")
    var seed: UInt64 = 1

    @Option(help: "The run's id in hexadecimal; another run on the same server needs another one.")
    var runID: String?

    @Flag(help: "One JSON object on standard output instead of text.")
    var json = false

    @Flag(
        help: """
            No stock is set up or read and answers' contents aren't checked: for a peer with a \
            constant reply.
            """)
    var noSetup = false

    func validate() throws {
        if !(1...4_096).contains(connections) {
            throw ValidationError("--connections must be 1 to 4096")
        }
        if !(1...256).contains(streams) { throw ValidationError("--streams must be 1 to 256") }
        if !(1...64).contains(threads) || threads > connections {
            throw ValidationError("--threads must be 1 to 64, and at most --connections")
        }
        if seconds != nil, requests != nil {
            throw ValidationError("--seconds and --requests exclude each other")
        }
        if let seconds, !(0.1...86_400).contains(seconds) {
            throw ValidationError("--seconds must be 0.1 to 86400")
        }
        if !(0...3_600).contains(warmUp) { throw ValidationError("--warm-up must be 0 to 3600") }
        if let requests, requests < 1 { throw ValidationError("--requests must be 1 or more") }
        if !(1...10_000_000).contains(skus) {
            throw ValidationError("--skus must be 1 to 10000000")
        }
        if !(1...1_000_000_000_000).contains(stock) {
            throw ValidationError("--stock must be 1 to 1000000000000")
        }
        if !(0.001...3_600).contains(timeout) {
            throw ValidationError("--timeout must be 0.001 to 3600")
        }
        if !(0.1...86_400).contains(giveUp) {
            throw ValidationError("--give-up must be 0.1 to 86400")
        }
        if let items, !(1...call.partsMax).contains(items) {
            throw ValidationError("--items of \(call.rawValue) must be 1 to \(call.partsMax)")
        }
        if ledger != nil, noSetup || call != .reserve {
            throw ValidationError("--ledger is for reserve, without --no-setup")
        }
        if let runID, UInt64(runID, radix: 16) == nil {
            throw ValidationError("--run-id must be up to 16 hexadecimal digits")
        }
    }

    func run() throws {
        let address: SocketAddress
        do {
            address = try SocketAddress(target)
        } catch { throw ValidationError("--target \(target): \(error.explanation)") }
        let extent: BenchOptions.Extent
        if let requests {
            extent = .requests(requests)
        } else {
            extent = .seconds(seconds ?? 5, warmUp: warmUp)
        }
        let identity =
            runID.flatMap { UInt64($0, radix: 16) }.map { RunIdentity(runID: $0, seed: seed) }
            ?? .random(seed: seed)
        let options = BenchOptions(
            target: address, call: call, parts: items, connections: connections,
            streams: streams, threads: threads, extent: extent, skus: skus, stock: stock,
            checksAnswers: !noSetup,
            identity: identity, rate: rate,
            retry: retry
                ? RetryPolicy(
                    attemptNanoseconds: UInt64(timeout * 1_000_000_000),
                    giveUpNanoseconds: UInt64(giveUp * 1_000_000_000)) : nil,
            ledgerPath: ledger)
        let result: BenchResult
        do {
            result = try Bench(options).run()
        } catch {
            StandardError.print("stampede: \(error.explanation)")
            throw ExitCode(1)
        }
        print(json ? result.json : result.text)
        if result.exitCode != 0 { throw ExitCode(result.exitCode) }
    }
}

extension BenchOptions.Call: ExpressibleByArgument {}

extension CallRate: ExpressibleByArgument {
    init?(argument: String) {
        self.init(argument)
    }
}
