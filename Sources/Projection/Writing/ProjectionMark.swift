// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import PostgresClient
internal import Primitives

/// The row of `state`: whose image the tables are, how far, and who may write.
struct ProjectionMark: Sendable, Equatable {
    /// There is one writer.
    static let group: Int16 = 0

    /// Of the journal.
    var journal: ClientID
    /// Which start of a writer may write.
    var epoch: UInt64
    /// Up to which all is there.
    var sequence: UInt64

    /// Reads it; nil: there is none yet.
    static func read(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> ProjectionMark? {
        let rows = try connection.query(
            "SELECT journal, epoch, applied_seq FROM stockade.state WHERE grp = $1",
            [.int2(group)])
        guard rows.count > 0 else { return nil }
        guard let journal = try rows.uuid(0, 0), let epoch = try rows.integer(0, 1),
            let sequence = try rows.integer(0, 2), epoch >= 0, sequence >= 0
        else { throw PostgresError(.unexpected, "the row of stockade.state has no sense") }
        return ProjectionMark(
            journal: journal, epoch: UInt64(epoch), sequence: UInt64(sequence))
    }

    /// Makes the row of tables that are empty.
    static func create(
        _ journal: ClientID, _ connection: inout PostgresConnection
    ) throws(PostgresError) {
        _ = try connection.query(
            """
            INSERT INTO stockade.state (grp, journal, epoch, applied_seq, applied_tick)
            VALUES ($1, $2, 0, 0, 0) ON CONFLICT DO NOTHING
            """, [.int2(group), .uuid(journal)])
    }

    /// Takes the tables over: an older writer's next transaction fails. One that is under way is waited
    /// for, so that what this answers with is what stays.
    ///
    /// - Returns: how far the tables are; nil: somebody else was quicker.
    func claim(
        _ newEpoch: UInt64, _ connection: inout PostgresConnection
    ) throws(PostgresError) -> UInt64? {
        let rows = try connection.query(
            """
            UPDATE stockade.state SET epoch = $1 WHERE grp = $2 AND journal = $3 AND epoch = $4
            RETURNING applied_seq
            """,
            [
                .int8(Int64(newEpoch)), .int2(ProjectionMark.group), .uuid(journal),
                .int8(Int64(epoch)),
            ])
        guard rows.count > 0, let sequence = try rows.integer(0, 0), sequence >= 0
        else { return nil }
        return UInt64(sequence)
    }

    /// What is wrong with these tables for a journal, or nil.
    ///
    /// - Parameters:
    ///   - journal: the journal's own name.
    ///   - durable: how far it is.
    ///   - known: how far these tables were seen before.
    /// - Returns: in words, with what to do.
    func objection(_ journal: ClientID, durable: UInt64, known: UInt64) -> String? {
        if self.journal != journal {
            return "these tables are the image of another journal, \(self.journal.text); this one "
                + "is \(journal.text). Name that journal's server another database, or give these "
                + "up and write them anew from this journal: `stockade resync`"
        }
        if sequence > durable {
            return "the tables are at record \(sequence), and the journal ends at \(durable): its "
                + "disk was lost or set back. Find the journal that these tables are the image of; "
                + "if there is none, `stockade resync` makes them this one's"
        }
        if sequence < known {
            return
                "the tables went back from record \(known) to \(sequence): a backup was restored "
                + "or another server took over. `stockade resync` writes them anew; when nothing "
                + "else in that database is missing, a restart of this server goes on from there"
        }
        return nil
    }
}

extension ClientID {
    /// `00112233-4455-6677-8899-aabbccddeeff`
    var text: String {
        var digits = ""
        for (index, word) in [high, low].enumerated() {
            for shift in stride(from: 56, through: 0, by: -8) {
                let byte = UInt8(truncatingIfNeeded: word >> UInt64(shift))
                digits += byte < 16 ? "0" : ""
                digits += String(byte, radix: 16)
                let isEdge = index == 0 ? [32, 16, 0].contains(shift) : shift == 48
                if isEdge { digits += "-" }
            }
        }
        return digits
    }
}
