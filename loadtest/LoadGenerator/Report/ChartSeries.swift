// SPDX-License-Identifier: Apache-2.0

/// A value at a place on the horizontal axis.
struct ChartPoint: Equatable {
    var x: Double
    var y: Double
}

/// A line of a chart: parts with gaps between them.
struct ChartSeries {
    /// Points that a line keeps at any length of the run.
    static let pointsMax = 600

    /// What is kept of neighbours that have no room.
    enum Keeping {
        /// The lowest and the highest, in their order: no peak and no dip is lost.
        case extremes
        /// The highest: of latencies only the bad ones matter, and a line stays a line.
        case highest
    }

    /// For the legend.
    var name: String
    /// Its class in the style: colour and dash.
    var style: String
    private(set) var parts: [[ChartPoint]]

    /// Values by time; nil is a gap.
    init(_ name: String, style: String, _ values: [(x: Double, y: Double?)]) {
        self.name = name
        self.style = style
        var parts: [[ChartPoint]] = []
        var part: [ChartPoint] = []
        for value in values {
            if let y = value.y {
                part.append(ChartPoint(x: value.x, y: y))
            } else if !part.isEmpty {
                parts.append(part)
                part = []
            }
        }
        if !part.isEmpty { parts.append(part) }
        self.parts = parts
    }

    var highest: Double { parts.joined().map(\.y).max() ?? 0 }
    var lowest: Double? { parts.joined().map(\.y).min() }

    /// At most `limit` points over all parts; so many parts that not each can have two points lose
    /// their gaps.
    mutating func thin(to limit: Int = pointsMax, keeping: Keeping = .extremes) {
        let count = parts.reduce(0) { $0 + $1.count }
        guard count > limit else { return }
        if parts.count > limit / 8 { parts = [Array(parts.joined())] }
        parts = parts.map { part in
            Self.thinned(part, to: max(2, part.count * limit / count), keeping: keeping)
        }
    }

    /// At most `limit` of these points, each as it was.
    static func thinned(
        _ points: [ChartPoint], to limit: Int, keeping: Keeping = .extremes
    ) -> [ChartPoint] {
        guard points.count > limit, limit >= 2 else { return points }
        let buckets = keeping == .extremes ? limit / 2 : limit
        var kept: [ChartPoint] = []
        kept.reserveCapacity(limit)
        for bucket in 0..<buckets {
            let from = bucket * points.count / buckets
            let to = (bucket + 1) * points.count / buckets
            var low = from
            var high = from
            for place in from..<to {
                if points[place].y < points[low].y { low = place }
                if points[place].y > points[high].y { high = place }
            }
            if keeping == .highest { low = high }
            kept.append(points[min(low, high)])
            if low != high { kept.append(points[max(low, high)]) }
        }
        return kept
    }
}
