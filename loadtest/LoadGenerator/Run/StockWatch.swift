// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Synchronization
internal import Transport
internal import Wire

/// Asks the server once a second what is left of some SKUs: the burn-down that a run shows. A thread and a
/// connection of its own, so that the load's figures have nothing of it; its few calls are in none of them.
final class StockWatch: Sendable {
    /// SKUs that are watched at most.
    static let skusMax = 8
    /// Readings kept of each SKU: a day's.
    static let pointsMax = 86_400
    static let intervalNanoseconds: UInt64 = 1_000_000_000

    private let curves: Mutex<[BurnDown]>
    private let isEnding = Atomic<Bool>(false)

    init(_ goods: Goods) {
        curves = Mutex(
            (0..<min(goods.flash, StockWatch.skusMax)).map {
                BurnDown(sku: SkuCodes.code($0), units: goods.units(of: $0))
            })
    }

    /// What is known by now. Any thread.
    var known: [BurnDown] { curves.withLock { $0 } }

    /// SKUs that are watched.
    var count: Int { curves.withLock { $0.count } }

    /// Lets `run` end.
    func end() { isEnding.store(true, ordering: .relaxed) }

    /// Asks until `end`; the body of a thread. `startAt` is when the run starts, by the monotonic clock.
    func run(_ target: SocketAddress, brand: String, startAt: UInt64, seed: UInt64) {
        guard count > 0, let control = try? LoopControl(),
            var loop = try? Loop(
                configuration: .ofCalls,
                service: StockWatchService(
                    self, target: target, brand: brand, count: count, startAt: startAt,
                    seed: seed, control: control),
                control: control)
        else { return }
        loop.run()
    }

    fileprivate var ends: Bool { isEnding.load(ordering: .relaxed) }

    fileprivate func add(_ point: BurnDown.Point, of sku: Int) {
        curves.withLock {
            if $0[sku].points.count < StockWatch.pointsMax { $0[sku].points.append(point) }
        }
    }
}

/// The watch's loop.
private struct StockWatchService: Service, ~Copyable {
    private let watch: StockWatch
    private let control: LoopControl
    private let count: Int
    private let startAt: UInt64
    private var connections: ServerConnections
    private var writer: RequestWriter
    private let line = FixedTable<LineRow>(capacity: 1, repeating: LineRow())
    private var next: UInt64

    init(
        _ watch: StockWatch, target: SocketAddress, brand: String, count: Int, startAt: UInt64,
        seed: UInt64, control: LoopControl
    ) {
        self.watch = watch
        self.control = control
        self.count = count
        self.startAt = startAt
        next = startAt
        connections = ServerConnections(
            to: target, count: 1, streams: StockWatch.skusMax, seed: seed &+ 1)
        writer = RequestWriter(brand: brand, tiers: [], linesMax: 1)
    }

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        let time = now.monotonicNanoseconds
        if watch.ends {
            control.stop()
            return .max
        }
        // What can't be reached has no reading: the picture shows a gap.
        try? connections.openThoseDue(at: time, on: &port)
        if time >= next {
            while next <= time { next += StockWatch.intervalNanoseconds }
            for sku in 0..<count { ask(sku, &port) }
        }
        // What can't be connected to is tried again, but not at once.
        let opening = max(connections.nextOpening, time + 10_000_000)
        return min(min(next, opening), time + 100_000_000)
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) { _ = connections.opened(connection) }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) { connections.lost(connection, at: now.monotonicNanoseconds) }

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        connections.ended(0)
        guard head.status == .ok, let reply = try? StockReply.decode(message), reply.hasStock
        else { return }
        let time = now.monotonicNanoseconds
        watch.add(
            BurnDown.Point(
                seconds: Double(time - min(time, startAt)) / 1_000_000_000,
                available: reply.stock.available, held: reply.stock.held,
                allocated: reply.stock.allocated), of: Int(head.tag))
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        connections.ended(0)
    }

    private mutating func ask(_ sku: Int, _ port: inout LoopPort) {
        guard let connection = connections.idWithRoom(0) else { return }
        line[0].sku = UInt32(sku)
        writer.getStock(line, from: 0)
        let isSent = StockWatchService.submit(writer, on: connection, tag: UInt64(sku), &port)
        if isSent { connections.began(0) }
    }

    private static func submit(
        _ writer: borrowing RequestWriter, on connection: ConnectionID, tag: UInt64,
        _ port: inout LoopPort
    ) -> Bool {
        writer.message.withBytes {
            port.submit(
                on: connection, method: Method.getStock.rawValue, message: $0,
                timeoutNanoseconds: StockWatch.intervalNanoseconds, tag: tag) != nil
        }
    }
}
