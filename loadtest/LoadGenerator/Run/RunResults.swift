// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// Writes what a run found into its folder.
enum RunResults {
    /// Every file that is made of the record.
    static func write(_ record: RunRecord, to folder: String) throws(RunFailure) {
        try TextFile.write(record.summaryJSON(), to: folder + "/summary.json")
        try TextFile.write(record.timeSeriesCSV(), to: folder + "/timeseries.csv")
        try TextFile.write(record.reportHTML(), to: folder + "/report.html")
        try TextFile.write(record.verdictText(colour: false), to: folder + "/verdict.txt")
        var all = RunRecord.emptyLatency
        for call in record.calls {
            all.add(call.response)
            let name = call.kind.name.lowercased()
            try TextFile.write(
                record.percentileText(call.response), to: "\(folder)/\(name).response.hgrm")
            try TextFile.write(
                record.percentileText(call.service), to: "\(folder)/\(name).service.hgrm")
        }
        try TextFile.write(record.percentileText(all), to: folder + "/response.hgrm")
        try TextFile.write(record.percentileText(record.lag), to: folder + "/lag.hgrm")
    }
}
