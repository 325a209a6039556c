// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Primitives
internal import Synchronization
internal import Transport

/// Writes a run's ledger on a thread of its own: the threads of the load hand over pages of rows, and
/// take empty ones back. The pages are all the memory there is, at any length of the run.
final class LedgerWriter<Format: LedgerFormatting>: Sendable {
    typealias Row = Format.Row

    private struct State {
        var full: [[Row]] = []
        var empty: [[Row]] = []
        var isEnding = false
        /// The error number of the write that failed first.
        var errorNumber: Int32 = 0
        var counts = LedgerCounts()
    }

    private let state: Mutex<State>
    private let file: Int32
    /// A byte per page that was handed over: the writer sleeps in `read`.
    private let bell: (reading: Int32, ringing: Int32)
    private let format: Format

    /// Makes the file, or empties it, and writes the head. `threads` will each hold a page.
    init(_ path: String, _ format: Format, threads: Int) throws(LedgerFault) {
        self.format = format
        var state = State()
        for _ in 0..<LedgerPaging.sparePages + threads {
            var page: [Row] = []
            page.reserveCapacity(LedgerPaging.rowsPerPage)
            state.empty.append(page)
        }
        self.state = Mutex(state)
        // SAFETY: the path is a C string during the call.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LedgerFault(explanation: "can't write \(path): \(systemText(errno))")
        }
        var ends: [Int32] = [-1, -1]
        // SAFETY: pipe fills the two numbers that it is given.
        guard unsafe pipe(&ends) == 0 else {
            let code = errno
            close(descriptor)
            throw LedgerFault(explanation: "can't make a pipe: \(systemText(code))")
        }
        file = descriptor
        bell = (ends[0], ends[1])
        var line = ByteWriter(capacity: 4_096)
        format.appendHead(to: &line)
        flush(&line)
    }

    deinit {
        close(file)
        close(bell.reading)
        close(bell.ringing)
    }

    /// An empty page; waits while all of them are to be written, which bounds the memory and slows
    /// the load down to what the disk takes.
    func takePage() -> [Row] {
        while true {
            if let page = state.withLock({ $0.empty.popLast() }) { return page }
            usleep(1_000)
        }
    }

    /// Hands a page over.
    func hand(over page: [Row]) {
        state.withLock { $0.full.append(page) }
        ring()
    }

    /// Writes what is handed over until `finish`; the body of the writer's thread.
    func run() {
        var text = ByteWriter(capacity: LedgerPaging.rowsPerPage * Format.rowBytesMax)
        var rung: UInt8 = 0
        while true {
            // SAFETY: one byte into one byte.
            let count = unsafe read(bell.reading, &rung, 1)
            if count < 0, errno != EINTR { return }
            while var page = nextPage() {
                var counts = LedgerCounts()
                for row in page {
                    format.append(row, to: &text)
                    format.count(row, in: &counts)
                }
                flush(&text)
                page.removeAll(keepingCapacity: true)
                state.withLock {
                    $0.counts.add(counts)
                    $0.empty.append(page)
                }
            }
            if state.withLock({ $0.isEnding && $0.full.isEmpty }) { return }
        }
    }

    /// Lets the thread end after the last page.
    func finish() {
        state.withLock { $0.isEnding = true }
        ring()
    }

    /// Writes the last line, after the writer's thread has ended. Returns why the ledger isn't whole,
    /// if it isn't.
    func end(isComplete: Bool) -> String? {
        var line = ByteWriter(capacity: 512)
        format.appendEnd(
            state.withLock { $0.counts }, isComplete: isComplete, to: &line)
        flush(&line)
        return fault
    }

    /// Why the file isn't whole: the write that failed first; nil while all is well.
    var fault: String? {
        let code = state.withLock { $0.errorNumber }
        return code == 0 ? nil : "the ledger isn't whole: \(systemText(code))"
    }

    private func ring() {
        var byte: UInt8 = 1
        // SAFETY: one byte is read. A full pipe wakes the writer as well.
        _ = unsafe write(bell.ringing, &byte, 1)
    }

    private func nextPage() -> [Row]? {
        state.withLock { $0.full.isEmpty ? nil : $0.full.removeFirst() }
    }

    /// Writes the text out and empties it. After a failure nothing more is written: a ledger ends at
    /// a fault and has no holes.
    private func flush(_ text: inout ByteWriter) {
        defer { text.removeAll() }
        guard state.withLock({ $0.errorNumber == 0 }) else { return }
        let code: Int32 = text.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { buffer in
                var sent = 0
                while sent < buffer.count {
                    // SAFETY: sent < count, so the address and the rest lie within the buffer.
                    let count = unsafe write(
                        file, buffer.baseAddress! + sent, buffer.count - sent)
                    if count > 0 {
                        sent += count
                    } else if errno != EINTR {
                        return errno
                    }
                }
                return 0
            }
        }
        if code != 0 { state.withLock { $0.errorNumber = code } }
    }
}
