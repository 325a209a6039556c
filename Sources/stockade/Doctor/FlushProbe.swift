// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How long a disk takes to keep 4 KiB: every answer waits for that.
enum FlushProbe {
    private static let writes = 200
    private static let byteCount = 4_096
    /// A slow disk isn't worth minutes.
    private static let patience = Swift.Duration.seconds(10)
    /// Above, a caller notices.
    private static let slow = Swift.Duration.milliseconds(10)

    /// Measures in a file of its own, which is gone afterwards.
    static func finding(in directory: String) -> Finding {
        let path = "\(directory)/.doctor-\(getpid())"
        // SAFETY: a text of ours for the call.
        let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return failure("make \(path)") }
        defer { close(file) }
        // Nobody else needs its name.
        // SAFETY: a text of ours for the call.
        _ = unsafe unlink(path)
        var times: [Swift.Duration] = []
        let clock = ContinuousClock()
        let began = clock.now
        // The journal's segments are written before, too: what is measured changes no length.
        for round in 0...1 {
            for index in 0..<writes where clock.now - began < patience {
                let start = clock.now
                guard write(to: file, at: index), round == 0 || fdatasync(file) == 0 else {
                    return failure("write to \(directory)")
                }
                if round == 1 { times.append(clock.now - start) }
            }
            guard fdatasync(file) == 0 else { return failure("flush a file in \(directory)") }
        }
        return judgement(times.sorted())
    }

    private static func write(to file: Int32, at index: Int) -> Bool {
        let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: byteCount)
        return unsafe bytes.withUnsafeBytes {
            // SAFETY: the kernel reads the array during the call.
            unsafe pwrite(file, $0.baseAddress, $0.count, off_t(index * byteCount)) == byteCount
        }
    }

    private static func judgement(_ times: [Swift.Duration]) -> Finding {
        guard !times.isEmpty else {
            return .warn("fdatasync", "the disk took too long to be measured", "another disk")
        }
        let half = times[(times.count - 1) / 2]
        let high = times[min(times.count - 1, (times.count * 99 + 99) / 100 - 1)]
        let text =
            "\(times.count) writes of 4 KiB: p50 \(words(half)), p99 \(words(high))"
        guard high <= slow else {
            return .warn(
                "fdatasync", text,
                "every answer waits for this: a faster disk, or one that nobody else writes to")
        }
        return .pass("fdatasync", text)
    }

    private static func words(_ time: Swift.Duration) -> String {
        let microseconds = Int(time / .microseconds(1))
        return microseconds < 10_000
            ? "\(microseconds) us" : "\(microseconds / 1_000) ms"
    }

    private static func failure(_ action: String) -> Finding {
        // SAFETY: strerror answers with a text of the C library's, copied at once.
        let reason = unsafe String(cString: strerror(errno))
        return .fail(
            "fdatasync", "couldn't \(action): \(reason)", "mend the disk, or another --data")
    }
}
