// SPDX-License-Identifier: Apache-2.0

private import CPostgres

/// What can be asked of a connection.
extension PostgresConnection {
    /// Runs one statement or several, separated by semicolons; those are one transaction unless
    /// they say otherwise. `timeout`, here and below: for all of it; nil: the connection's.
    ///
    /// - Returns: the rows that the last one read or changed.
    @discardableResult
    public mutating func execute(
        _ sql: String, timeout: Duration? = nil
    ) throws(PostgresError) -> Int {
        try call(timeout) { (connection, wait) throws(PostgresError) in
            // SAFETY: a live connection; libpq copies the text during the call.
            try connection.require(unsafe PQsendQuery(connection.handle.raw, sql))
            try connection.flush(wait)
            return try connection.finish(wait).affected
        }
    }

    /// Runs one statement with values for its `$1`, `$2` …, and gives its rows in binary form.
    public mutating func query(
        _ sql: String, _ values: [PostgresValue] = [], timeout: Duration? = nil
    ) throws(PostgresError) -> PostgresRows {
        try call(timeout) { (connection, wait) throws(PostgresError) in
            try connection.send(.run(sql, values))
            try connection.flush(wait)
            return try connection.finish(wait).rows()
        }
    }

    /// Has the server parse a statement once, under a name that this connection then knows. Say the
    /// types in the text (`$1::int8[]`): the values that come later aren't converted.
    public mutating func prepare(
        _ name: String, _ sql: String, timeout: Duration? = nil
    ) throws(PostgresError) {
        try call(timeout) { (connection, wait) throws(PostgresError) in
            // SAFETY: as in execute.
            try connection.require(
                unsafe PQsendPrepare(connection.handle.raw, name, sql, 0, nil))
            try connection.flush(wait)
            _ = try connection.finish(wait)
        }
    }

    /// Runs statements one after the other in one round trip. With `.begin` first and `.commit` last
    /// they are a transaction; without, those that don't follow a `.begin` are one of their own.
    ///
    /// After a failure the rest isn't run, and the first failure is thrown.
    ///
    /// - Returns: for each, the rows that it read or changed.
    @discardableResult
    public mutating func pipeline(
        _ steps: [PostgresStep], timeout: Duration? = nil
    ) throws(PostgresError) -> [Int] {
        try call(timeout) { (connection, wait) throws(PostgresError) in
            let raw = unsafe connection.handle.raw
            // SAFETY: a live connection in all of these calls.
            try connection.require(unsafe PQenterPipelineMode(raw))
            var affected: [Int] = []
            var failure: PostgresError?
            for step in steps { try connection.send(step) }
            try connection.require(unsafe PQpipelineSync(raw))
            try connection.flush(wait)
            // Each statement's results end with a nil, the sync's has none.
            var wasNil = false
            while true {
                guard let result = try connection.next(wait) else {
                    guard !wasNil else { throw connection.lost() }
                    wasNil = true
                    continue
                }
                wasNil = false
                switch result.kind {
                case .done: affected.append(result.affected)
                case .skipped: break
                case .failed:
                    failure = failure ?? connection.failure(of: result)
                    if let failure, failure.kind == .lost { throw failure }
                case .copyIn, .otherCopy:
                    connection.abandon()
                    throw PostgresError(.unexpected, "a COPY can't be part of a pipeline")
                case .pipelineEnd:
                    try connection.require(unsafe PQexitPipelineMode(raw))
                    if let failure { throw failure }
                    return affected
                }
            }
        }
    }

    /// Runs `COPY … FROM STDIN (FORMAT binary)` with a finished writer's rows.
    ///
    /// They go to libpq in pieces of `PostgresLimits.copyPieceByteCount`, each sent before the next.
    ///
    /// - Returns: the rows that were written.
    @discardableResult
    public mutating func copy(
        _ sql: String, _ rows: borrowing CopyWriter, timeout: Duration? = nil
    ) throws(PostgresError) -> Int {
        precondition(!rows.overflowed)
        return try rows.withBytes { (bytes) throws(PostgresError) in
            try copy(sql, bytes, timeout: timeout)
        }
    }

