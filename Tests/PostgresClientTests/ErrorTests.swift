// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import PostgresClient

@Suite struct ErrorTests {
    @Test(arguments: [
        "08006", "40001", "40P01", "53100", "53300", "57P01", "57P02", "57P03", "25006",
    ])
    func theSameMayWorkLater(sqlState: String) {
        #expect(PostgresError(.refused, sqlState: sqlState, "").isTransient)
        #expect(!PostgresError(.refused, sqlState: sqlState, "").isAboutRows)
    }

    @Test(arguments: ["22021", "22P02", "23505", "23514"])
    func theSameGivesTheSame(sqlState: String) {
        #expect(!PostgresError(.refused, sqlState: sqlState, "").isTransient)
        #expect(PostgresError(.refused, sqlState: sqlState, "").isAboutRows)
    }

    /// A table or a right that is missing is no row's fault (decision 0016): nothing may be buried
    /// for it.
    @Test(arguments: ["42P01", "42703", "42501", "42P07"])
    func aPersonMustSeeToIt(sqlState: String) {
        #expect(!PostgresError(.refused, sqlState: sqlState, "").isTransient)
        #expect(!PostgresError(.refused, sqlState: sqlState, "").isAboutRows)
    }

    @Test func whatIsLeftOfTheConnection() {
        #expect(PostgresError(.lost, "").isTransient)
        #expect(PostgresError(.timedOut, "").isTransient)
        #expect(!PostgresError(.interrupted, "").isTransient)
        #expect(!PostgresError(.timedOut, "").leavesConnection)
        #expect(PostgresError(.refused, sqlState: "WB001", "").leavesConnection)
        #expect(PostgresError(.refused, sqlState: "WB001", "").isFenced)
        #expect(!PostgresError(.lost, sqlState: "WB001", "").isFenced)
    }

    @Test(arguments: [
        "host=nowhere password=s3cret broken", "password='s3cret",
        "postgresql://u:s3cret@h:1:1/%zz",
        "s3cret=1",
    ])
    func aStringThatCannotBeReadIsNotRepeated(conninfo: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionString(conninfo) }
        #expect(error?.kind == .connectionString)
        #expect(error?.explanation.contains("s3cret") == false)
    }

    @Test(arguments: [
        "host=h password=s3cret", "host=h password='s3 cr\\'et'", "postgresql://u:s3%20cr%27et@h/d",
    ])
    func aPasswordIsTakenOut(conninfo: String) throws {
        let string = try ConnectionString(conninfo)
        let password = try #require(string.settings.last { $0.keyword == "password" }?.value)
        #expect(string.redacted("a \(password) b \(password)") == "a *** b ***")
        #expect(string.redacted("a b") == "a b")
    }

    @Test func nobodyListens() {
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresConnection("host=127.0.0.1 port=1 dbname=d user=u password=s3cret")
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.isTransient == true)
        #expect(error?.explanation.contains("s3cret") == false)
    }

    @Test func anInterruptEndsTheWait() {
        let interrupt = PostgresInterrupt()
        interrupt.raise()
        let error = #expect(throws: PostgresError.self) {
            _ = try PostgresConnection("host=127.0.0.1 port=1 user=u", interrupt: interrupt)
        }
        #expect(error?.kind == .interrupted || error?.kind == .unreachable)
    }
}
