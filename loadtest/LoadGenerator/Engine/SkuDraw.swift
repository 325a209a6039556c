// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Which SKU a line is of: the flash set with a share that decays after T0 and whose hot part moves on in
/// waves, else one of the rest by Zipf.
struct SkuDraw: Sendable {
    private let pick: SkuPick
    private let flash: Int
    private let active: Int
    private let rush: UInt64
    private let rest: ZipfDraw?

    init(_ scenario: Scenario) {
        pick = scenario.pick
        flash = scenario.goods.flash
        active = pick.active == 0 ? flash : min(pick.active, flash)
        rush = scenario.rushBegin
        let others = scenario.goods.skus - flash
        rest = others > 0 ? ZipfDraw(count: others, exponent: pick.zipf) : nil
    }

    /// Draws a SKU for a journey that was due `time` nanoseconds after the start.
    func draw(at time: UInt64, _ stream: inout DrawStream) -> UInt32 {
        guard flash > 0 else { return UInt32(rest?.draw(&stream) ?? 0) }
        if let rest, stream.unit() > share(at: time) {
            return UInt32(flash + rest.draw(&stream))
        }
        var first = 0
        if let rotation = pick.rotation {
            first = Int((time - min(time, rush)) / rotation) * active
        }
        let place = Int(stream.number(in: 0...Int64(active) - 1))
        return UInt32((first + place) % flash)
    }

    private func share(at time: UInt64) -> Double {
        guard time >= rush else { return pick.shareBefore }
        guard let halfLife = pick.halfLife else { return pick.flashShare }
        return pick.flashShare * exp2(-Double(time - rush) / Double(halfLife))
    }
}
