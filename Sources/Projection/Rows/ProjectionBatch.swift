// SPDX-License-Identifier: Apache-2.0

internal import Effects
public import Journal
public import Primitives

/// The rows that one transaction writes: what a run of records comes to, table by table.
///
/// A stock account is there once, as it stands after the last record; a reservation that was granted
/// and ended in the batch once, with its end. All else is a row for each record or line. The arrays
/// keep their memory from batch to batch.
///
/// `add` checks a record whole before it changes anything, so one that throws leaves batch and books
/// as they were: it is buried, and the next one goes on. `undo` takes a whole batch back. The tables
/// may still refuse what can't be seen from here: an order or an outcome that is there already.
public struct ProjectionBatch: Sendable {
    /// What `add` did.
    public enum Answer: Hashable, Sendable {
        /// The record is in the batch.
        case added
        /// There is no room left, nothing was changed: it belongs to the next batch.
        case full
    }

    /// Codes that were defined, by number.
    public internal(set) var codes: [CodeRow] = []
    /// Accounts that were changed, in the order of their first change.
    public internal(set) var stock: [StockRow] = []
    /// Policies of accounts in `stock`.
    public internal(set) var policies: [PolicyRow] = []
    /// Reservations that were granted.
    public internal(set) var reservations: [ReservationRow] = []
    /// Their lines.
    public internal(set) var reservationLines: [ReservationLineRow] = []
    /// Deadlines of reservations that the table has.
    public internal(set) var extensions: [ReservationExtensionRow] = []
    /// Ends of reservations that the table has.
    public internal(set) var ends: [ReservationEndRow] = []
    /// Orders.
    public internal(set) var orders: [OrderRow] = []
    /// Their lines.
    public internal(set) var orderLines: [OrderLineRow] = []
    /// Orders that the table has and of which something was cancelled.
    public internal(set) var orderCancels: [OrderCancelRow] = []
    /// Their lines.
    public internal(set) var orderLineCancels: [OrderLineCancelRow] = []
    /// What was cancelled, of these orders and of the batch's own.
    public internal(set) var orderEvents: [OrderEventRow] = []
    /// What each record changed of each account.
    public internal(set) var movements: [MovementRow] = []
    /// Requests that took effect.
    public internal(set) var outcomes: [OutcomeRow] = []
    /// Records that were buried.
    public internal(set) var deadLetters: [DeadLetterRow] = []

    /// Of the first record; 0 when there is none.
    public private(set) var firstSequence: UInt64 = 0
    /// Of the last record; 0 when there is none.
    public private(set) var lastSequence: UInt64 = 0
    /// The highest tick of its records.
    public private(set) var lastTick = Tick(milliseconds: 0)
    /// The wall time of the last record.
    public private(set) var lastWall = WallTime(milliseconds: 0)
    /// Bytes of its records.
    public private(set) var byteCount = 0

    private let limits: BatchLimits
    /// Among the books' batches; 0: not begun.
    var number: UInt32 = 0
    /// What `stock`'s accounts were before, and where they are.
    var accountsBefore: [AccountBefore] = []
    /// What `ends`' reservations were before.
    var holdsBefore: [LiveHolds.Hold] = []
    /// Finds orders and lines for cancellations.
    var orderIndex = OrderIndex()
    /// The rows of the present record's accounts: of its legs, then of its figures.
    var legAccounts: [Int] = []
    var figureAccounts: [Int] = []

    struct AccountBefore: Sendable {
        var row: Int
        /// Nil: it was made in the batch.
        var account: AccountBook.Account?
    }

    /// Makes an empty batch; `begin` comes first.
    public init(limits: BatchLimits = BatchLimits()) {
        self.limits = limits
    }

    /// Records in it, the buried ones included.
    public var recordCount: Int {
        firstSequence == 0 ? 0 : Int(lastSequence - firstSequence) + 1
    }

    /// Rows in it, of all tables.
    public var rowCount: Int {
        codes.count + stock.count + policies.count + reservations.count + reservationLines.count
            + extensions.count + ends.count + orders.count + orderLines.count + orderCancels.count
            + orderLineCancels.count + orderEvents.count + movements.count + outcomes.count
            + deadLetters.count
    }

    /// Whether there is nothing to write.
    public var isEmpty: Bool { firstSequence == 0 }

    /// Empties the batch, whose rows are written or taken back, for what follows in `books`.
    public mutating func begin(_ books: inout ProjectionBooks) {
        codes.removeAll(keepingCapacity: true)
        stock.removeAll(keepingCapacity: true)
        policies.removeAll(keepingCapacity: true)
        reservations.removeAll(keepingCapacity: true)
        reservationLines.removeAll(keepingCapacity: true)
        extensions.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        orders.removeAll(keepingCapacity: true)
        orderLines.removeAll(keepingCapacity: true)
        orderCancels.removeAll(keepingCapacity: true)
        orderLineCancels.removeAll(keepingCapacity: true)
        orderEvents.removeAll(keepingCapacity: true)
        orderIndex.removeAll()
        movements.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
        deadLetters.removeAll(keepingCapacity: true)
        accountsBefore.removeAll(keepingCapacity: true)
        holdsBefore.removeAll(keepingCapacity: true)
        firstSequence = 0
        lastSequence = 0
        lastTick = Tick(milliseconds: 0)
        lastWall = WallTime(milliseconds: 0)
        byteCount = 0
        // Four billion batches later a number comes again; its batch was written long ago.
        books.batches = books.batches == .max ? 1 : books.batches + 1
        number = books.batches
    }

