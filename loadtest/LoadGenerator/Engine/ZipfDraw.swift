// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Draws ranks 0 ..< count, rank k with a probability that falls as (k + 1) ^ -exponent: rejection-inversion
/// after Hörmann and Derflinger (ACM TOMACS 6(3), 1996). No table, so any number of SKUs costs the same.
struct ZipfDraw: Sendable {
    private let count: Double
    private let exponent: Double
    private let integralOfFirst: Double
    private let integralOfAll: Double
    private let squeeze: Double

    /// - Parameters:
    ///   - count: ranks, 1 or more.
    ///   - exponent: 0 (even) or above.
    init(count: Int, exponent: Double) {
        self.count = Double(count)
        self.exponent = exponent
        integralOfFirst = ZipfDraw.integral(1.5, exponent) - 1
        integralOfAll = ZipfDraw.integral(Double(count) + 0.5, exponent)
        squeeze =
            2
            - ZipfDraw.inverse(
                ZipfDraw.integral(2.5, exponent) - ZipfDraw.density(2, exponent), exponent)
    }

    /// Draws a rank.
    func draw(_ stream: inout DrawStream) -> Int {
        if exponent == 0 { return Int(stream.number(in: 0...Int64(count) - 1)) }
        while true {
            let area = integralOfAll + stream.unit() * (integralOfFirst - integralOfAll)
            let place = ZipfDraw.inverse(area, exponent)
            let rank = min(max((place + 0.5).rounded(.down), 1), count)
            let isHit =
                rank - place <= squeeze
                || area >= ZipfDraw.integral(rank + 0.5, exponent)
                    - ZipfDraw.density(rank, exponent)
            if isHit { return Int(rank) - 1 }
        }
    }

    private static func density(_ place: Double, _ exponent: Double) -> Double {
        exp(-exponent * log(place))
    }

    /// The integral of the density from 1, in a form that is exact near an exponent of 1.
    private static func integral(_ place: Double, _ exponent: Double) -> Double {
        let logarithm = log(place)
        return growth((1 - exponent) * logarithm) * logarithm
    }

    private static func inverse(_ area: Double, _ exponent: Double) -> Double {
        let bend = max(-1, area * (1 - exponent))
        return exp(straightening(bend) * area)
    }

    /// (e^x − 1) / x.
    private static func growth(_ x: Double) -> Double {
        abs(x) > 1e-8 ? expm1(x) / x : 1 + x * 0.5 * (1 + x / 3)
    }

    /// ln(1 + x) / x.
    private static func straightening(_ x: Double) -> Double {
        abs(x) > 1e-8 ? log1p(x) / x : 1 - x * (0.5 - x / 3)
    }
}
