// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the kernel says of this process.
struct ProcessFigures {
    var cpuSeconds = 0.0
    var residentBytes = 0
    var virtualBytes = 0
    var openFiles = 0
    var openFilesMax = 0
    var threads = 0
    var startSeconds = 0.0

    static func now() -> ProcessFigures {
        var figures = ProcessFigures()
        figures.readStat()
        figures.openFiles = countFiles()
        let limits = TextFile.read("/proc/self/limits")?.split(separator: "\n") ?? []
        if let line = limits.first(where: { $0.hasPrefix("Max open files") }) {
            figures.openFilesMax =
                line.split(separator: " ").dropFirst(3).first.flatMap {
                    Int($0)
                } ?? 0
        }
        return figures
    }

    /// Fields behind the name in brackets, which may itself have spaces: proc(5).
    private mutating func readStat() {
        guard let stat = TextFile.read("/proc/self/stat"), let end = stat.lastIndex(of: ")")
        else { return }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 21 else { return }
        threads = Int(fields[17]) ?? 0
        virtualBytes = Int(fields[20]) ?? 0
        residentBytes = (Int(fields[21]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        let cpuTicks = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
        cpuSeconds = cpuTicks / perSecond
        let ticks = Double(fields[19]) ?? 0
        let booted = TextFile.read("/proc/stat").flatMap { text in
            text.split(separator: "\n").first { $0.hasPrefix("btime ") }
                .flatMap { Double($0.dropFirst(6)) }
        }
        startSeconds = (booted ?? 0) + ticks / perSecond
    }

    private static func countFiles() -> Int {
        guard let names = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(names) }
        var count = 0
        while unsafe readdir(names) != nil { count += 1 }
        // Two dots, and the folder itself.
        return max(count - 3, 0)
    }
}

/// Small files of /proc.
enum TextFile {
    private static let byteCountMax = 64 * 1024

    static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
            // SAFETY: the kernel writes at most the buffer's length.
            count = unsafe max(Glibc.read(descriptor, buffer.baseAddress, buffer.count), 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
