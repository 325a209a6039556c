// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore

/// What lists share: places as text, and moments as ticks.
extension StockadeService {
    /// Writes what follows a page's entries: the token of the next page, if there is one.
    mutating func end(_ page: Page, at cursor: ListCursor?, tag: UInt64) {
        guard let cursor else { return }
        let start = scratch.texts.count
        tokens.append(cursor.place, filter: tag, to: &scratch.texts)
        scratch.append(
            nextPageToken: ByteRange(
                start: UInt32(start), count: UInt32(scratch.texts.count - start)))
    }

    /// The tick at a moment; the beginning for moments before the server ran.
    mutating func tick(of moment: WallTime, at now: DecisionTime) -> Tick {
        let offset = wallMilliseconds(of: Tick(milliseconds: 0), at: now)
        let (ticks, isOverflow) = moment.milliseconds.subtractingReportingOverflow(offset)
        return Tick(milliseconds: isOverflow || ticks < 0 ? 0 : UInt64(ticks))
    }
}

extension ListCursor {
    /// The cursor that a token's place stands for.
    init(_ place: UInt64) {
        self.init(
            stripe: UInt32(truncatingIfNeeded: place >> 32),
            slot: UInt32(truncatingIfNeeded: place))
    }

    /// The cursor as a token holds it.
    var place: UInt64 { UInt64(stripe) << 32 | UInt64(slot) }
}
