// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// What is sold and to whom, and how the server is called.
extension ScenarioReader {
    static let millisecond: UInt64 = 1_000_000
    static let hour: UInt64 = 3_600_000_000_000
    static let day = 24 * hour

    mutating func target(_ node: YAMLNode) -> ScenarioTarget {
        var target = ScenarioTarget()
        guard
            let block = block(
                node, "target", keys: ["address", "connections", "max_streams", "threads"])
        else { return target }
        target.address = word(
            block, "address", { (try? SocketAddress($0)) != nil },
            "HOST:PORT with a numeric host, such as 127.0.0.1:50051")
        let connections = count(block, "connections", 1...4_096)
        target.connections = connections ?? target.connections
        target.maxStreams = count(block, "max_streams", 1...1_024) ?? target.maxStreams
        target.threads = count(block, "threads", 1...64) ?? target.threads
        if target.threads > target.connections {
            fault(
                block.place(of: "threads"),
                "\(target.threads) threads share \(target.connections) connections:"
                    + " each thread needs one")
        }
        return target
    }

    mutating func goods(_ node: YAMLNode) -> Goods {
        var goods = Goods()
        guard let block = block(node, "goods", keys: ["skus", "flash", "stock"]) else {
            return goods
        }
        goods.skus = count(block, "skus", 1...SkuCodes.countMax) ?? goods.skus
        goods.flash = count(block, "flash", 0...50) ?? goods.flash
        if goods.flash > goods.skus {
            fault(
                block.place(of: "flash"),
                "flash must be at most skus, which is \(goods.skus), not \(goods.flash)")
            goods.flash = goods.skus
        }
        guard let inner = block["stock"],
            let stock = self.block(inner, "stock", keys: ["flash", "normal"])
        else { return goods }
        goods.flashUnits = units(stock, "flash", 1...1_000_000_000_000) ?? goods.flashUnits
        goods.normalUnits = units(stock, "normal", 1...1_000_000_000_000) ?? goods.normalUnits
        return goods
    }

    mutating func pick(_ node: YAMLNode) -> SkuPick {
        var pick = SkuPick()
        guard let block = block(node, "pick", keys: ["flash", "zipf"]) else { return pick }
        pick.zipf = number(block, "zipf", 0...3) ?? pick.zipf
        guard let inner = block["flash"],
            let flash = self.block(
                inner, "flash", keys: ["share", "before", "half_life", "active", "rotate"],
                required: ["share"])
        else { return pick }
        let times = ScenarioReader.millisecond...ScenarioReader.day
        pick.flashShare = share(flash, "share") ?? pick.flashShare
        pick.shareBefore = share(flash, "before") ?? pick.shareBefore
        pick.halfLife = duration(flash, "half_life", times, example: "20s")
        pick.active = count(flash, "active", 0...50) ?? pick.active
        pick.rotation = duration(flash, "rotate", times, example: "5s")
        return pick
    }

    /// What of the draw doesn't go with what is sold.
    mutating func checkPick(_ scenario: Scenario, _ root: Block) {
        guard let node = root["pick"], case .map(let entries) = node.content else { return }
        let outer = Block(place: node.place, entries: entries)
        guard let inner = outer["flash"], case .map(let inside) = inner.content else { return }
        let block = Block(place: inner.place, entries: inside)
        let (pick, flash) = (scenario.pick, scenario.goods.flash)
        if flash == 0, pick.flashShare > 0 || pick.shareBefore > 0 {
            let key = pick.flashShare > 0 ? "share" : "before"
            fault(
                block.place(of: key),
                "there is no flash set to pick from: set goods.flash to 1 or more")
        }
        if flash > 0, flash == scenario.goods.skus,
            pick.flashShare < 1 || pick.shareBefore < 1 || pick.halfLife != nil
        {
            fault(
                block.place,
                "every SKU is a flash one: share and before must be 100% and half_life absent,"
                    + " or goods.skus larger than goods.flash")
        }
        if pick.active > flash {
            fault(
                block.place(of: "active"),
                "active must be at most goods.flash, which is \(flash), not \(pick.active)")
        } else if pick.rotation != nil, pick.active == 0 || pick.active == flash {
            fault(
                block.place(of: "rotate"),
                "the whole flash set is active, so nothing rotates: set active below"
                    + " goods.flash, which is \(flash)")
        }
    }

