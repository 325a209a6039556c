// SPDX-License-Identifier: Apache-2.0

extension YAMLNode {
    /// Replaces `${NAME}` and `${NAME:-default}` in every value. What comes from the environment stays
    /// a text: it can't add keys.
    mutating func expand(_ environment: [String: String]) -> [PlacedFault] {
        var faults: [PlacedFault] = []
        var left = YAMLSubset.bytesMax
        expand(environment, left: &left, &faults)
        return faults
    }

    private mutating func expand(
        _ environment: [String: String], left: inout Int, _ faults: inout [PlacedFault]
    ) {
        switch content {
        case .scalar(let text):
            guard text.utf8.contains(UInt8(ascii: "$")) else { return }
            do throws(PlacedFault) {
                let expanded = try expanded(text, environment)
                left -= expanded.utf8.count
                guard left >= 0 else {
                    throw PlacedFault(place: place, text: "the environment's values are too long")
                }
                content = .scalar(expanded)
            } catch {
                faults.append(error)
            }
        case .list(var list):
            for index in list.indices { list[index].expand(environment, left: &left, &faults) }
            content = .list(list)
        case .map(var entries):
            for index in entries.indices {
                entries[index].value.expand(environment, left: &left, &faults)
            }
            content = .map(entries)
        }
    }

    private func expanded(
        _ text: String, _ environment: [String: String]
    ) throws(PlacedFault) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            guard rest.first == "{" else {
                result += "$"
                continue
            }
            guard let end = rest.firstIndex(of: "}") else {
                throw PlacedFault(
                    place: place, text: "\(Quoted.text(text)): the brace after $ isn't closed")
            }
            let inner = rest[..<end].dropFirst()
            rest = rest[end...].dropFirst()
            let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            let otherwise = inner.dropFirst(name.count)
            guard !name.isEmpty, otherwise.isEmpty || otherwise.hasPrefix(":-") else {
                throw PlacedFault(
                    place: place,
                    text: "\(Quoted.text(text)): write ${NAME} or ${NAME:-default}")
            }
            // As in a shell, an empty variable counts as none when there is a default.
            if let value = environment[String(name)], !(value.isEmpty && !otherwise.isEmpty) {
                result += value
            } else if !otherwise.isEmpty {
                result += otherwise.dropFirst(2)
            } else {
                throw PlacedFault(
                    place: place,
                    text: "the environment has no \(name): set it, or write ${\(name):-default}")
            }
        }
        return result + rest
    }
}
