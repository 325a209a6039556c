// SPDX-License-Identifier: Apache-2.0

private import CPostgres
private import Glibc

/// Owns libpq's connection, and nothing else.
@safe struct PostgresHandle: ~Copyable {
    let raw: OpaquePointer

    /// Begins to connect; `PostgresSession.connect` goes on.
    init(_ string: ConnectionString) throws(PostgresError) {
        var words: [UnsafePointer<CChar>?] = unsafe []
        for setting in string.settings {
            // SAFETY: copies of ours, freed below; libpq makes its own during the call.
            unsafe words.append(UnsafePointer(strdup(setting.keyword)))
            unsafe words.append(UnsafePointer(strdup(setting.value)))
        }
        var keywords: [UnsafePointer<CChar>?] = unsafe []
        var values: [UnsafePointer<CChar>?] = unsafe []
        for index in stride(from: 0, to: unsafe words.count, by: 2) {
            unsafe keywords.append(words[index])
            unsafe values.append(words[index + 1])
        }
        unsafe keywords.append(nil)
        unsafe values.append(nil)
        let started = unsafe PQconnectStartParams(keywords, values, 0)
        for index in unsafe words.indices {
            unsafe free(UnsafeMutablePointer(mutating: words[index]))
        }
        guard let started = unsafe started else {
            throw PostgresError(.unreachable, "out of memory")
        }
        unsafe raw = started
    }

    deinit {
        // SAFETY: ours, and not used after this.
        unsafe PQfinish(raw)
    }
}