    /// The same with the stream's bytes.
    @discardableResult
    public mutating func copy(
        _ sql: String, _ bytes: Span<UInt8>, timeout: Duration? = nil
    ) throws(PostgresError) -> Int {
        // The span can't go into the closure, so the pieces are sent here.
        guard isUsable else {
            throw PostgresError(.lost, "it failed before; this needs a new connection")
        }
        let wait = wait(timeout)
        do {
            // SAFETY: as in execute.
            try require(unsafe PQsendQuery(handle.raw, sql))
            try flush(wait)
            try beginCopy(wait)
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + PostgresLimits.copyPieceByteCount)
                try put(bytes.extracting(offset..<end), wait)
                offset = end
            }
            try endCopy(wait)
            return try finish(wait).affected
        } catch {
            if !error.leavesConnection { abandon() }
            throw error
        }
    }

    /// Gives up the open transaction; without one it does nothing but warn.
    public mutating func rollback() throws(PostgresError) {
        try execute("ROLLBACK")
    }

    private mutating func beginCopy(_ wait: PostgresWait) throws(PostgresError) {
        guard let result = try next(wait) else {
            throw PostgresError(.unexpected, "no result")
        }
        switch result.kind {
        case .copyIn: return
        case .failed:
            let failure = failure(of: result)
            // Up to where the next statement may begin.
            while failure.kind == .refused, try next(wait) != nil {}
            throw failure
        case .done, .otherCopy, .pipelineEnd, .skipped:
            abandon()
            throw PostgresError(.unexpected, "that statement doesn't take rows")
        }
    }

    private func put(_ piece: Span<UInt8>, _ wait: PostgresWait) throws(PostgresError) {
        while true {
            let taken = unsafe piece.withUnsafeBytes { bytes in
                // SAFETY: libpq copies the bytes during the call.
                unsafe PQputCopyData(
                    handle.raw, bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                    Int32(bytes.count))
            }
            guard taken >= 0 else { throw lost() }
            try flush(wait)
            if taken > 0 { return }
        }
    }

    private func endCopy(_ wait: PostgresWait) throws(PostgresError) {
        while true {
            // SAFETY: a live connection.
            let taken = unsafe PQputCopyEnd(handle.raw, nil)
            guard taken >= 0 else { throw lost() }
            try flush(wait)
            if taken > 0 { return }
        }
    }

    /// Hands a statement and its values to libpq, in binary form both ways.
    private func send(_ step: PostgresStep) throws(PostgresError) {
        precondition(step.values.count <= PostgresLimits.parametersMax)
        // All values in one piece, so that their addresses hold together.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(step.values.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        var starts: [Int?] = []
        for value in step.values {
            starts.append(value.bytes == nil ? nil : bytes.count)
            bytes += value.bytes ?? []
        }
        bytes.append(0)
        let types = step.values.map(\.type)
        let lengths = step.values.map { Int32($0.bytes?.count ?? 0) }
        let formats = step.values.map { _ in 1 as Int32 }
        let count = Int32(step.values.count)
        let sent = unsafe bytes.withUnsafeBytes { buffer in
            // SAFETY: addresses within the buffer, which ends with a byte of its own, so that those
            // of empty values are within it too; libpq copies all of it during the call.
            let base = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let values = unsafe starts.map { start in
                unsafe start.flatMap { offset in unsafe base.map { unsafe $0 + offset } }
            }
            switch step.statement {
            case .text(let sql):
                return unsafe PQsendQueryParams(
                    handle.raw, sql, count, types, values, lengths, formats, 1)
            case .prepared(let name):
                return unsafe PQsendQueryPrepared(
                    handle.raw, name, count, values, lengths, formats, 1)
            }
        }
        try require(sent)
    }
}
