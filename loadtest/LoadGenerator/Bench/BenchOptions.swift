// SPDX-License-Identifier: Apache-2.0

public import Transport

/// What a run of `stampede bench` does.
public struct BenchOptions: Sendable {
    /// What is called.
    public enum Call: String, Sendable, CaseIterable {
        /// One unit of one SKU, under a new id each time.
        case reserve
        /// One SKU's figures.
        case getStock = "get-stock"
        /// Reservations of one unit of one SKU each, all under new ids.
        case batchReserve = "batch-reserve"
        /// An order of lines of one unit each, out of what is available, under a new id.
        case createOrder = "create-order"

        /// Items or lines of one call unless their number is given.
        public var usualParts: Int {
            switch self {
            case .reserve, .getStock: 1
            case .batchReserve: 100
            case .createOrder: 3
            }
        }

        /// Items or lines of one call at most.
        public var partsMax: Int {
            switch self {
            case .reserve, .getStock: 1
            case .batchReserve: 1_000
            case .createOrder: 500
            }
        }
    }

    /// When it ends.
    public enum Extent: Sendable {
        /// After a time, in seconds; a warm-up before it isn't measured.
        case seconds(Double, warmUp: Double)
        /// After a number of calls.
        case requests(Int)
    }

    /// Where the server is.
    public var target: SocketAddress
    /// What is called.
    public var call: Call
    /// Items of a batch or lines of an order: each call draws so many SKUs.
    public var parts: Int
    /// Connections in all.
    public var connections: Int
    /// Calls in flight on each connection; with a rate, at most.
    public var streams: Int
    /// Threads that share the connections.
    public var threads: Int
    /// When it ends.
    public var extent: Extent
    /// SKUs, drawn evenly.
    public var skus: Int
    /// Units of each SKU.
    public var stock: Int64
    /// Whether the target is a real server: stock is set up first, answers' contents are checked,
    /// and the stock is read afterwards. Not for a peer with a constant reply.
    public var checksAnswers: Bool
    /// The run's identity.
    public var identity: RunIdentity
    /// Open loop: calls are due at times that are fixed before the run. Nil: closed loop.
    public var rate: CallRate?
    /// What happens to calls that end without an answer. Nil: the run fails.
    public var retry: RetryPolicy?
    /// A file for a line per reservation. Nil: none.
    public var ledgerPath: String?

    /// Names each option.
    public init(
        target: SocketAddress, call: Call, parts: Int? = nil, connections: Int, streams: Int,
        threads: Int, extent: Extent, skus: Int, stock: Int64, checksAnswers: Bool,
        identity: RunIdentity,
        rate: CallRate? = nil, retry: RetryPolicy? = nil, ledgerPath: String? = nil
    ) {
        self.target = target
        self.call = call
        self.parts = parts ?? call.usualParts
        self.connections = connections
        self.streams = streams
        self.threads = threads
        self.extent = extent
        self.skus = skus
        self.stock = stock
        self.checksAnswers = checksAnswers
        self.identity = identity
        self.rate = rate
        self.retry = retry
        self.ledgerPath = ledgerPath
    }
}
