// SPDX-License-Identifier: Apache-2.0

internal import Yams

/// A piece of YAML and where it stands. Scalars are texts: what they mean, the reader of a key says,
/// not YAML's rules (`off` isn't false, `1_000` isn't octal).
struct YAMLNode {
    /// What it is.
    enum Content {
        case scalar(String)
        case list([YAMLNode])
        case map([Entry])
    }

    /// A key and its value.
    struct Entry {
        var key: String
        var place: Place
        var value: YAMLNode
    }

    var content: Content
    var place: Place

    /// Its text; nil for lists and maps.
    var text: String? {
        if case .scalar(let text) = content { return text }
        return nil
    }

    /// What it is, for people.
    var summary: String {
        switch content {
        case .scalar(""): "nothing"
        case .scalar(let text): Quoted.text(text)
        case .list: "a list"
        case .map: "a block"
        }
    }

    /// Reads YAML; an empty text is an empty scalar. `before` is what stands left of the text.
    static func read(
        _ text: String, source: Int, before: Int = 0
    ) throws(PlacedFault) -> YAMLNode {
        func place(_ mark: Mark?) -> Place {
            let line = max(mark?.line ?? 1, 1)
            let column = max(mark?.column ?? 1, 1)
            return Place(
                source: source, line: line, column: line == 1 ? column + before : column)
        }
        if var fault = YAMLSubset.fault(in: text) {
            fault.place.source = source
            if fault.place.line == 1 { fault.place.column += before }
            throw fault
        }
        let parser: Parser
        let root: Node?
        do {
            // Without rules tags aren't resolved by regular expressions: we don't ask for tags.
            parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            root = try parser.singleRoot()
        } catch {
            let (mark, text) = explanation(error)
            throw PlacedFault(place: place(mark), text: text)
        }
        guard let root else { return YAMLNode(content: .scalar(""), place: place(nil)) }
        // Nodes refer to their anchors weakly; the parser has them.
        defer { withExtendedLifetime(parser) {} }
        return try node(root, place: place)
    }

    private static func node(
        _ node: Node, place: (Mark?) -> Place
    ) throws(PlacedFault) -> YAMLNode {
        let here = place(node.mark)
        // The check of the text has refused it before: this is for the day when it errs.
        guard node.anchor == nil else {
            throw PlacedFault(place: here, text: YAMLSubset.noAliases)
        }
        switch node {
        case .scalar(let scalar):
            let text = scalar.string
            let isNull = scalar.style == .plain && (text == "~" || text == "null")
            return YAMLNode(content: .scalar(isNull ? "" : text), place: here)
        case .sequence(let sequence):
            var list: [YAMLNode] = []
            for item in sequence { list.append(try YAMLNode.node(item, place: place)) }
            return YAMLNode(content: .list(list), place: here)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                let keyPlace = place(key.mark)
                guard case .scalar(let name) = key else {
                    throw PlacedFault(place: keyPlace, text: "a key must be a word")
                }
                entries.append(
                    Entry(
                        key: name.string, place: keyPlace,
                        value: try YAMLNode.node(value, place: place)))
            }
            return YAMLNode(content: .map(entries), place: here)
        case .alias:
            throw PlacedFault(place: here, text: YAMLSubset.noAliases)
        }
    }

    private static func explanation(_ error: any Error) -> (Mark?, String) {
        func text(_ context: YamlError.Context?, _ problem: String) -> String {
            let context = context.map { $0.text + ", " } ?? ""
            return "this isn't YAML: \(context)\(problem)"
        }
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return (mark, text(context, problem))
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first.map { Quoted.text($0) } ?? "a key"
            return (context.mark, "\(key) is written twice in this block: keep one")
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem),
            .representer(let problem):
            return (nil, text(nil, problem))
        case .no, .memory, .dataCouldNotBeDecoded, nil:
            return (nil, "this isn't YAML")
        }
    }
}

/// Words of a file inside our own sentences.
enum Quoted {
    /// Characters of somebody else's that are repeated at most.
    static let lengthMax = 40

    static func text(_ text: String) -> String {
        var quoted = "'"
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if index == lengthMax {
                quoted += "…"
                break
            }
            // A terminal obeys some of the others.
            let isShown = scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value)
            quoted.unicodeScalars.append(isShown ? scalar : "?")
        }
        return quoted + "'"
    }
}
