// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// What "same content" means: a keyed hash over a request's known fields.
///
/// Over decoded fields and not over bytes, in field order with defaults left out, so that another
/// SDK's field order or a later addition to the `.proto` makes no difference. The id isn't part of
/// it, nor is what this version doesn't know.
struct Fingerprint: ~Copyable {
    /// The form of what is hashed. A change would turn every retry across a release into
    /// IDEMPOTENCY_KEY_REUSED.
    private static let version: UInt8 = 1

    private let hash: KeyedHash
    /// Holds the largest request: 500 lines with two codes of 64 characters each.
    private var content = ByteWriter(capacity: 128 * 1024)

    init(hash: KeyedHash) {
        self.hash = hash
    }

    mutating func of(
        _ request: ReserveRequest, lines: borrowing FixedList<Line>, in message: Span<UInt8>
    ) -> UInt64 {
        begin(.reserve)
        append(2, request.brand, in: message)
        append(3, request.dealer, in: message)
        append(4, lines, request.lines, in: message)
        append(5, UInt64(request.ttlMilliseconds))
        append(6, UInt64(bitPattern: Int64(request.fillMode.rawValue)))
        append(7, request.region, in: message)
        append(8, request.clientReference, in: message)
        return end()
    }

    mutating func of(_ request: SetStockRequest, in message: Span<UInt8>) -> UInt64 {
        begin(.setStock)
        append(2, request.key, in: message)
        append(3, UInt64(bitPattern: request.onHand))
        append(4, request.source, in: message)
        append(5, request.sourceVersion)
        append(6, request.appliedShipment)
        return end()
    }

    mutating func of(_ request: AdjustStockRequest, in message: Span<UInt8>) -> UInt64 {
        begin(.adjustStock)
        append(2, request.key, in: message)
        append(3, UInt64(bitPattern: request.delta))
        append(4, request.reason, in: message)
        append(5, request.expectedVersion ?? 0)
        return end()
    }

    mutating func of(_ request: SetStockPolicyRequest, in message: Span<UInt8>) -> UInt64 {
        begin(.setStockPolicy)
        append(2, request.key, in: message)
        append(3, UInt64(bitPattern: request.safety))
        append(4, UInt64(bitPattern: request.backorderLimit))
        append(5, UInt64(bitPattern: request.lowWater))
        append(6, UInt64(bitPattern: request.highWater))
        append(7, UInt64(request.holdTTLMilliseconds))
        return end()
    }

    mutating func of(_ request: TransferStockRequest, in message: Span<UInt8>) -> UInt64 {
        begin(.transferStock)
        append(2, request.brand, in: message)
        append(3, request.sku, in: message)
        append(4, request.fromWarehouse, in: message)
        append(5, request.toWarehouse, in: message)
        append(6, UInt64(bitPattern: request.quantity))
        return end()
    }

    mutating func of(_ request: ExtendRequest, in message: Span<UInt8>) -> UInt64 {
        begin(.extend)
        append(2, request.reservationID, in: message)
        append(3, request.brand, in: message)
        append(4, UInt64(request.ttlMilliseconds))
        return end()
    }

    /// What must be empty in this version has no part in it.
    mutating func of(
        _ request: CreateOrderRequest, lines: borrowing FixedList<Line>,
        reservationIDs: borrowing FixedList<ByteRange>, in message: Span<UInt8>
    ) -> UInt64 {
        begin(.createOrder)
        append(2, request.brand, in: message)
        append(3, request.dealer, in: message)
        append(6, lines, request.lines, in: message)
        append(7, UInt64(bitPattern: Int64(request.mode.rawValue)))
        for index in request.reservationIDs.indices {
            append(8, reservationIDs[index], in: message)
        }
        append(9, UInt64(bitPattern: Int64(request.fillMode.rawValue)))
        return end()
    }

    mutating func of(
        _ request: CancelOrderRequest, lines: borrowing FixedList<Line>, in message: Span<UInt8>
    ) -> UInt64 {
        begin(.cancelOrder)
        append(2, request.orderID, in: message)
        append(3, request.brand, in: message)
        append(4, lines, request.lines, in: message)
        append(5, UInt64(bitPattern: Int64(request.cause.rawValue)))
        return end()
    }

    // MARK: - Lists

    /// What a list is asked for, whatever the page: a page's token is good for no other. `run`
    /// tells one run of the server from another.
    mutating func of(
        _ request: ListReservationsRequest, run: Int64, in message: Span<UInt8>
    ) -> UInt64 {
        begin(.listReservations)
        append(1, request.brand, in: message)
        append(2, UInt64(bitPattern: Int64(request.state.rawValue)))
        append(3, request.dealer, in: message)
        append(4, request.sku, in: message)
        append(5, UInt64(bitPattern: request.expiringBeforeMilliseconds))
        content.append(littleEndian: run)
        return end()
    }

    mutating func of(
        _ request: ListOrdersRequest, run: Int64, in message: Span<UInt8>
    ) -> UInt64 {
        begin(.listOrders)
        append(1, request.brand, in: message)
        append(2, UInt64(bitPattern: Int64(request.reviewState.rawValue)))
        append(3, request.dealer, in: message)
        append(4, UInt64(bitPattern: request.createdAfterMilliseconds))
        append(5, UInt64(bitPattern: request.createdBeforeMilliseconds))
        content.append(littleEndian: run)
        return end()
    }

    mutating func of(_ request: ListMovementsRequest, in message: Span<UInt8>) -> UInt64 {
        begin(.listMovements)
        append(1, request.key, in: message)
        append(2, request.fromSequence)
        return end()
    }

    // MARK: - Parts

    private mutating func begin(_ method: Method) {
        content.removeAll()
        content.append(Fingerprint.version)
        content.append(littleEndian: method.rawValue)
    }

    private mutating func append(_ field: UInt8, _ range: ByteRange, in message: Span<UInt8>) {
        guard !range.isEmpty else { return }
        content.append(field)
        content.append(littleEndian: range.count)
        content.append(message.extracting(range.indices))
    }

    private mutating func append(_ field: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        content.append(field)
        content.append(littleEndian: value)
    }

    private mutating func append(
        _ field: UInt8, _ lines: borrowing FixedList<Line>, _ range: ListRange,
        in message: Span<UInt8>
    ) {
        for index in range.indices {
            content.append(field)
            append(1, lines[index].sku, in: message)
            append(2, lines[index].warehouse, in: message)
            append(3, UInt64(bitPattern: lines[index].quantity))
            append(4, UInt64(lines[index].lineNumber))
        }
    }

    private mutating func append(_ field: UInt8, _ key: StockKey, in message: Span<UInt8>) {
        content.append(field)
        append(1, key.brand, in: message)
        append(2, key.sku, in: message)
        append(3, key.warehouse, in: message)
    }

    private func end() -> UInt64 {
        precondition(!content.overflowed, "a request whose form was checked fits")
        return content.withBytes { hash($0) }
    }
}
