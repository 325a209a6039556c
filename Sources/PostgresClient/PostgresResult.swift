// SPDX-License-Identifier: Apache-2.0

private import CPostgres

/// What the server said to a statement: owns libpq's result.
@safe struct PostgresResult: ~Copyable {
    /// What kind of answer it is.
    enum Kind {
        /// Done, with rows or without.
        case done
        /// The server waits for the rows of a COPY.
        case copyIn
        /// A COPY that nobody here reads.
        case otherCopy
        /// The end of a pipeline.
        case pipelineEnd
        /// Not run, because a statement before it in the pipeline failed.
        case skipped
        /// No.
        case failed
    }

    private let raw: OpaquePointer

    init(owning raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    deinit {
        // SAFETY: ours, and not used after this.
        unsafe PQclear(raw)
    }

    var kind: Kind {
        // SAFETY: it lives until deinit.
        switch unsafe PQresultStatus(raw) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .done
        case PGRES_COPY_IN: .copyIn
        case PGRES_COPY_OUT, PGRES_COPY_BOTH: .otherCopy
        case PGRES_PIPELINE_SYNC: .pipelineEnd
        case PGRES_PIPELINE_ABORTED: .skipped
        default: .failed
        }
    }

    /// Rows that were read or changed.
    var affected: Int {
        // SAFETY: it lives until deinit; the text is copied at once.
        guard let text = unsafe PQcmdTuples(raw) else { return 0 }
        return Int(unsafe String(cString: text)) ?? 0
    }

    /// The error that it is; nil: libpq's own, without a code.
    var failure: PostgresError? {
        // SAFETY: it lives until deinit.
        guard let code = unsafe PostgresResult.text(raw, STOCKADE_PG_SQLSTATE) else { return nil }
        let severity = unsafe PostgresResult.text(raw, STOCKADE_PG_SEVERITY) ?? ""
        let parts = [STOCKADE_PG_MESSAGE, STOCKADE_PG_DETAIL, STOCKADE_PG_HINT]
            .compactMap { unsafe PostgresResult.text(raw, $0) }
        // A server that ends the session says so with its last words.
        let isOver = severity == "FATAL" || severity == "PANIC"
        return PostgresError(
            isOver ? .lost : .refused, sqlState: code, parts.joined(separator: ". "))
    }

    /// The rows, in the result's place.
    consuming func rows() -> PostgresRows {
        let raw = unsafe raw
        discard self
        return unsafe PostgresRows(owning: raw)
    }

    /// A field of an error or a warning.
    static func text(_ result: OpaquePointer, _ field: some BinaryInteger) -> String? {
        // SAFETY: the caller's result; the text is copied at once.
        guard let text = unsafe PQresultErrorField(result, Int32(field)) else { return nil }
        return unsafe String(cString: text)
    }
}
