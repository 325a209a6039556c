// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Shows a run while it is under way, on standard error.
struct RunDisplay {
    private let display: RunOptions.Display
    private var view: LiveView?
    /// Events that have had their line.
    private var told = 0

    init(_ display: RunOptions.Display) {
        self.display = display
        if case .picture(let columns, let rows, let colour) = display {
            view = LiveView(columns: columns, rows: rows, colour: colour)
        }
    }

    /// Shows the newest second of a record.
    mutating func show(_ record: RunRecord, duration: Double) {
        guard let slice = record.slices.last else { return }
        let now = Double(slice.second + 1)
        switch display {
        case .quiet: return
        case .lines:
            let stage = record.stages.last { $0.begin <= Double(slice.second) }?.name ?? ""
            write(LiveView.line(slice, stage: stage, record: record) + "\n")
        case .picture:
            guard let text = view?.frame(record, now: now, duration: duration) else { return }
            write(text)
        }
    }

    /// Gives each event that is new its line; the picture has a place for them.
    mutating func tell(_ events: [RunEvent]) {
        defer { told = events.count }
        guard case .lines = display else { return }
        for event in events.dropFirst(told) { write(LiveView.line(event) + "\n") }
    }

    /// Leaves the picture as it stands.
    func end() {
        if case .picture = display { write("\n") }
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            // SAFETY: the kernel reads the string's bytes during the call.
            _ = unsafe Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
