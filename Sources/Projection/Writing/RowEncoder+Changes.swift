// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import PostgresClient
internal import Primitives

/// Rows that are there already, and what is made of them.
extension RowEncoder {
    /// Arrays of a statement that changes rows.
    func encode(
        _ change: RowChange, _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        switch change.rows {
        case .stock: stock(batch, codes, into: &sink)
        case .policies: policies(batch, into: &sink)
        case .extensions: extensions(batch, codes, into: &sink)
        case .ends: ends(batch, codes, into: &sink)
        case .orderLineCancels: orderLineCancels(batch, codes, into: &sink)
        case .orderCancels: orderCancels(batch, codes, into: &sink)
        case .orderEvents: orderEvents(batch, codes, into: &sink)
        }
    }

    /// How many rows it must find.
    static func count(_ change: RowChange, _ batch: borrowing ProjectionBatch) -> Int {
        switch change.rows {
        case .stock: batch.stock.count
        case .policies: batch.policies.count
        case .extensions: batch.extensions.count
        case .ends: batch.ends.count
        case .orderLineCancels: batch.orderLineCancels.count
        case .orderCancels: batch.orderCancels.count
        case .orderEvents: batch.orderEvents.count
        }
    }

    private func stock(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        for row in batch.stock {
            sink.beginRow(fields: RowChange.stock.types.count)
            sink.append(code: row.brand, codes)
            sink.append(code: row.sku, codes)
            sink.append(code: row.warehouse, codes)
            sink.append(int8: Int64(row.account))
            sink.append(int8: row.figures.onHand)
            sink.append(int8: row.figures.held)
            sink.append(int8: row.figures.allocated)
            sink.append(int8: row.figures.safety)
            sink.append(int8: Int64(row.figures.version))
            sink.append(numeric: row.sourceVersion)
            sink.append(int8: Int64(row.sequence))
            sink.append(timestamptz: row.changed)
        }
    }

    private func ends(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        for row in batch.ends {
            sink.beginRow(fields: RowChange.ends.types.count)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.reservation)
            sink.append(int8: Int64(row.grantedSequence))
            sink.append(fixed: row.state.text)
            sink.append(int8: Int64(row.end.sequence))
            sink.append(timestamptz: row.end.wall)
            sink.append(int8: Int64(clamping: row.end.tick.milliseconds))
            sink.append(optional: row.end.order)
        }
    }

    private func policies(
        _ batch: borrowing ProjectionBatch, into sink: inout ColumnArrays
    ) {
        for row in batch.policies {
            sink.beginRow(fields: RowChange.policies.types.count)
            sink.append(int8: Int64(row.account))
            sink.append(int8: row.policy.backorderLimit)
            sink.append(int8: row.policy.lowWater)
            sink.append(int8: row.policy.highWater)
            sink.append(int8: Int64(clamping: row.policy.holdTimeToLiveMilliseconds))
        }
    }

    private func extensions(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        for row in batch.extensions {
            sink.beginRow(fields: RowChange.extensions.types.count)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.reservation)
            sink.append(int8: Int64(row.grantedSequence))
            sink.append(int8: Int64(clamping: row.deadline.milliseconds))
        }
    }

    private func orderLineCancels(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        for row in batch.orderLineCancels {
            sink.beginRow(fields: RowChange.orderLineCancels.types.count)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.order)
            sink.append(int8: Int64(row.line))
            sink.append(code: row.warehouse, codes)
            sink.append(int8: Int64(clamping: row.units))
            sink.append(int8: Int64(row.lastSequence))
        }
    }

    private func orderCancels(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        for row in batch.orderCancels {
            sink.beginRow(fields: RowChange.orderCancels.types.count)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.order)
            sink.append(timestamptz: row.changed)
            sink.append(int8: Int64(row.lastSequence))
        }
    }

    private func orderEvents(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        into sink: inout ColumnArrays
    ) {
        for row in batch.orderEvents {
            sink.beginRow(fields: RowChange.orderEvents.types.count)
            sink.append(code: row.brand, codes)
            sink.append(uuid: row.order)
            sink.append(int8: Int64(row.sequence))
            sink.append(timestamptz: row.wall)
            sink.append(text: row.causeText)
            sink.append(int8: Int64(clamping: row.units))
            sink.append(uuid: row.request)
        }
    }
}
