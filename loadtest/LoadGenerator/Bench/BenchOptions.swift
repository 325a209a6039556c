// SPDX-License-Identifier: Apache-2.0

public import Transport

/// What a closed-loop run does.
public struct BenchOptions: Sendable {
    /// What is called.
    public enum Method: String, Sendable, CaseIterable {
        /// One unit of one SKU, under a new id each time.
        case reserve
        /// One SKU's figures.
        case getStock = "get-stock"
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
    public var method: Method
    /// Connections in all.
    public var connections: Int
    /// Calls in flight on each connection.
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

    /// Names each option.
    public init(
        target: SocketAddress, method: Method, connections: Int, streams: Int, threads: Int,
        extent: Extent, skus: Int, stock: Int64, checksAnswers: Bool, identity: RunIdentity
    ) {
        self.target = target
        self.method = method
        self.connections = connections
        self.streams = streams
        self.threads = threads
        self.extent = extent
        self.skus = skus
        self.stock = stock
        self.checksAnswers = checksAnswers
        self.identity = identity
    }
}
