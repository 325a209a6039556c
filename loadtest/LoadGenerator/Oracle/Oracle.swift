// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Primitives
internal import StockadeAPI

/// Was the sale right? Joins what the buyers know with what is on the server's disk.
public enum Oracle {
    /// Judges a run.
    ///
    /// Memory: a constant, and 40 bytes for each SKU. Blocks; takes about a second for each 300,000
    /// rows.
    ///
    /// - Throws: `OracleFault` when a file can't be judged.
    public static func verify(_ input: OracleInput) throws(OracleFault) -> SaleFindings {
        // SAFETY: the path is a C string during the call.
        if unsafe mkdir(input.workFolder, 0o755) != 0, errno != EEXIST {
            throw OracleFault("can't make \(input.workFolder): \(systemText(errno))")
        }
        var verification = Verification(input)
        return try verification.run()
    }
}

/// One verification on its way.
private struct Verification {
    private let input: OracleInput
    private var calls: RowSorter<CallRow>
    private var things: RowSorter<DumpRow>
    private var stock: StockJudge
    private var timeline: SaleTimeline
    private var journal: DumpJournal?
    private var isComplete = true
    private var rowCount = 0
    /// When the last answer came, nanoseconds since the start.
    private var lastAnswer: UInt64 = 0

    init(_ input: OracleInput) {
        self.input = input
        calls = RowSorter(
            folder: input.workFolder, name: "calls", memoryBytes: input.sortMemoryBytes)
        things = RowSorter(
            folder: input.workFolder, name: "dump", memoryBytes: input.sortMemoryBytes)
        stock = StockJudge(input)
        timeline = SaleTimeline(input)
    }

    mutating func run() throws(OracleFault) -> SaleFindings {
        try readLedger()
        if let path = input.dumpPath { try readDump(path) }
        var judge = CaseJudge(input, journal: journal, isComplete: isComplete)
        judge.log = stock.log
        try join(&judge)
        stock.log = judge.log
        if journal != nil { stock.finish() }
        judge.log = stock.log
        try timeline.judge(input, &judge.log)
        judgeJournal(&judge.log)
        let report = OracleReport(
            input: input, counts: judge.counts, stock: stock, timeline: timeline,
            hasDump: journal != nil, isComplete: isComplete, rowCount: rowCount)
        return SaleFindings(
            checks: report.results(judge.log),
            flashUnitsSold: journal == nil ? nil : stock.flashUnitsSold)
    }

    // MARK: - Reading

    private mutating func readLedger() throws(OracleFault) {
        var reader = try CallLedgerReader(input.ledgerPath)
        let head = reader.head
        guard head.runID == input.identity.runID, head.seed == input.identity.seed,
            head.brand == input.brand
        else {
            throw OracleFault(
                "\(input.ledgerPath): of another run: \(String(head.runID, radix: 16)), seed "
                    + "\(head.seed), brand \(head.brand)")
        }
        isComplete = reader.isComplete
        rowCount = reader.rowCount
        while let row = try reader.next() {
            // It has no effect.
            if row.kind == CallKind.getStock.rawValue { continue }
            guard row.sku < UInt32(clamping: input.skus) else {
                throw OracleFault("\(input.ledgerPath): a row of SKU \(row.sku), which isn't there")
            }
            lastAnswer = max(lastAnswer, row.answered)
            try calls.add(row)
        }
    }

    private mutating func readDump(_ path: String) throws(OracleFault) {
        var reader = try DumpReader(path, brand: input.brand, skus: input.skus)
        var hasAll = false
        while let line = try reader.next() {
            switch line {
            case .journal(let found): journal = found
            case .account(let account): stock.add(account, line: reader.number)
            case .hold(let hold):
                if hold.isForgotten != nil { hasAll = true }
                stock.add(hold)
                var row = DumpRow(id: hold.id, record: reader.number, kind: DumpRow.hold)
                row.order = hold.order ?? row.order
                row.deadlineTick = hold.deadlineTick
                row.endedTick = hold.endedTick ?? .max
                row.state = hold.state.rawValue
                try add(row, hold.legs)
            case .order(let order):
                if order.isForgotten != nil { hasAll = true }
                stock.add(order)
                var row = DumpRow(
                    id: order.reservation ?? order.id, record: reader.number,
                    kind: DumpRow.order)
                row.order = order.id
                row.state = order.isCancelled ? 1 : 0
                try add(row, order.legs)
            case .outcome: break
            }
        }
        let milliseconds = lastAnswer / 1_000_000
        if let journal, !hasAll, milliseconds >= journal.retentionMilliseconds {
            throw OracleFault(
                "\(path): it leaves out what ended \(journal.retentionMilliseconds) ms ago, the run "
                    + "took \(milliseconds) ms: dump it with --all")
        }
    }

    private mutating func add(_ row: DumpRow, _ legs: [DumpLeg]) throws(OracleFault) {
        if legs.isEmpty { try things.add(row) }
        var row = row
        for leg in legs {
            row.line = leg.line
            row.sku = leg.sku
            row.units = leg.units
            row.cancelled = leg.cancelled
            try things.add(row)
        }
    }

    // MARK: - Joining

    private mutating func join(_ judge: inout CaseJudge) throws(OracleFault) {
        var callRows = try calls.finish()
        var dumpRows = try things.finish()
        var call = try callRows.next()
        var thing = try dumpRows.next()
        var item = ReservationCase()
        while true {
            let id: ClientID
            switch (call?.id, thing?.id) {
            case (let left?, let right?): id = right.precedes(left) ? right : left
            case (let left?, nil): id = left
            case (nil, let right?): id = right
            case (nil, nil): return
            }
            item.begin(id)
            while let row = call, row.id == id {
                item.add(row)
                call = try callRows.next()
                try check(item)
            }
            while let row = thing, row.id == id {
                item.add(row)
                thing = try dumpRows.next()
                try check(item)
            }
            judge.judge(item)
            try timeline.add(item)
        }
    }

    private func check(_ item: ReservationCase) throws(OracleFault) {
        guard item.rows.count + item.dumpRows.count <= ReservationCase.rowsMax else {
            throw OracleFault(
                "reservation \(OracleText.id(item.id)) has more than "
                    + "\(ReservationCase.rowsMax) rows")
        }
    }

    /// What `stockade check` itself found.
    private func judgeJournal(_ log: inout CheckLog) {
        switch input.journalCheckExit {
        case 1:
            let lines = input.journalCheckText.split(separator: "\n")
            let isOfPostgres = { (line: Substring) in line.hasPrefix("violation postgres") }
            let violations = lines.filter { $0.hasPrefix("violation ") }
            for line in violations {
                log.fail(isOfPostgres(line) ? .postgres : .oversold, "stockade check: \(line)")
            }
            if violations.isEmpty { log.fail(.oversold, "stockade check found violations") }
        case 3:
            log.fail(.lost, "stockade check: the journal is damaged: \(input.journalCheckText)")
        default:
            guard let journal, journal.violations > 0 else { return }
            log.fail(
                .oversold, count: Int64(clamping: journal.violations),
                "the dump was made in spite of \(journal.violations) violations")
        }
    }
}
