// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LoadGenerator

/// The published schema says what the reader does.
@Suite struct ScenarioSchemaTests {
    @Test(arguments: ScenarioFileTests.shipped)
    func acceptsWhatIsShipped(name: String) throws {
        let schema = try Schema()
        let text = try ScenarioFileTests.text(name + ".yaml")
        #expect(schema.faults(of: try YAMLNode.read(text, source: 0)) == [])
        let written = ScenarioFile.write(
            try ScenarioFile.read(text, file: name, overrides: [], environment: [:]))
        #expect(schema.faults(of: try YAMLNode.read(written, source: 0)) == [])
    }

    @Test func knowsEveryKeyAndNoOther() throws {
        let schema = try Schema()
        let root = try YAMLNode.read(ScenarioFileTests.everything, source: 0)
        #expect(schema.faults(of: root) == [])
        var written: Set<String> = []
        root.visit { written.insert($0.key) }
        #expect(schema.keys.subtracting(written) == [])
    }

    @Test(arguments: [
        ("20%", true), ("0.2", true), ("0", true), ("100%", true), ("0.5%", true),
        ("1", false), ("1.0", false), ("20", false), ("-1%", false), ("half", false),
    ])
    func sharesAreWhatTheReaderTakes(text: String, isRight: Bool) throws {
        let schema = try Schema()
        var changed = try YAMLNode.read(ScenarioFileTests.everything, source: 0)
        changed.set("before", to: text)
        var written: [String?] = []
        changed.visit { if $0.key == "before" { written.append($0.value.text) } }
        #expect(written == [text])
        #expect(schema.faults(of: changed).isEmpty == isRight)
        var reader = ScenarioReader()
        _ = reader.scenario(changed)
        #expect(reader.faults.contains { $0.text.hasPrefix("before must be") } != isRight)
    }

    /// In every block of every file, one after the other.
    @Test(arguments: ScenarioFileTests.shipped)
    func refusesAnUnknownKeyWhereTheReaderDoes(name: String) throws {
        let schema = try Schema()
        let root = try YAMLNode.read(
            try ScenarioFileTests.text(name + ".yaml"), source: 0)
        let count = root.blockCount
        #expect(count > 10)
        for number in 0..<count {
            var copy = root
            var left = number
            copy.addKey("no.such key", toBlock: &left)
            #expect(schema.faults(of: copy) != [], "block \(number)")
            var reader = ScenarioReader()
            _ = reader.scenario(copy)
            #expect(!reader.faults.isEmpty, "block \(number)")
        }
    }
}

/// As much of JSON Schema as ours uses. A scalar passes if the text, or the number or truth value
/// that it may be, does.
private struct Schema {
    let root: [String: Any]

    init() throws {
        let text = try ScenarioFileTests.text("scenario.schema.json")
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        root = try #require(json as? [String: Any])
    }

    /// Names of all properties.
    var keys: Set<String> {
        func keys(_ value: Any) -> Set<String> {
            if let list = value as? [Any] {
                return list.reduce(into: []) { $0.formUnion(keys($1)) }
            }
            guard let map = value as? [String: Any] else { return [] }
            let own = Set((map["properties"] as? [String: Any] ?? [:]).keys)
            return map.values.reduce(into: own) { $0.formUnion(keys($1)) }
        }
        return keys(root)
    }

    func faults(of node: YAMLNode) -> [String] { faults(node, root, "") }

