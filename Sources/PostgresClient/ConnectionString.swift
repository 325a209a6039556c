// SPDX-License-Identifier: Apache-2.0

private import CPostgres

/// A connection string in libpq's words, `host=… dbname=…` or a `postgresql:` address, taken apart:
/// ours stand for what it doesn't say, and the password is known so that it can be kept out of
/// messages.
struct ConnectionString {
    /// Keywords and their values, later ones win.
    private(set) var settings: [(keyword: String, value: String)] = [
        ("application_name", "stockade"),
        // Half-open connections end within seconds.
        ("tcp_user_timeout", "3000"), ("keepalives_idle", "2"), ("keepalives_interval", "1"),
        ("keepalives_count", "3"),
    ]

    /// Takes `text` apart. What libpq says of a string that it can't read may quote parts of it, a
    /// password among them, so it isn't repeated.
    init(_ text: String) throws(PostgresError) {
        var complaint: UnsafeMutablePointer<CChar>?
        // SAFETY: libpq reads the text during the call and gives a list that ends with a null
        // keyword, freed below.
        let options = unsafe PQconninfoParse(text, &complaint)
        defer {
            unsafe PQconninfoFree(options)
            unsafe PQfreemem(complaint)
        }
        guard var option = unsafe options else {
            throw PostgresError(
                .connectionString,
                "it must be host=… port=… dbname=… user=…, values with spaces in single quotes, or "
                    + "an address that begins with postgresql:")
        }
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                settings.append(
                    (unsafe String(cString: keyword), unsafe String(cString: value)))
            }
            unsafe option += 1
        }
        // After the given ones: texts go out as UTF-8 whatever the environment says.
        settings.append(("client_encoding", "UTF8"))
    }

    /// `message` without the password, should it be in there.
    func redacted(_ message: String) -> String {
        let secrets = settings.filter { ["password", "sslpassword"].contains($0.keyword) }
        var message = message
        for secret in secrets where !secret.value.isEmpty {
            message = message.split(separator: secret.value, omittingEmptySubsequences: false)
                .joined(separator: "***")
        }
        return message
    }
}
