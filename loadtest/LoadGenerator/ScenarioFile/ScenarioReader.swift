// SPDX-License-Identifier: Apache-2.0

/// Reads a scenario out of YAML and collects what is wrong with it. Each function answers nil after a
/// fault, and its caller goes on with a default: so one fault doesn't hide the next.
struct ScenarioReader {
    /// In the order in which they were found.
    var faults: [PlacedFault] = []

    /// The value of a block's key, and the block's other keys.
    struct Block {
        var place: Place
        var entries: [YAMLNode.Entry]

        subscript(_ key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

        /// Where a key stands, or the block when it hasn't got it.
        func place(of key: String) -> Place {
            entries.first { $0.key == key }?.place ?? place
        }
    }

    static let keys = [
        "version", "name", "target", "seed", "brand", "goods", "pick", "dealers", "load",
        "journeys", "calls", "closing", "checks", "slo", "abort", "faults",
    ]

    /// Reads a whole file.
    mutating func scenario(_ root: YAMLNode) -> Scenario {
        var scenario = Scenario(name: "")
        if root.text == "" {
            fault(root.place, "the file is empty; a scenario begins with version: 1")
            return scenario
        }
        guard
            let block = block(
                root, "a scenario", keys: ScenarioReader.keys,
                required: ["version", "name", "load", "journeys"])
        else { return scenario }
        _ = whole(block, "version", 1...1)
        if let name = word(
            block, "name", ScenarioReader.isName, "1 to 64 letters, digits, -, _ or .")
        {
            scenario.name = name
        }
        scenario.seed = whole(block, "seed", 0...(.max)) ?? scenario.seed
        scenario.brand = word(
            block, "brand", ScenarioReader.isName, "1 to 64 letters, digits, -, _ or .")
        scenario.target = block["target"].map { target($0) } ?? scenario.target
        scenario.goods = block["goods"].map { goods($0) } ?? scenario.goods
        scenario.pick = block["pick"].map { pick($0) } ?? scenario.pick
        checkPick(scenario, block)
        scenario.dealers = block["dealers"].map { dealers($0) } ?? scenario.dealers
        let before = faults.count
        scenario.load = block["load"].map { load($0) } ?? scenario.load
        let isLoadSound = faults.count == before && block["load"] != nil
        scenario.journeys = block["journeys"].map { journeys($0) } ?? []
        scenario.calls = block["calls"].map { calls($0) } ?? scenario.calls
        scenario.closing = block["closing"].flatMap { closing($0, scenario.goods) }
        scenario.checks = block["checks"].map { checks($0) } ?? [:]
        scenario.objectives = block["slo"].map { objectives($0) } ?? []
        scenario.aborts = block["abort"].map { aborts($0) } ?? []
        if let node = block["faults"] {
            scenario.faults = faults(node, scenario.load, isLoadSound: isLoadSound)
        }
        return scenario
    }

    // MARK: - Faults

    mutating func fault(_ place: Place, _ text: String) {
        faults.append(PlacedFault(place: place, text: text))
    }

    /// `timeout must be a duration such as 2s, not '2'`.
    mutating func wrong(_ node: YAMLNode, _ key: String, _ expected: String) {
        fault(node.place, "\(key) must be \(expected), not \(node.summary)")
    }

    // MARK: - Structure

    /// A block with its keys checked.
    mutating func block(
        _ node: YAMLNode, _ name: String, keys: [String], required: [String] = []
    ) -> Block? {
        guard case .map(let entries) = node.content else {
            wrong(node, name, "a block with the keys \(NearestName.list(keys))")
            return nil
        }
        for entry in entries where !keys.contains(entry.key) {
            fault(
                entry.place,
                "unknown key \(Quoted.text(entry.key))"
                    + NearestName.hint(entry.key, among: keys))
        }
        let block = Block(place: node.place, entries: entries)
        for key in required where block[key] == nil {
            fault(node.place, "\(name) needs the key '\(key)'")
        }
        return block
    }

    /// A block of exactly one key, which says what kind of thing it is.
    mutating func single(
        _ node: YAMLNode, _ name: String, kinds: [String]
    ) -> YAMLNode.Entry? {
        guard case .map(let entries) = node.content, let first = entries.first else {
            wrong(node, name, "one of \(NearestName.list(kinds)), with what belongs to it")
            return nil
        }
        if entries.count > 1 {
            fault(
                entries[1].place,
                "\(name) has one key, \(Quoted.text(first.key)):"
                    + " \(Quoted.text(entries[1].key)) belongs inside it, or to the next one")
            return nil
        }
        guard kinds.contains(first.key) else {
            fault(
                first.place,
                "unknown key \(Quoted.text(first.key))"
                    + NearestName.hint(first.key, among: kinds))
            return nil
        }
        return first
    }

    /// The entries of a block whose keys are names.
    mutating func named(
        _ node: YAMLNode, _ name: String, countMax: Int
    ) -> [YAMLNode.Entry] {
        guard case .map(let entries) = node.content, !entries.isEmpty else {
            wrong(node, name, "a block of at least one name and what belongs to it")
            return []
        }
        if entries.count > countMax {
            fault(entries[countMax].place, "\(name) may be \(countMax) at most")
            return []
        }
        return entries
    }

    /// A list with at least one item.
    mutating func list(
        _ node: YAMLNode, _ name: String, countMax: Int, mayBeEmpty: Bool = false
    ) -> [YAMLNode] {
        guard case .list(let list) = node.content, mayBeEmpty || !list.isEmpty else {
            wrong(node, name, mayBeEmpty ? "a list" : "a list with at least one item")
            return []
        }
        if list.count > countMax {
            fault(list[countMax].place, "\(name) may have \(countMax) items at most")
            return []
        }
        return list
    }

    /// Makes shares sum to 1; leaves those alone that do, so that a file reads the same once more.
    static func normalised(_ shares: [Double]) -> [Double] {
        let sum = shares.reduce(0, +)
        return sum <= 0 || abs(sum - 1) <= 1e-9 ? shares : shares.map { $0 / sum }
    }
}
