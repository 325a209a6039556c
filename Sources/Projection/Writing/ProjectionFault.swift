// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import PostgresClient

/// Why the writer can't go on.
enum ProjectionFault: Error {
    /// It may work later.
    case later(PostgresError)
    /// Rows of the batch were refused: the same again gives the same.
    case rows(PostgresError)
    /// It doesn't go on by itself, whatever is tried.
    case off(String)

    init(_ error: PostgresError) {
        self = error.isAboutRows ? .rows(error) : .later(error)
    }

    init(_ error: SchemaError) {
        switch error {
        case .forbidden(let state): self = .off(state.explanation)
        case .postgres(let failure): self = .later(failure)
        case .busy, .nothingToUndo:
            self = .later(PostgresError(.timedOut, error.explanation))
        }
    }

    init(_ fault: JournalFault) {
        if case .unreadable(let error) = fault.kind {
            self = .later(PostgresError(.unreachable, "the journal: \(error.explanation)"))
            return
        }
        self = .off("the journal can't be read back: \(fault.explanation)")
    }
}
