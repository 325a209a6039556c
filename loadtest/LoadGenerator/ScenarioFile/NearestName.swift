// SPDX-License-Identifier: Apache-2.0

/// What somebody who mistyped a name meant.
enum NearestName {
    /// Longer words aren't compared: they are no slips of a finger.
    static let lengthMax = 40

    /// The name that is a slip or two away; nil: none is.
    static func to(_ word: String, among names: [String]) -> String? {
        guard word.utf8.count <= lengthMax else { return nil }
        let best = names.map { (name: $0, distance: distance(word, $0)) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, best.name.utf8.count / 3) else { return nil }
        return best.name
    }

    /// Letters inserted, left out, replaced or swapped with their neighbour; capitals count as small.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var before = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var next = [row + 1]
            for column in 0..<right.count {
                let isSame = left[row] == right[column]
                var cost = min(last[column + 1], next[column]) + 1
                cost = min(cost, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    cost = min(cost, before[column - 1] + 1)
                }
                next.append(cost)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }

    /// `; did you mean 'connections'?`, or `; it may be a, b or c`.
    static func hint(_ word: String, among names: [String]) -> String {
        if let name = to(word, among: names) { return "; did you mean '\(name)'?" }
        return "; write \(list(names))"
    }

    /// `a, b or c`.
    static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}
