// SPDX-License-Identifier: Apache-2.0

/// How far Postgres had come when it was held against the journal.
public struct PostgresRecord: Equatable, Sendable {
    /// The last record of which its tables know: up to it they were compared.
    public var mark: UInt64
    /// The journal's last record.
    public var end: UInt64
    /// Records that aren't in the tables yet.
    public var behind: UInt64
    /// What the check said, with how much it compared.
    public var words: String
    /// Records that were missing when the server had ended for the first time.
    public var behindAtServerEnd: UInt64
    /// Seconds that it was then given to catch up.
    public var catchUpSeconds: Double
    /// Whether stampede started it.
    public var isOwn: Bool

    init(
        _ reading: PostgresReading, behindAtServerEnd: UInt64, catchUpSeconds: Double, isOwn: Bool
    ) {
        mark = reading.mark
        end = reading.end
        behind = reading.behind
        words = reading.words
        self.behindAtServerEnd = behindAtServerEnd
        self.catchUpSeconds = catchUpSeconds
        self.isOwn = isOwn
    }

    /// What it means for the run. Being behind breaks no promise; but what is behind wasn't compared.
    var finding: Validity.Finding {
        func count(_ records: UInt64) -> String { FigureText.grouped(records) }
        var text = "up to record \(count(mark)) of \(count(end)), \(count(behind)) behind"
        if behind > 0 {
            text +=
                " after \(FigureText.seconds(catchUpSeconds)) of waiting: the rest wasn't compared"
        } else if behindAtServerEnd > 0 {
            text +=
                "; when the server ended it was \(count(behindAtServerEnd)) behind, and took "
                + "\(FigureText.seconds(catchUpSeconds)) with the server started again"
        }
        return Validity.Finding(
            name: "Postgres behind", verdict: behind > 0 ? .degraded : .valid, text: text)
    }

    /// What a report shows of it.
    var table: HTMLTable {
        func count(_ records: UInt64) -> String { FigureText.grouped(records) }
        var table = HTMLTable("Postgres behind the journal", ["What", "Value"], narrow: .stacks)
        table.add("Compared up to record", [.figure(count(mark))])
        table.add("The journal's last record", [.figure(count(end))])
        table.add("Records behind", [.figure(count(behind))])
        table.add("Behind when the server ended", [.figure(count(behindAtServerEnd))])
        table.add("Time to catch up then", [.figure(FigureText.seconds(catchUpSeconds))])
        table.add("The check's words", [.text(words)])
        table.add("Started by", [.text(isOwn ? "stampede" : "somebody else")])
        return table
    }
}