    /// Takes one more record, the one after the books' last.
    ///
    /// - Parameters:
    ///   - record: its bytes, as the journal lends them.
    ///   - position: its place there.
    ///   - books: those that the batch was begun with.
    /// - Returns: `.full` when it belongs to the next batch. An empty batch takes any record.
    /// - Throws: `RowFault`; nothing was changed.
    /// - Complexity: O(legs), about 0.3 us for one.
    public mutating func add(
        _ record: Span<UInt8>, at position: RecordPosition, in books: inout ProjectionBooks
    ) throws(RowFault) -> Answer {
        precondition(number > 0, "a batch is begun first")
        try checkNext(position, books)
        let shape: RecordShape
        do {
            shape = try RecordShape(record)
        } catch {
            throw RowFault(.record(error), sequence: position.sequence)
        }
        guard hasRoom(shape, record.count) else { return .full }
        switch shape.type {
        case .define: try define(shape, record, position, &books)
        case .setStock: try setStock(shape, record, position, &books)
        case .adjustStock: try adjustStock(shape, record, position, &books)
        case .reserve: try reserve(shape, record, position, &books)
        case .confirm: try end(.confirmed, .confirm, shape, record, position, &books)
        case .release: try end(.released, .release, shape, record, position, &books)
        case .expire: try end(.expired, .expire, shape, record, position, &books)
        case .order: try order(shape, record, position, &books)
        case .orderFromHolds: try orderFromHolds(shape, record, position, &books)
        case .cancel: try cancel(shape, record, position, &books)
        case .extend: try extend(shape, record, position, &books)
        case .setPolicy: try setPolicy(shape, record, position, &books)
        case .transfer: try transfer(shape, record, position, &books)
        }
        note(position, byteCount: record.count, &books)
        return .added
    }

    /// Takes a record as a dead letter, the one after the books' last: the batch covers it, and no table
    /// but that of the dead letters is told.
    ///
    /// - Parameters:
    ///   - record: its bytes.
    ///   - position: its place in the journal.
    ///   - sqlState: what the database said; empty when it wasn't asked.
    ///   - message: what is wrong.
    ///   - books: those that the batch was begun with.
    /// - Throws: `RowFault` when another record is next.
    public mutating func bury(
        _ record: Span<UInt8>, at position: RecordPosition, sqlState: String = "",
        message: String, in books: inout ProjectionBooks
    ) throws(RowFault) {
        precondition(number > 0, "a batch is begun first")
        try checkNext(position, books)
        var body: [UInt8] = []
        body.reserveCapacity(record.count)
        for index in 0..<record.count { body.append(record[index]) }
        deadLetters.append(
            DeadLetterRow(
                sequence: position.sequence, sqlState: sqlState, message: message, body: body,
                wall: position.wall))
        note(position, byteCount: record.count, &books)
    }

    private func checkNext(
        _ position: RecordPosition, _ books: ProjectionBooks
    ) throws(RowFault) {
        guard position.sequence == books.lastSequence + 1,
            position.sequence <= RowLimits.numberMax
        else {
            throw RowFault(
                .sequence(expected: books.lastSequence + 1), sequence: position.sequence)
        }
    }

    /// A leg makes at most a line of the reservation and one of the order, a figure a stock row and a
    /// movement, a hold its end; a record has five rows besides.
    private func hasRoom(_ shape: RecordShape, _ byteCount: Int) -> Bool {
        isEmpty
            || rowCount + 5 + 2 * shape.legCount + 2 * shape.figureCount + shape.holdCount
                <= limits.rowsMax
                && self.byteCount + byteCount <= limits.byteCountMax
    }

    private mutating func note(
        _ position: RecordPosition, byteCount: Int, _ books: inout ProjectionBooks
    ) {
        if firstSequence == 0 { firstSequence = position.sequence }
        lastSequence = position.sequence
        lastTick = max(lastTick, position.tick)
        lastWall = position.wall
        self.byteCount += byteCount
        books.lastSequence = position.sequence
    }

    // MARK: - Taking back

    /// Takes the batch back, as if it had never been begun, and empties it: its transaction failed for
    /// good. The batch must be the last that `books` were changed by; one that was built after it is
    /// taken back before it.
    public mutating func undo(_ books: inout ProjectionBooks) {
        if firstSequence > 0 {
            precondition(books.lastSequence == lastSequence, "the last batch is taken back first")
            books.lastSequence = firstSequence - 1
        }
        books.codes.removeLast(codes.count)
        for before in accountsBefore.reversed() {
            if let account = before.account {
                books.accounts[before.row] = account
            } else {
                books.accounts.removeLast()
            }
        }
        for row in reservations {
            books.holds.remove(LiveHolds.Key(id: row.reservation, brand: row.brand))
        }
        for (row, hold) in zip(ends, holdsBefore) {
            books.holds.insert(LiveHolds.Key(id: row.reservation, brand: row.brand), hold)
        }
        begin(&books)
    }
}
