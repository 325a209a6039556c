// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives

/// Writes a batch in one transaction, the mark in it.
///
/// Either all of it is there afterwards, or, with an error, nothing; after a lost connection only the
/// mark tells which. One thread; keeps its room from batch to batch.
struct BatchWriter: ~Copyable {
    private static let advanceStatement =
        "SELECT stockade.advance($1::int2, $2::int8, $3::int8, $4::int8, $5::int8, $6::timestamptz)"

    private var copies = CopyWriter()
    private var stock = ColumnArrays(RowChange.stock.types)
    private var ends = ColumnArrays(RowChange.ends.types)
    #if PlantedFaults
        /// Writes although another writer took over.
        var forgetsFence = false
    #endif

    /// Makes a session ready for batches: statements, and how they are planned. The tables' statistics
    /// lag behind what is written, so that the planner would now and then read a whole table.
    static func prepare(_ connection: inout PostgresConnection) throws(PostgresError) {
        try connection.execute(
            """
            SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
            SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan; SET jit = off
            """)
        try connection.prepare("advance", advanceStatement)
        for table in TableForm.all {
            try connection.prepare(table.preparedName, table.insertStatement)
        }
        for change in RowChange.all {
            try connection.prepare(change.preparedName, change.statement)
        }
    }

    /// Writes a batch that isn't empty, and commits.
    mutating func write(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook, epoch: UInt64,
        _ connection: inout PostgresConnection
    ) throws(PostgresError) {
        let encoder = RowEncoder(epoch: epoch)
        do throws(PostgresError) {
            let isSmall = batch.rowCount <= ProjectionLimits.pipelineRowsMax
            var steps = [PostgresStep.begin, advance(batch, epoch)]
            if !isSmall {
                try connection.pipeline(steps, timeout: ProjectionLimits.writeTimeout)
                steps = []
                try copy(batch, codes, encoder, &connection)
            } else {
                insert(batch, codes, encoder, into: &steps)
            }
            let changes = change(batch, codes, encoder, into: &steps)
            let affected = try connection.pipeline(
                steps, timeout: ProjectionLimits.writeTimeout)
            for (index, change) in changes.enumerated() {
                let count = affected[affected.count - changes.count + index]
                guard count == change.count else { throw BatchWriter.missing(change, count) }
            }
            try connection.execute("COMMIT", timeout: ProjectionLimits.writeTimeout)
        } catch {
            if error.leavesConnection { try? connection.rollback() }
            throw error
        }
    }

    private func advance(_ batch: borrowing ProjectionBatch, _ epoch: UInt64) -> PostgresStep {
        #if PlantedFaults
            if forgetsFence {
                return .run(
                    "UPDATE stockade.state SET applied_seq = $1, applied_tick = $2, applied_at = $3",
                    [
                        .int8(Int64(batch.lastSequence)),
                        .int8(Int64(clamping: batch.lastTick.milliseconds)),
                        .timestamptz(batch.lastWall),
                    ])
            }
        #endif
        return .prepared(
            "advance",
            [
                .int2(ProjectionMark.group), .int8(Int64(epoch)),
                .int8(Int64(batch.firstSequence)), .int8(Int64(batch.lastSequence)),
                .int8(Int64(clamping: batch.lastTick.milliseconds)),
                .timestamptz(batch.lastWall),
            ])
    }

    private mutating func copy(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        _ encoder: borrowing RowEncoder, _ connection: inout PostgresConnection
    ) throws(PostgresError) {
        for table in TableForm.all where RowEncoder.count(table, batch) > 0 {
            copies.removeAll()
            encoder.encode(table, batch, codes, into: &copies)
            copies.finish()
            try connection.copy(
                table.copyStatement, copies, timeout: ProjectionLimits.writeTimeout)
        }
    }

    private mutating func insert(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        _ encoder: borrowing RowEncoder, into steps: inout [PostgresStep]
    ) {
        for table in TableForm.all where RowEncoder.count(table, batch) > 0 {
            var arrays = ColumnArrays(table.columns.map(\.type))
            encoder.encode(table, batch, codes, into: &arrays)
            steps.append(.prepared(table.preparedName, arrays.take()))
        }
    }

    // MARK: - Rows that are there

    private struct Change {
        var table: String
        var count: Int
    }

    /// Adds the statements that change rows, and says how many rows each must find.
    private mutating func change(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        _ encoder: borrowing RowEncoder, into steps: inout [PostgresStep]
    ) -> [Change] {
        var changes: [Change] = []
        for change in RowChange.all {
            let count = RowEncoder.count(change, batch)
            guard count > 0 else { continue }
            let values: [PostgresValue]
            switch change.rows {
            case .stock:
                encoder.encode(change, batch, codes, into: &stock)
                values = stock.take()
            case .ends:
                encoder.encode(change, batch, codes, into: &ends)
                values = ends.take()
            default:
                // Few in a sale.
                var arrays = ColumnArrays(change.types)
                encoder.encode(change, batch, codes, into: &arrays)
                values = arrays.take()
            }
            steps.append(.prepared(change.preparedName, values))
            changes.append(Change(table: change.table, count: count))
        }
        return changes
    }

    /// A row that must be there isn't, or is further than the journal: somebody else wrote. It is the
    /// record's row that is wrong, so the record is buried like one that Postgres refuses.
    private static func missing(_ change: Change, _ count: Int) -> PostgresError {
        PostgresError(
            .refused, sqlState: "23W01",
            "\(change.count - count) rows of stockade.\(change.table) that must be there aren't, or "
                + "aren't as they were written")
    }
}
