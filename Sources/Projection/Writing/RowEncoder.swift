// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import PostgresClient
internal import Primitives

/// A batch's rows in the order of their tables' columns (`TableForm`, `RowChange`).
struct RowEncoder: ~Copyable {
    /// Of the writer, for the dead letters.
    let epoch: UInt64

    /// Rows of one of the tables that are added to.
    borrowing func encode<Sink: RowSink & ~Copyable>(
        _ table: TableForm, _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout Sink
    ) {
        switch table.rows {
        case .codes: self.codes(batch, codes, into: &sink)
        case .reservations: reservations(batch, codes, into: &sink)
        case .reservationLines: reservationLines(batch, codes, into: &sink)
        case .orders: orders(batch, codes, into: &sink)
        case .orderLines: orderLines(batch, codes, into: &sink)
        case .movements: movements(batch, codes, into: &sink)
        case .outcomes: outcomes(batch, codes, into: &sink)
        case .deadLetters: deadLetters(batch, into: &sink)
        }
    }

    /// How many rows that makes.
    static func count(_ table: TableForm, _ batch: borrowing ProjectionBatch) -> Int {
        switch table.rows {
        case .codes: batch.codes.count
        case .reservations: batch.reservations.count
        case .reservationLines: batch.reservationLines.count
        case .orders: batch.orders.count
        case .orderLines: batch.orderLines.count
        case .movements: batch.movements.count
        case .outcomes: batch.outcomes.count
        case .deadLetters: batch.deadLetters.count
        }
    }

    private func codes<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.codes {
            sink.beginRow(fields: 5)
            sink.append(int8: Int64(row.number))
            sink.append(int2: Int16(row.kind.rawValue))
            sink.append(int8: Int64(row.brand))
            sink.append(code: row.number, codes)
            sink.append(int8: Int64(row.sequence))
        }
    }

    private func reservations<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.reservations {
            sink.beginRow(fields: 13)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.reservation)
            sink.append(int8: Int64(row.grantedSequence))
            sink.append(code: row.dealer, codes)
            sink.append(fixed: row.fillMode.text)
            sink.append(fixed: row.state.text)
            sink.append(timestamptz: row.created)
            sink.append(int8: Int64(row.timeToLiveMilliseconds))
            sink.append(int8: Int64(clamping: row.deadline.milliseconds))
            if let end = row.end {
                sink.append(int8: Int64(end.sequence))
                sink.append(timestamptz: end.wall)
                sink.append(int8: Int64(clamping: end.tick.milliseconds))
            } else {
                for _ in 0..<3 { sink.appendNull() }
            }
            sink.append(optional: row.end?.order)
        }
    }

    private func reservationLines<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.reservationLines {
            sink.beginRow(fields: 8)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.reservation)
            sink.append(int8: Int64(row.grantedSequence))
            sink.append(int8: Int64(row.line))
            sink.append(code: row.sku, codes)
            sink.append(code: row.warehouse, codes)
            sink.append(int8: Int64(row.granted))
            sink.append(bool: row.isShort)
        }
    }

    private func orders<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.orders {
            sink.beginRow(fields: 11)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.order)
            sink.append(code: row.dealer, codes)
            sink.append(optional: row.reservation)
            sink.append(fixed: row.isCancelled ? "CANCELLED" : "ACCEPTED")
            sink.append(fixed: row.isCancelled ? "CANCELLED" : "ALLOCATED")
            sink.append(fixed: "UNPAID")
            sink.append(timestamptz: row.created)
            sink.append(int8: Int64(row.sequence))
            sink.append(timestamptz: row.changed)
            sink.append(int8: Int64(row.lastSequence))
        }
    }

    private func orderLines<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.orderLines {
            sink.beginRow(fields: 8)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.order)
            sink.append(int8: Int64(row.line))
            sink.append(code: row.sku, codes)
            sink.append(code: row.warehouse, codes)
            sink.append(int8: Int64(row.quantity))
            sink.append(int8: Int64(row.sequence))
            sink.append(int8: Int64(row.cancelled))
        }
    }

    private func movements<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.movements {
            sink.beginRow(fields: 13)
            sink.append(int8: Int64(row.sequence))
            sink.append(int8: Int64(row.line))
            sink.append(timestamptz: row.wall)
            sink.append(fixed: row.kind.text)
            sink.append(code: row.brand, codes)
            sink.append(code: row.sku, codes)
            sink.append(code: row.warehouse, codes)
            sink.append(int8: row.onHandChange)
            sink.append(int8: row.heldChange)
            sink.append(int8: row.allocatedChange)
            sink.append(uuid: row.reference)
            sink.append(int8: Int64(row.account))
            sink.append(int8: row.safetyChange)
        }
    }

    private func outcomes<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, into sink: inout Sink
    ) {
        for row in batch.outcomes {
            sink.beginRow(fields: 9)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.request)
            sink.append(fixed: row.call.text)
            sink.append(optionalCode: row.stock?.sku, codes)
            sink.append(optionalCode: row.stock?.warehouse, codes)
            sink.append(int8: Int64(row.sequence))
            sink.append(timestamptz: row.wall)
            sink.append(optionalCode: row.stock?.toWarehouse, codes)
            sink.append(optional: row.reference)
        }
    }

    private func deadLetters<Sink: RowSink & ~Copyable>(
        _ batch: borrowing ProjectionBatch, into sink: inout Sink
    ) {
        for row in batch.deadLetters {
            sink.beginRow(fields: 6)
            sink.append(int8: Int64(row.sequence))
            sink.append(int8: Int64(epoch))
            sink.append(text: row.sqlState)
            sink.append(text: row.message)
            sink.append(bytea: row.body.span)
            sink.append(timestamptz: row.wall)
        }
    }
}
