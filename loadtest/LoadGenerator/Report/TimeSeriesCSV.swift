// SPDX-License-Identifier: Apache-2.0

extension RunRecord {
    /// `timeseries.csv`: a line per second of the run. A percentile of a second in which no call ended
    /// is empty.
    public func timeSeriesCSV() -> String {
        var header = [
            "second_s", "stage", "due_calls", "sent_calls", "ok_calls", "refused_calls",
            "failed_calls", "retried_attempts", "shed_journeys", "in_flight_calls", "p50_us",
            "p90_us", "p99_us", "p999_us", "max_us", "lag_p99_us",
        ]
        header += ReportNames.statuses.enumerated().map { number, name in
            number == 17 ? "status_none_calls" : "status_\(number)_\(name.lowercased())_calls"
        }
        var lines = [header.joined(separator: ",")]
        lines.reserveCapacity(slices.count + 1)
        for slice in slices {
            let ended = slice.ok + slice.refused + slice.failed
            func latency(_ value: UInt64) -> String { ended == 0 ? "" : String(value) }
            var fields = [
                String(slice.second), EscapedText.csv(stage(at: Double(slice.second))),
                String(slice.due), String(slice.sent), String(slice.ok), String(slice.refused),
                String(slice.failed), String(slice.retried), String(slice.shed),
                String(slice.inFlight), latency(slice.p50), latency(slice.p90),
                latency(slice.p99), latency(slice.p999), latency(slice.max), String(slice.lagP99),
            ]
            for number in ReportNames.statuses.indices {
                fields.append(
                    String(number < slice.statuses.count ? slice.statuses[number] : 0))
            }
            lines.append(fields.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
