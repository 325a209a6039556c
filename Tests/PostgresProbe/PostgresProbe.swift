// SPDX-License-Identifier: Apache-2.0

import Glibc
import PostgresClient
import Primitives

/// Small conversations with a real Postgres.
struct PostgresProbe {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let conninfo: String

    func run(_ test: String) throws {
        switch test {
        case "types": try types()
        case "copy": try copy()
        case "pipeline": try pipeline()
        case "deadline": try deadline()
        case "interrupt": try interrupt()
        case "held": try held()
        case "warning": try warning()
        default: throw Failure(description: "no test \(test)")
        }
    }

    private func require(_ isTrue: Bool, _ what: String, line: Int = #line) throws {
        guard isTrue else { throw Failure(description: "line \(line): \(what)") }
    }

    private func expect(
        _ kind: PostgresError.Kind, _ body: () throws(PostgresError) -> Void, line: Int = #line
    ) throws -> PostgresError {
        do { try body() } catch {
            try require(error.kind == kind, "\(error)", line: line)
            return error
        }
        throw Failure(description: "line \(line): nothing was thrown")
    }

    /// Every type as a value and in an array, there and back, and as Postgres shows it.
    private func types() throws {
        var connection = try PostgresConnection(conninfo)
        let id = ClientID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)
        let moment = WallTime(milliseconds: 1_795_752_613_123)
        let numbers: [UInt64] = [0, 1, 9_999, 10_000, 100_000_000, 123_456_789_012, .max]
        let rows = try connection.query(
            """
            SELECT $1::int2, $2::int4, $3::int8, $4::text, $5::bytea, $6::uuid, $7::timestamptz,
                $8::bool, $9::int8, $6::text, to_char($7, 'YYYY-MM-DD HH24:MI:SS.MS')
            """,
            [
                .int2(-2), .int4(.min), .int8(.max), .text("täglich"), .bytea([0, 1, 255].span),
                .uuid(id), .timestamptz(moment), .bool(true), .null(.int8),
            ])
        try require(try rows.integer(0, 0) == -2, "int2")
        try require(try rows.integer(0, 1) == Int64(Int32.min), "int4")
        try require(try rows.integer(0, 2) == .max, "int8")
        try require(try rows.text(0, 3) == "täglich", "text")
        try require(try rows.bytea(0, 4) == [0, 1, 255], "bytea")
        try require(try rows.uuid(0, 5) == id, "uuid")
        try require(try rows.timestamptz(0, 6) == moment, "timestamptz")
        try require(try rows.bool(0, 7) == true, "bool")
        try require(try rows.integer(0, 8) == nil && rows.isNull(0, 8), "null")
        try require(try rows.text(0, 9) == "01020304-0506-0708-090a-0b0c0d0e0f10", "uuid shown")
        try require(try rows.text(0, 10) == "2026-11-27 04:10:13.123", "time shown")
        _ = try expect(.unexpected) { () throws(PostgresError) in _ = try rows.integer(0, 3) }
        _ = try expect(.unexpected) { () throws(PostgresError) in _ = try rows.integer(1, 0) }
        _ = try expect(.unexpected) { () throws(PostgresError) in _ = try rows.integer(0, 99) }
        for number in numbers {
            let rows = try connection.query(
                "SELECT $1::numeric(20,0), $1::text, $2::text",
                [.numeric(number), .text("\(number)")])
            try require(try rows.numeric(0, 0) == number, "numeric \(number)")
            try require(try rows.text(0, 1) == "\(number)", "numeric \(number) shown")
        }
        try arrays(&connection, id, moment)
        print("types \(connection.serverVersion)")
    }

    private func arrays(
        _ connection: inout PostgresConnection, _ id: ClientID, _ moment: WallTime
    ) throws {
        var texts = ArrayWriter(of: .text)
        var longs = ArrayWriter(of: .int8)
        var ids = ArrayWriter(of: .uuid)
        var times = ArrayWriter(of: .timestamptz)
        var truths = ArrayWriter(of: .bool)
        var numbers = ArrayWriter(of: .numeric)
        var bytes = ArrayWriter(of: .bytea)
        for index in 0..<1_000 {
            texts.append(text: "t\(index)")
            if index % 2 == 0 { longs.append(int8: Int64(index)) } else { longs.appendNull() }
            ids.append(uuid: id)
            times.append(timestamptz: moment)
            truths.append(bool: index % 3 == 0)
            numbers.append(numeric: UInt64.max - UInt64(index))
            bytes.append(bytea: [UInt8(index % 256)].span)
        }
        try connection.prepare(
            "arrays",
            """
            SELECT count(*), count(l), sum(l)::int8, max(n), count(DISTINCT i), count(*) FILTER
                (WHERE b), min(t), count(DISTINCT x), min(m)
            FROM unnest($1::text[], $2::int8[], $3::uuid[], $4::timestamptz[], $5::bool[],
                $6::numeric[], $7::bytea[]) AS u(t, l, i, m, b, n, x)
            """)
        let counts = try connection.pipeline([
            .begin,
            .prepared(
                "arrays",
                [
                    .array(texts), .array(longs), .array(ids), .array(times), .array(truths),
                    .array(numbers), .array(bytes),
                ]), .commit,
        ])
        try require(counts.count == 3 && counts[1] == 1, "\(counts)")
        let rows = try connection.query(
            """
            SELECT count(*), sum(l)::int8, (SELECT max(n) FROM unnest($2::numeric[]) n)
            FROM unnest($1::int8[]) l WHERE l IS NOT NULL
            """, [.array(longs), .array(numbers)])
        try require(try rows.integer(0, 0) == 500, "half of them are null")
        try require(try rows.integer(0, 1) == 249_500, "their sum")
        try require(try rows.numeric(0, 2) == .max, "the largest")
        let none = ArrayWriter(of: .int8)
        let empty = try connection.query(
            "SELECT cardinality($1::int8[])", [.array(none)])
        try require(try empty.integer(0, 0) == 0, "an empty array")
    }

    /// Many rows in pieces, then rows that Postgres refuses, and on with the same connection.
    private func copy() throws {
        var connection = try PostgresConnection(conninfo)
        try connection.execute(
            """
            CREATE TEMPORARY TABLE t (a int8 PRIMARY KEY, b text, c uuid, d timestamptz, e bool,
                f numeric(20,0), g bytea)
            """)
        var writer = CopyWriter()
        func row(_ number: Int64) {
            writer.beginRow(fields: 7)
            writer.append(int8: number)
            writer.append(text: "row \(number)")
            writer.append(uuid: ClientID(high: 1, low: UInt64(number)))
            writer.append(timestamptz: WallTime(milliseconds: number))
            if number % 2 == 0 { writer.append(bool: true) } else { writer.appendNull() }
            writer.append(numeric: UInt64(number))
            writer.append(bytea: [1, 2].span)
        }
        for number in 0..<100_000 as Range<Int64> { row(number) }
        writer.finish()
        let sql = "COPY t FROM STDIN (FORMAT binary)"
        try require(try connection.copy(sql, writer) == 100_000, "rows that were written")
        let rows = try connection.query("SELECT count(*), sum(f)::int8, count(e) FROM t")
        try require(try rows.integer(0, 0) == 100_000, "rows that are there")
        try require(try rows.integer(0, 1) == 4_999_950_000, "their sum")
        try require(try rows.integer(0, 2) == 50_000, "those that aren't null")
        let twice = try expect(.refused) { () throws(PostgresError) in
            try connection.copy(sql, writer)
        }
        try require(twice.sqlState == "23505" && twice.isAboutRows, "\(twice)")
        let none = try expect(.refused) { () throws(PostgresError) in
            try connection.copy("COPY none FROM STDIN (FORMAT binary)", writer)
        }
        try require(none.sqlState == "42P01", "\(none)")
        let again = try connection.query("SELECT count(*) FROM t")
        try require(try again.integer(0, 0) == 100_000, "as before")
        _ = try expect(.unexpected) { () throws(PostgresError) in
            try connection.execute("COPY t TO STDOUT")
        }
        try require(!connection.isUsable, "nobody reads that")
        print("copied \(writer.byteCount)")
    }

    /// A failure in the middle undoes all of it, and the connection goes on.
    private func pipeline() throws {
        var connection = try PostgresConnection(conninfo)
        try connection.execute("CREATE TEMPORARY TABLE t (a int8 PRIMARY KEY, b text)")
        try connection.prepare("in", "INSERT INTO t SELECT a, $2::text FROM unnest($1::int8[]) a")
        var writer = ArrayWriter(of: .int8)
        for number in 0..<50_000 as Range<Int64> { writer.append(int8: number) }
        let large = String(repeating: "x", count: 50)
        let insert = PostgresStep.prepared("in", [.array(writer), .text(large)])
        try require(try connection.pipeline([.begin, insert, .commit])[1] == 50_000, "written")
        let error = try expect(.refused) { () throws(PostgresError) in
            try connection.pipeline([.begin, .run("DELETE FROM t"), insert, insert, .commit])
        }
        try require(error.sqlState == "23505", "\(error)")
        try connection.rollback()
        // Both sides have much to send: neither may wait for the other only.
        let echo = PostgresStep.run(
            "SELECT repeat('y', 1000000), $1",
            [
                .text(
                    String(repeating: "z", count: 1_000_000))
            ])
        let steps = Array(repeating: echo, count: 40)
        try require(try connection.pipeline(steps).count == 40, "forty answers")
        let rows = try connection.query("SELECT count(*) FROM t WHERE b = $1", [.text(large)])
        try require(try rows.integer(0, 0) == 50_000, "the failed one changed something")
        print("pipelined")
    }

    /// Nothing waits longer than it was told to, and nothing is left of the connection then.
    private func deadline() throws {
        var connection = try PostgresConnection(conninfo)
        let clock = ContinuousClock()
        let began = clock.now
        let error = try expect(.timedOut) { () throws(PostgresError) in
            _ = try connection.query("SELECT pg_sleep(20)", timeout: .milliseconds(300))
        }
        let took = clock.now - began
        try require(took < .milliseconds(900) && took >= .milliseconds(300), "took \(took)")
        try require(error.isTransient && !connection.isUsable, "\(error)")
        _ = try expect(.lost) { () throws(PostgresError) in try connection.execute("SELECT 1") }
        print("timed out")
    }

    /// Another thread ends a wait.
    private func interrupt() throws {
        let interrupt = PostgresInterrupt()
        var connection = try PostgresConnection(
            conninfo, timeout: .seconds(30), interrupt: interrupt)
        let clock = ContinuousClock()
        let task = Task.detached {
            try await Task.sleep(for: .milliseconds(300))
            interrupt.raise()
        }
        let began = clock.now
        _ = try expect(.interrupted) { () throws(PostgresError) in
            try connection.execute("SELECT pg_sleep(20)")
        }
        try require(clock.now - began < .milliseconds(900), "took \(clock.now - began)")
        task.cancel()
        print("interrupted")
    }

    /// Says that it is ready, and then what becomes of a COPY that never ends by itself: the test
    /// stops or kills the server meanwhile.
    private func held() throws {
        var connection = try PostgresConnection(conninfo, timeout: .seconds(3))
        try connection.execute("CREATE TEMPORARY TABLE t (a int8)")
        var writer = CopyWriter()
        for number in 0..<100_000 as Range<Int64> {
            writer.beginRow(fields: 1)
            writer.append(int8: number)
        }
        writer.finish()
        print("ready")
        // All streams; the test waits for the line.
        _ = fflush(nil)
        let clock = ContinuousClock()
        while true {
            let began = clock.now
            do {
                try connection.copy("COPY t FROM STDIN (FORMAT binary)", writer)
                try connection.execute("TRUNCATE t")
            } catch {
                let seconds = Int((clock.now - began) / .seconds(1))
                print("\(error.kind) \(error.isTransient) \(seconds) \(error.sqlState)")
                return
            }
        }
    }

    /// A warning comes through, chatter doesn't.
    private func warning() throws {
        var connection = try PostgresConnection(conninfo)
        try connection.execute(
            "DO $$ BEGIN RAISE NOTICE 'chatter'; RAISE WARNING 'not replicated'; END $$")
        let warnings = connection.takeWarnings()
        try require(
            warnings == [PostgresWarning(sqlState: "01000", message: "not replicated")]
                && warnings[0].isAboutReplication, "\(warnings)")
        try require(connection.takeWarnings() == [], "taken once")
        print("warned")
    }
}
