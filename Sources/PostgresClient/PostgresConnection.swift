// SPDX-License-Identifier: Apache-2.0

private import CPostgres

/// A connection to Postgres, closed with the value.
///
/// Nothing here waits longer than it was told to: sending and receiving don't block, and while
/// there is more to send what comes is read, so that neither side waits for the other. One call at a
/// time, from one thread; it isn't `Sendable`, so make it on the thread that uses it.
///
/// After an error that doesn't leave the connection (`PostgresError.leavesConnection`) every call
/// throws `lost`: make a new one. A transaction that was open when the server refused something
/// needs `rollback()`.
///
/// The one wait that libpq doesn't give out of hand is the look-up of a host's name while
/// connecting; name an address where that matters.
public struct PostgresConnection: ~Copyable {
    let handle: PostgresHandle
    let string: ConnectionString
    private let warningLog: WarningLog
    private let interrupt: PostgresInterrupt?
    /// How long a call may take that doesn't say otherwise.
    public var timeout: Duration
    /// False once it is of no use any more.
    public private(set) var isUsable: Bool

    /// Connects, with a session that suits a writer: no statement timeout, and a transaction that is
    /// left lying ends after 10 s.
    ///
    /// `conninfo` is libpq's connection string; what it doesn't say may come from the environment
    /// (`PGPASSWORD`) or a password file. `timeout` is for connecting, and then for each call.
    /// `interrupt` is looked at during every wait.
    public init(
        _ conninfo: String, timeout: Duration = .seconds(10), interrupt: PostgresInterrupt? = nil
    ) throws(PostgresError) {
        self = try PostgresConnection.opened(conninfo, timeout, interrupt)
    }

    /// Whether libpq can read a connection string; nothing is connected.
    public static func check(_ conninfo: String) throws(PostgresError) {
        _ = try ConnectionString(conninfo)
    }

    // Not in the initialiser: it can't fail behind the point where all of self is there.
    private static func opened(
        _ conninfo: String, _ timeout: Duration, _ interrupt: PostgresInterrupt?
    ) throws(PostgresError) -> PostgresConnection {
        let string = try ConnectionString(conninfo)
        var connection = PostgresConnection(
            try PostgresHandle(string), string, timeout, interrupt)
        try connection.open()
        return connection
    }

    private init(
        _ handle: consuming PostgresHandle, _ string: ConnectionString, _ timeout: Duration,
        _ interrupt: PostgresInterrupt?
    ) {
        self.handle = handle
        self.string = string
        self.timeout = timeout
        self.interrupt = interrupt
        warningLog = WarningLog()
        isUsable = true
    }

    private mutating func open() throws(PostgresError) {
        // SAFETY: the log is held by self and so outlives the connection.
        unsafe PQsetNoticeReceiver(
            handle.raw, receiveNotice, Unmanaged.passUnretained(warningLog).toOpaque())
        try connect(wait(nil))
        try execute(
            """
            SET statement_timeout = 0; SET lock_timeout = 0; SET TimeZone = 'UTC';
            SET client_encoding = 'UTF8'; SET idle_in_transaction_session_timeout = '10s'
            """)
        guard serverVersion >= 140_000 else { return }
        do {
            try execute("SET client_connection_check_interval = '2s'")
        } catch {
            // A server on another system may not know how.
            guard error.kind == .refused else { throw error }
        }
    }

    /// The server's version, such as 150018.
    public var serverVersion: Int {
        // SAFETY: a live connection.
        Int(unsafe PQserverVersion(handle.raw))
    }

    /// Warnings since the last time; look for `isAboutReplication` after a commit.
    public func takeWarnings() -> [PostgresWarning] {
        warningLog.take()
    }

    /// The deadline of a call that begins now; nil: the usual one.
    func wait(_ timeout: Duration?) -> PostgresWait {
        PostgresWait(timeout ?? self.timeout, interrupt)
    }

    /// Runs a call's body within its time, and notes when nothing is left of the connection.
    mutating func call<Result: ~Copyable>(
        _ timeout: Duration?,
        _ body: (inout PostgresConnection, PostgresWait) throws(PostgresError) -> Result
    ) throws(PostgresError) -> Result {
        guard isUsable else {
            throw PostgresError(.lost, "it failed before; this needs a new connection")
        }
        do {
            return try body(&self, wait(timeout))
        } catch {
            if !error.leavesConnection { isUsable = false }
            throw error
        }
    }

    /// There is no going on: the two sides don't agree on where they are.
    mutating func abandon() { isUsable = false }

    private func connect(_ wait: PostgresWait) throws(PostgresError) {
        let raw = unsafe handle.raw
        // SAFETY: a live connection in this function's calls; the socket may change between them.
        guard unsafe PQstatus(raw) != CONNECTION_BAD else { throw unreachable() }
        var wanted = PostgresWait.Readiness.writable
        while true {
            do { _ = try wait.until(wanted, unsafe PQsocket(raw)) } catch {
                guard error.kind == .timedOut else { throw error }
                throw PostgresError(.unreachable, "no answer in time")
            }
            switch unsafe PQconnectPoll(raw) {
            case PGRES_POLLING_OK:
                guard unsafe PQsetnonblocking(raw, 1) == 0 else { throw unreachable() }
                return
            case PGRES_POLLING_READING: wanted = .readable
            case PGRES_POLLING_WRITING: wanted = .writable
            default: throw unreachable()
            }
        }
    }

    private func unreachable() -> PostgresError {
        PostgresError(.unreachable, connectionMessage)
    }

    /// What libpq says last, in one line and without the password.
    var connectionMessage: String {
        // SAFETY: libpq's text, copied at once.
        guard let text = unsafe PQerrorMessage(handle.raw) else { return "no reason given" }
        let lines = unsafe String(cString: text).split { $0.isNewline }
        return string.redacted(lines.joined(separator: "; "))
    }
}

/// libpq's callback for what comes besides results.
private func receiveNotice(_ context: UnsafeMutableRawPointer?, _ notice: OpaquePointer?) {
    guard let context = unsafe context, let notice = unsafe notice else { return }
    // SAFETY: the context is the connection's WarningLog, which it holds; the notice is lent.
    let field = unsafe PostgresResult.text(notice, STOCKADE_PG_SQLSTATE) ?? ""
    // Class 00 is chatter.
    guard field.hasPrefix("01") else { return }
    let message = unsafe PostgresResult.text(notice, STOCKADE_PG_MESSAGE) ?? ""
    unsafe Unmanaged<WarningLog>.fromOpaque(context).takeUnretainedValue().add(
        PostgresWarning(
            sqlState: field, message: String(message.prefix(PostgresLimits.messageLengthMax))))
}