    mutating func dealers(_ node: YAMLNode) -> Dealers {
        var dealers = Dealers()
        guard let block = block(node, "dealers", keys: ["count", "tiers"]) else {
            return dealers
        }
        dealers.count = count(block, "count", 1...10_000_000) ?? dealers.count
        guard let inner = block["tiers"] else { return dealers }
        let tiers = named(inner, "tiers", countMax: 16).map { tier($0) }
        guard !tiers.isEmpty else { return dealers }
        if tiers.count > dealers.count {
            fault(
                inner.place,
                "\(tiers.count) tiers need at least as many dealers, not \(dealers.count)")
        }
        let shares = ScenarioReader.normalised(tiers.map(\.share))
        let orders = ScenarioReader.normalised(tiers.map(\.orders))
        dealers.tiers = tiers
        for index in tiers.indices {
            dealers.tiers[index].share = shares[index]
            dealers.tiers[index].orders = orders[index]
        }
        return dealers
    }

    private mutating func tier(_ entry: YAMLNode.Entry) -> DealerTier {
        var tier = DealerTier()
        tier.name = entry.key
        let isRight =
            (1...16).contains(entry.key.utf8.count)
            && entry.key.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
        if !isRight {
            fault(
                entry.place,
                "a tier's name must be 1 to 16 lower-case letters and digits, not "
                    + Quoted.text(entry.key))
        }
        guard
            let block = block(
                entry.value, "a tier", keys: ["share", "orders", "quantity", "lines"],
                required: ["share"])
        else { return tier }
        tier.share = share(block, "share", isAboveZero: true) ?? tier.share
        tier.orders = share(block, "orders", isAboveZero: true) ?? tier.share
        tier.quantity = range(block, "quantity", 1...1_000_000_000) ?? tier.quantity
        tier.lines = range(block, "lines", 1...20).map(ScenarioReader.narrow) ?? tier.lines
        return tier
    }

    /// A range of a few as `Int`.
    static func narrow(_ range: ClosedRange<Int64>) -> ClosedRange<Int> {
        Int(range.lowerBound)...Int(range.upperBound)
    }

    mutating func calls(_ node: YAMLNode) -> CallPolicy {
        var calls = CallPolicy()
        guard let block = block(node, "calls", keys: ["timeout", "attempts", "give_up"]) else {
            return calls
        }
        let timeout = duration(
            block, "timeout", ScenarioReader.millisecond...ScenarioReader.hour, example: "2s")
        calls.timeout = timeout ?? calls.timeout
        calls.attempts = count(block, "attempts", 1...1_000) ?? calls.attempts
        let giveUp = duration(
            block, "give_up", ScenarioReader.millisecond...ScenarioReader.day, example: "30s")
        calls.giveUp = giveUp ?? calls.giveUp
        return calls
    }

    mutating func closing(_ node: YAMLNode, _ goods: Goods) -> ClosingPhase? {
        if node.text == "off" { return nil }
        guard case .map = node.content else {
            wrong(node, "closing", "off, or a block with the key units_max")
            return nil
        }
        var closing = ClosingPhase()
        guard let block = block(node, "closing", keys: ["units_max"]) else { return nil }
        closing.unitsMax = units(block, "units_max", 1...1_000_000_000) ?? closing.unitsMax
        if goods.flash == 0 {
            fault(
                node.place,
                "the closing phase sells out the flash set, and goods.flash is 0: write off")
        }
        return closing
    }
}
