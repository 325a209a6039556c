// SPDX-License-Identifier: Apache-2.0

private import CPostgres

/// Sending and receiving, without ever waiting for one only.
extension PostgresConnection {
    /// The rest of what libpq holds goes out; meanwhile what comes is taken in.
    func flush(_ wait: PostgresWait) throws(PostgresError) {
        // SAFETY: a live connection in all of this file's calls.
        while true {
            let unsent = unsafe PQflush(handle.raw)
            if unsent == 0 { return }
            guard unsent > 0 else { throw lost() }
            let found = try wait.until([.readable, .writable], unsafe PQsocket(handle.raw))
            if found.contains(.readable) { try consume() }
        }
    }

    /// The next result of what was sent; nil: there is no more of that statement.
    func next(_ wait: PostgresWait) throws(PostgresError) -> PostgresResult? {
        while unsafe PQisBusy(handle.raw) != 0 {
            let unsent = unsafe PQflush(handle.raw)
            let found = try wait.until(
                unsent > 0 ? [.readable, .writable] : .readable, unsafe PQsocket(handle.raw))
            if found.contains(.readable) { try consume() }
        }
        guard let result = unsafe PQgetResult(handle.raw) else { return nil }
        return unsafe PostgresResult(owning: result)
    }

    private func consume() throws(PostgresError) {
        guard unsafe PQconsumeInput(handle.raw) == 1 else { throw lost() }
    }

    /// The error of a result that failed.
    func failure(of result: borrowing PostgresResult) -> PostgresError {
        result.failure ?? lost()
    }

    func lost() -> PostgresError { PostgresError(.lost, connectionMessage) }

    /// Throws unless libpq took what it was to send.
    func require(_ sent: Int32) throws(PostgresError) {
        guard sent == 1 else { throw lost() }
    }

    /// All results of a statement, or of several sent as one text; the last one is handed on.
    mutating func finish(_ wait: PostgresWait) throws(PostgresError) -> PostgresResult {
        var last: PostgresResult?
        var failure: PostgresError?
        while let result = try next(wait) {
            if let found = try fault(in: result) {
                failure = failure ?? found
            }
            last = consume result
        }
        if let failure { throw failure }
        guard let last else { throw PostgresError(.unexpected, "no result") }
        return last
    }

    /// Why a result isn't one that a statement should have; throws when nothing will follow it.
    private mutating func fault(
        in result: borrowing PostgresResult
    ) throws(PostgresError) -> PostgresError? {
        switch result.kind {
        case .done: return nil
        case .failed:
            let failure = failure(of: result)
            guard failure.kind != .lost else { throw failure }
            return failure
        case .copyIn, .otherCopy, .pipelineEnd, .skipped:
            abandon()
            throw PostgresError(.unexpected, "a COPY that isn't read or written here")
        }
    }
}