    private func faults(_ node: YAMLNode, _ schema: [String: Any], _ path: String) -> [String] {
        var found: [String] = []
        func check(_ isRight: Bool, _ rule: String) {
            if !isRight { found.append("\(path): \(rule)") }
        }
        for (rule, value) in schema {
            switch (rule, node.content) {
            case ("$schema", _), ("title", _), ("description", _), ("$defs", _): break
            case ("$ref", _):
                let name = (value as? String ?? "").split(separator: "/").last.map(String.init)
                let defs = root["$defs"] as? [String: Any] ?? [:]
                guard let inner = defs[name ?? ""] as? [String: Any] else {
                    return ["\(path): \(value) isn't defined"]
                }
                found += faults(node, inner, path)
            case ("anyOf", _):
                let choices = value as? [[String: Any]] ?? []
                check(choices.contains { faults(node, $0, path).isEmpty }, rule)
            case ("type", .map): check(value as? String == "object", rule)
            case ("type", .list): check(value as? String == "array", rule)
            case ("type", .scalar(let text)):
                switch value as? String {
                case "string": break
                case "number": check(Double(text) != nil, rule)
                case "integer": check(Int(text) != nil || UInt64(text) != nil, rule)
                case "boolean": check(text == "true" || text == "false", rule)
                default: check(false, rule)
                }
            case ("const", _): check("\(value)" == node.text, rule)
            case ("enum", _):
                check((value as? [Any] ?? []).contains { "\($0)" == node.text }, rule)
            case ("pattern", .scalar(let text)):
                check(
                    text.range(of: value as? String ?? "", options: .regularExpression) != nil, rule
                )
            case ("minLength", .scalar(let text)): check(text.count >= value as? Int ?? 0, rule)
            case ("minimum", .scalar(let text)):
                check(Double(text) ?? 0 >= value as? Double ?? 0, rule)
            case ("maximum", .scalar(let text)):
                check(Double(text) ?? 0 <= value as? Double ?? 0, rule)
            case ("exclusiveMaximum", .scalar(let text)):
                check(Double(text) ?? 0 < value as? Double ?? 0, rule)
            case ("required", .map(let entries)):
                let names = value as? [String] ?? []
                check(names.allSatisfy { name in entries.contains { $0.key == name } }, rule)
            case ("properties", .map(let entries)):
                for entry in entries {
                    guard let inner = (value as? [String: Any])?[entry.key] as? [String: Any]
                    else { continue }
                    found += faults(entry.value, inner, path + "." + entry.key)
                }
            case ("additionalProperties", .map(let entries)):
                let known = schema["properties"] as? [String: Any] ?? [:]
                for entry in entries where known[entry.key] == nil {
                    if let inner = value as? [String: Any] {
                        found += faults(entry.value, inner, path + "." + entry.key)
                    } else {
                        check(false, "unknown key \(entry.key)")
                    }
                }
            case ("propertyNames", .map(let entries)):
                let pattern = (value as? [String: Any])?["pattern"] as? String ?? ""
                check(
                    entries.allSatisfy {
                        $0.key.range(of: pattern, options: .regularExpression) != nil
                    }, rule)
            case ("minProperties", .map(let entries)):
                check(entries.count >= value as? Int ?? 0, rule)
            case ("maxProperties", .map(let entries)):
                check(entries.count <= value as? Int ?? 0, rule)
            case ("items", .list(let list)):
                for (index, item) in list.enumerated() {
                    found += faults(item, value as? [String: Any] ?? [:], "\(path).\(index)")
                }
            case ("minItems", .list(let list)): check(list.count >= value as? Int ?? 0, rule)
            case ("maxItems", .list(let list)): check(list.count <= value as? Int ?? 0, rule)
            default:
                // A rule for another type than this node has; a rule that is new here is no pass.
                let known = [
                    "pattern", "minLength", "minimum", "maximum", "exclusiveMaximum", "required",
                    "properties", "additionalProperties", "propertyNames", "minProperties",
                    "maxProperties",
                    "items", "minItems", "maxItems",
                ]
                check(known.contains(rule), "the test doesn't know \(rule)")
            }
        }
        return found
    }
}

extension YAMLNode {
    fileprivate func visit(_ body: (Entry) -> Void) {
        switch content {
        case .scalar: break
        case .list(let list): for item in list { item.visit(body) }
        case .map(let entries):
            for entry in entries {
                body(entry)
                entry.value.visit(body)
            }
        }
    }

    /// Puts a value in the stead of every one that stands under a key.
    fileprivate mutating func set(_ key: String, to text: String) {
        guard case .map(var entries) = content else { return }
        for index in entries.indices {
            if entries[index].key == key {
                entries[index].value.content = .scalar(text)
            } else {
                entries[index].value.set(key, to: text)
            }
        }
        content = .map(entries)
    }

    fileprivate var blockCount: Int {
        switch content {
        case .scalar: 0
        case .list(let list): list.reduce(0) { $0 + $1.blockCount }
        case .map(let entries): entries.reduce(1) { $0 + $1.value.blockCount }
        }
    }

    fileprivate mutating func addKey(_ key: String, toBlock left: inout Int) {
        switch content {
        case .scalar: break
        case .list(var list):
            for index in list.indices { list[index].addKey(key, toBlock: &left) }
            content = .list(list)
        case .map(var entries):
            for index in entries.indices { entries[index].value.addKey(key, toBlock: &left) }
            if left == 0 {
                entries.append(
                    Entry(
                        key: key, place: place, value: YAMLNode(content: .scalar("1"), place: place)
                    ))
            }
            left -= 1
            content = .map(entries)
        }
    }
}
