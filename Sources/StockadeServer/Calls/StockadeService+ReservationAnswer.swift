// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Wire

/// Making a reservation as the API has it, its parts in the scratch.
extension StockadeService {
    /// The hold in the context, which answers `request`: same content, so the codes are those of
    /// the request, line by line, without a look-up, which in a rush would be a cache miss each.
    mutating func granted(
        _ request: ReserveRequest, in message: Span<UInt8>, _ time: DecisionTime
    ) -> Reservation {
        let brand = scratch.text(message.extracting(request.brand.indices))
        let dealer = scratch.text(message.extracting(request.dealer.indices))
        var ask = 0
        for index in 0..<context.legs.count {
            let leg = context.legs[index]
            // A line that was spread over warehouses has several legs, next to each other.
            while scratch.asks[ask].line != leg.line { ask += 1 }
            let named = scratch.asks[ask].warehouse
            append(
                leg,
                warehouse: leg.granted == 0
                    ? .empty
                    : named.isEmpty
                        ? warehouseText(leg.account)
                        : scratch.text(message.extracting(named.indices)))
        }
        return reservation(brand: brand, dealer: dealer, time)
    }

    /// Writes the hold in the context as the answer to `request`, as `granted` makes it. The usual
    /// one takes a short way, on which the texts stay where they are in the request.
    mutating func encodeGranted(
        _ request: ReserveRequest, in message: Span<UInt8>, _ time: DecisionTime
    ) {
        if context.hold.state == .held, context.legs.count == 1, scratch.asks.count == 1 {
            let leg = context.legs[0]
            // A line that leaves the warehouse to us names none, and then the reply isn't short.
            let reply = GrantedReply(
                reservationID: request.reservationID, brand: request.brand,
                dealer: request.dealer, createdMilliseconds: context.hold.created.milliseconds,
                deadlineMilliseconds: wallMilliseconds(of: context.hold.deadline, at: time),
                lineNumber: leg.line, granted: leg.granted, warehouse: scratch.asks[0].warehouse)
            if !leg.isShort, reply.isShort {
                return reply.encode(into: &scratch.reply, texts: message)
            }
        }
        scratch.encode(granted(request, in: message, time))
    }

    /// The hold in the context.
    mutating func reservation(_ time: DecisionTime) -> Reservation {
        let brand = codeText(context.hold.brand)
        let dealer = codeText(context.hold.dealer)
        for index in 0..<context.legs.count {
            let leg = context.legs[index]
            append(leg, warehouse: leg.granted > 0 ? warehouseText(leg.account) : .empty)
        }
        return reservation(brand: brand, dealer: dealer, time)
    }

    /// The hold in the context with the results in the scratch.
    private mutating func reservation(
        brand: ByteRange, dealer: ByteRange, _ time: DecisionTime
    ) -> Reservation {
        let hold = context.hold
        var reservation = Reservation()
        reservation.reservationID = scratch.text(hold.id)
        reservation.brand = brand
        reservation.dealer = dealer
        reservation.state = OpenEnum(hold.state.wire)
        reservation.createdMilliseconds = hold.created.milliseconds
        switch hold.state {
        case .held:
            // Ticks ahead of now, told in wall time: after a restart it may come later.
            reservation.deadlineMilliseconds = wallMilliseconds(of: hold.deadline, at: time)
        case .confirmed: reservation.orderID = scratch.text(hold.order)
        case .released, .expired: break
        }
        reservation.lines = ListRange(0..<scratch.results.count)
        return reservation
    }

    /// Adds a leg to its line's result, which is a new one unless the leg before was the same
    /// line's.
    private mutating func append(_ leg: HoldLeg, warehouse: ByteRange) {
        let last = scratch.results.count - 1
        var result = LineResult()
        result.lineNumber = leg.line
        result.allocations = ListRange(scratch.allocations.count..<scratch.allocations.count)
        let isNew = last < 0 || scratch.results[last].lineNumber != leg.line
        if !isNew { result = scratch.results[last] }
        result.granted += leg.granted
        if leg.isShort { result.reason = OpenEnum(.insufficientStock) }
        // All that could be granted was: what there was is what it got.
        if result.reason.rawValue != 0 { result.available = result.granted }
        if leg.granted > 0 {
            scratch.allocations.append(Allocation(warehouse: warehouse, quantity: leg.granted))
            result.allocations.count += 1
        }
        if isNew { scratch.results.append(result) } else { scratch.results[last] = result }
    }

    mutating func warehouseText(_ account: UInt32) -> ByteRange {
        let start = scratch.texts.count
        core.copyWarehouse(of: account, into: &scratch.texts)
        return ByteRange(start: UInt32(start), count: UInt32(scratch.texts.count - start))
    }

    mutating func skuText(_ account: UInt32) -> ByteRange {
        let start = scratch.texts.count
        core.copySku(of: account, into: &scratch.texts)
        return ByteRange(start: UInt32(start), count: UInt32(scratch.texts.count - start))
    }

    mutating func codeText(_ number: UInt32) -> ByteRange {
        let start = scratch.texts.count
        core.copyCode(number, into: &scratch.texts)
        return ByteRange(start: UInt32(start), count: UInt32(scratch.texts.count - start))
    }
}
