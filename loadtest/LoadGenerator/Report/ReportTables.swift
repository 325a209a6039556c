// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// The tables of a report.
extension RunRecord {
    private static let quantiles = [50, 90, 99, 99.9, 99.99, 100]
    private static let quantileNames = ["p50", "p90", "p99", "p99.9", "p99.99", "max"]
    private static let shortNote =
        "<p class=\"note\">n/a: fewer than ten calls lie beyond that percentile.</p>\n"

    private static func cells(_ latency: Latency) -> [HTMLTable.Cell] {
        quantiles.map { .figure(Quantile.text(latency, $0)) }
    }

    private static func isShort(_ latencies: [Latency]) -> Bool {
        latencies.contains { latency in
            quantiles.contains { Quantile.value(latency, $0) == nil }
        }
    }

    var callTables: String {
        var counts = HTMLTable(
            "Calls of the whole run, warm-up included",
            [
                "Call", "Calls", "OK", "Refused", "Failed", "Retried", "Replays",
                "Refused or failed because",
            ])
        var times = HTMLTable(
            "Response of the measured stages, from when a call was due",
            ["Call", "Samples"] + Self.quantileNames)
        for call in calls {
            let reasons = call.reasons.prefix(8).map {
                "\(EscapedText.plain($0.name, limit: 60)) \(FigureText.grouped($0.count))"
            }
            counts.add(
                call.kind.name,
                [
                    call.count, call.ok, call.refused, call.failed, call.retried, call.replays,
                ].map { .figure(FigureText.grouped($0)) } + [
                    .text(
                        reasons.joined(separator: ", ") + (call.reasons.count > 8 ? ", …" : ""))
                ])
            times.add(
                call.kind.name,
                [.figure(FigureText.grouped(call.response.totalCount))]
                    + Self.cells(call.response))
        }
        let words =
            "Journeys: \(FigureText.grouped(journeys.offered)) offered, "
            + "\(FigureText.grouped(journeys.begun)) begun, "
            + "\(FigureText.grouped(journeys.completed)) completed, "
            + "\(FigureText.grouped(journeys.refused)) ended by a refusal, "
            + "\(FigureText.grouped(journeys.failed)) by a call without an answer, "
            + "\(FigureText.grouped(journeys.shed)) shed."
        return counts.html + "<p>\(words)</p>\n" + statusTable + times.html
            + (Self.isShort(calls.map(\.response)) ? Self.shortNote : "")
    }

    private var statusTable: String {
        var table = HTMLTable("Final answers by gRPC status", ["Status", "Calls", "Share"])
        let sums = statuses
        let all = sums.reduce(0, +)
        for (name, count) in zip(ReportNames.statuses, sums) where count > 0 {
            table.add(
                name,
                [.figure(FigureText.grouped(count)), .figure(FigureText.percent(count, of: all))])
        }
        return all == 0 ? "" : table.html
    }

    var splitTable: String {
        let parts = [
            ("Generator's lag", "due to handed over: ours", lag),
            ("Wait", "handed over to written: room for streams, flow control, the socket", wait),
            ("Service", "written to answered: the network and the server", service),
            ("Response", "due to answered: what a caller feels", response),
        ]
        var table = HTMLTable(
            "Four stamps of every call: due, handed over, written, answered",
            ["Part", "From and to"] + Self.quantileNames)
        for (name, words, latency) in parts {
            table.add(name, [.text(words)] + Self.cells(latency))
        }
        return table.html
            + "<p class=\"note\">Percentiles don't add up: the slowest calls of each part are "
            + "different ones.</p>\n" + (Self.isShort(parts.map(\.2)) ? Self.shortNote : "")
    }

    var stageTables: String {
        var stageTable = HTMLTable(
            "Stages, with the response of the calls that were due in them",
            ["Stage", "Begin", "Lasts", "Journeys offered", "Begun"] + Self.quantileNames)
        for stage in stages {
            stageTable.add(
                stage.isMeasured ? stage.name : "\(stage.name) (not measured)",
                [
                    .figure(FigureText.seconds(stage.begin)),
                    .figure(FigureText.seconds(stage.seconds)),
                    .figure(FigureText.grouped(stage.offered)),
                    .figure(FigureText.grouped(stage.begun)),
                ] + Self.cells(stage.response))
        }
        var stockTable = HTMLTable(
            "Flash SKUs when the stages ended, as the server said last",
            ["SKU", "Units", "Left", "Held", "Sold", "Nothing left after"])
        for stock in burnDown {
            let last = stock.points.last
            func figure(_ value: Int64?) -> HTMLTable.Cell {
                .figure(value.map { FigureText.grouped($0) } ?? "–")
            }
            stockTable.add(
                stock.sku,
                [
                    figure(stock.units), figure(last?.available), figure(last?.held),
                    figure(last?.allocated),
                    .figure(stock.soldOutSeconds.map { FigureText.seconds($0) } ?? "–"),
                ])
        }
        var eventTable = HTMLTable("What happened", ["After", "Event", "In words"])
        for event in events {
            eventTable.add(
                FigureText.seconds(event.seconds), [.text(event.kind), .text(event.text)])
        }
        return (stages.isEmpty ? "" : stageTable.html)
            + (Self.isShort(stages.map(\.response)) ? Self.shortNote : "")
            + (burnDown.isEmpty ? "" : stockTable.html) + (events.isEmpty ? "" : eventTable.html)
    }
}
