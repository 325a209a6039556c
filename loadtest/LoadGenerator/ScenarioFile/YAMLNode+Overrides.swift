// SPDX-License-Identifier: Apache-2.0

extension YAMLNode {
    /// Puts a value where `path` leads (`load.stages.0.hold.at`): keys of blocks, indices of lists. Keys
    /// that aren't there are made; whether they may be, the reader of the block says.
    mutating func set(_ path: ArraySlice<Substring>, to value: YAMLNode) throws(PlacedFault) {
        guard let name = path.first else {
            self = value
            return
        }
        let rest = path.dropFirst()
        switch content {
        case .map(var entries):
            if let index = entries.firstIndex(where: { $0.key == name }) {
                try entries[index].value.set(rest, to: value)
            } else {
                var made = YAMLNode(content: .map([]), place: value.place)
                try made.set(rest, to: value)
                entries.append(Entry(key: String(name), place: value.place, value: made))
            }
            content = .map(entries)
        case .list(var list):
            guard let index = Int(name), list.indices.contains(index) else {
                throw PlacedFault(
                    place: value.place,
                    text: "\(Quoted.text(String(name))) is no index of that list"
                        + (list.isEmpty ? "; it is empty" : "; write 0 to \(list.count - 1)"))
            }
            try list[index].set(rest, to: value)
            content = .list(list)
        case .scalar(""):
            content = .map([])
            try set(path, to: value)
        case .scalar:
            throw PlacedFault(
                place: value.place, text: "\(summary) has no \(Quoted.text(String(name))) in it")
        }
    }
}
