// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Transport

/// The ledger's first line: which run it is of.
struct LedgerHead: Sendable {
    let options: BenchOptions
    /// The run's beginning by both clocks: the rows' times count from there.
    let startMonotonicNanoseconds: UInt64
    let startUnixMicroseconds: Int64

    /// Begins now.
    init(_ options: BenchOptions) {
        self.options = options
        startMonotonicNanoseconds = stockade_monotonic_nanoseconds()
        var now = timespec()
        // SAFETY: the kernel fills the struct that it is given.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        startUnixMicroseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
    }

    var line: String {
        var fields: [(String, String)] = [
            ("kind", "\"run\""),
            ("format", "\(LedgerFormat.version)"),
            ("stampede", "\"\(LoadGeneratorVersion.text)\""),
            ("run_id", "\"\(String(options.identity.runID, radix: 16))\""),
            ("seed", "\(options.identity.seed)"),
            ("target", "\"\(options.target)\""),
            ("brand", "\"\(options.identity.brand)\""),
            ("warehouse", "\"\(SkuCodes.warehouse)\""),
            ("skus", "\(options.skus)"),
            ("stock", "\(options.stock)"),
            ("connections", "\(options.connections)"),
            ("streams", "\(options.streams)"),
            ("threads", "\(options.threads)"),
        ]
        switch options.extent {
        case .requests(let count): fields.append(("requests", "\(count)"))
        case .seconds(let seconds, let warmUp):
            fields += [("seconds", "\(seconds)"), ("warm_up_seconds", "\(warmUp)")]
        }
        if let rate = options.rate { fields.append(("rate", "\(rate.perSecond)")) }
        fields.append(("retry", "\(options.retry != nil)"))
        if let retry = options.retry {
            fields += [
                ("timeout_us", "\(retry.attemptNanoseconds / 1_000)"),
                ("give_up_us", "\(retry.giveUpNanoseconds / 1_000)"),
            ]
        }
        fields.append(("started_unix_us", "\(startUnixMicroseconds)"))
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}\n"
    }
}
