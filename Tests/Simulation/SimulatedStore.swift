// SPDX-License-Identifier: Apache-2.0

import Glibc
import Journal
import Primitives
import Synchronization

/// Segments on a disk that loses, tears, reorders and fails, all from one seed.
///
/// Nothing is durable before its flush: when the power fails any subset of the sectors that were
/// written since may be there, and any of the names that a file had since the directory was
/// flushed.
final class SimulatedStore: BlockStore {
    /// What goes wrong at a call.
    enum Trouble: Hashable {
        /// The machine stops in the middle of it; every later call fails too.
        case stop
        /// The disk answers with an error, having done any part of it.
        case failure
        /// There was no space after all, where the call takes some.
        case full
    }

    /// A stopped machine, and how it starts again.
    enum Stop: CaseIterable {
        /// Only the process ended: what was written is in the system's memory still.
        case killed
        /// What wasn't durable may be gone.
        case powerLost
    }

    private struct State {
        var files: [SimulatedFile] = []
        var chance: SeededGenerator
        var capacity: Int
        /// Calls that change something, so far.
        var calls = 0
        var reads = 0
        var trouble: (call: Int, kind: Trouble)?
        var failedRead: Int?
        var isStopped = false
        var lostNames = false
    }

    private let state: Mutex<State>

    init(seed: UInt64, capacity: Int) {
        state = Mutex(State(chance: SeededGenerator(seed: seed), capacity: capacity))
    }

    private init(_ copied: State) { state = Mutex(copied) }

    // MARK: - The test's side

    /// Calls that changed something, or tried to.
    var calls: Int { state.withLock { $0.calls } }

    /// Whether the machine stopped.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Whether the directory couldn't be flushed since the machine started. A file system whose own
    /// journal fails stops; until then nothing is known of its names.
    var lostNames: Bool { state.withLock { $0.lostNames } }

    /// Lets the `calls`-th call from now go wrong; nil: none.
    func plan(_ trouble: Trouble?, after calls: Int) {
        state.withLock { state in
            state.trouble = trouble.map { (state.calls + calls, $0) }
        }
    }

    /// Lets a read fail, the `reads`-th from now; nil: none.
    func planFailedRead(after reads: Int?) {
        state.withLock { state in state.failedRead = reads.map { state.reads + $0 } }
    }

    /// Somebody makes room on the disk.
    func grow(by byteCount: Int) { state.withLock { $0.capacity += byteCount } }

    /// The machine, or only the process, starts again.
    func restart(after stop: Stop) {
        state.withLock { state in
            state.isStopped = false
            state.trouble = nil
            state.failedRead = nil
            guard stop == .powerLost else { return }
            state.lostNames = false
            for index in state.files.indices { state.files[index].losePower(&state.chance) }
            state.files.removeAll { $0.name == nil }
            // Of two files with one name the later one has it.
            var seen: Set<SegmentFile> = []
            for index in state.files.indices.reversed() {
                guard let name = state.files[index].name, !seen.insert(name).inserted
                else { continue }
                state.files.remove(at: index)
            }
        }
    }

    /// A second disk with the same on it.
    func copy() -> SimulatedStore { SimulatedStore(state.withLock { $0 }) }

    /// Bytes that are on the disk.
    func bytes(of segment: UInt64, _ range: Range<Int>) -> [UInt8] {
        state.withLock { state in
            let file = state.files.first { $0.name == .segment(segment) }
            return file.map { Array($0.durable[range]) } ?? []
        }
    }

    /// Whether a read at `offset` would answer with `bytes`.
    func shows(_ bytes: Span<UInt8>, in file: SegmentFile, at offset: Int) -> Bool {
        let found = state.withLock { state in state.files.first { $0.name == file } }
        guard let found, offset + bytes.count <= found.visible.count else { return false }
        for index in 0..<bytes.count where found.visible[offset + index] != bytes[index] {
            return false
        }
        return true
    }

    /// Changes a segment behind the journal's back.
    func damage(_ segment: UInt64, _ body: (inout SimulatedFile) -> Void) {
        state.withLock { state in
            for index in state.files.indices where state.files[index].name == .segment(segment) {
                body(&state.files[index])
            }
        }
    }

    /// Loses a segment.
    func remove(_ segment: UInt64) {
        state.withLock { state in state.files.removeAll { $0.name == .segment(segment) } }
    }

    // MARK: - Troubles

    private static func error(
        _ operation: StoreError.Operation, _ number: Int32 = EIO
    ) -> StoreError { StoreError(operation, "a simulated file", errorNumber: number) }

    /// Counts a call; answers with what goes wrong in it.
    private static func begin(
        _ state: inout State, _ operation: StoreError.Operation
    ) throws(StoreError) -> Trouble? {
        if state.isStopped { throw error(operation) }
        state.calls += 1
        guard let trouble = state.trouble, state.calls >= trouble.call else { return nil }
        state.trouble = nil
        switch trouble.kind {
        case .stop: state.isStopped = true
        case .failure, .full: break
        }
        return trouble.kind
    }

    private static func place(
        of file: SegmentFile, in state: State, _ operation: StoreError.Operation
    ) throws(StoreError) -> Int {
        guard let place = state.files.lastIndex(where: { $0.name == file })
        else { throw error(operation, ENOENT) }
        return place
    }

    private func change<Result>(
        _ body: (inout State) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.withLock { (state) throws(StoreError) in try body(&state) }
    }

    // MARK: - Names

    func segments() throws(StoreError) -> [SegmentListing] {
        try change { (state) throws(StoreError) in
            if state.isStopped { throw SimulatedStore.error(.list) }
            var listings: [SegmentListing] = []
            for file in state.files {
                guard case .segment(let number) = file.name else { continue }
                listings.append(SegmentListing(number: number, byteCount: file.visible.count))
            }
            return listings.sorted { $0.number < $1.number }
        }
    }

    func createDraft(_ number: UInt64) throws(StoreError) {
        try change { (state) throws(StoreError) in
            let trouble = try SimulatedStore.begin(&state, .create)
            if trouble == .full { throw SimulatedStore.error(.create, ENOSPC) }
            if trouble == .failure { throw SimulatedStore.error(.create) }
            if let old = state.files.lastIndex(where: { $0.name == .draft(number) }) {
                state.files[old].rename(nil)
            }
            state.files.append(SimulatedFile(.draft(number)))
            if trouble != nil { throw SimulatedStore.error(.create) }
        }
    }

    func publishDraft(_ number: UInt64) throws(StoreError) {
        try rename(.draft(number), to: .segment(number), .rename)
    }

    func discardDraft(_ number: UInt64) throws(StoreError) {
        let isThere = state.withLock { state in
            state.files.contains { $0.name == .draft(number) }
        }
        if isThere { try rename(.draft(number), to: nil, .remove) }
    }

    private func rename(
        _ file: SegmentFile, to name: SegmentFile?, _ operation: StoreError.Operation
    ) throws(StoreError) {
        try change { (state) throws(StoreError) in
            let trouble = try SimulatedStore.begin(&state, operation)
            if trouble == .failure, state.chance.oneIn(2) {
                throw SimulatedStore.error(operation)
            }
            let place = try SimulatedStore.place(of: file, in: state, operation)
            state.files[place].rename(name)
            if trouble == .stop || trouble == .failure { throw SimulatedStore.error(operation) }
        }
    }

    func discardDrafts() throws(StoreError) {
        let drafts = state.withLock { state in
            state.files.compactMap { file in
                if case .draft(let number) = file.name { number } else { nil }
            }
        }
        for number in drafts { try discardDraft(number) }
    }

    func flushDirectory() throws(StoreError) {
        try change { (state) throws(StoreError) in
            let trouble = try SimulatedStore.begin(&state, .flushDirectory)
            switch trouble {
            case .stop: throw SimulatedStore.error(.flushDirectory)
            case .failure:
                state.lostNames = true
                for index in state.files.indices { state.files[index].failNameFlush() }
                throw SimulatedStore.error(.flushDirectory)
            case .full, nil:
                for index in state.files.indices { state.files[index].flushName() }
                state.files.removeAll { $0.name == nil && $0.isClean }
            }
        }
    }

    func freeByteCount() throws(StoreError) -> Int {
        state.withLock { max($0.capacity - SimulatedStore.used($0), 0) }
    }

    private static func used(_ state: State) -> Int {
        state.files.reduce(0) { $0 + ($1.name == nil ? 0 : $1.visible.count) }
    }

    // MARK: - Bytes

    func read(
        _ number: UInt64, at offset: Int, into buffer: borrowing PageBuffer, range: Range<Int>
    ) throws(StoreError) -> Int {
        let file = try change { (state) throws(StoreError) in
            state.reads += 1
            let fails = state.failedRead.map { state.reads >= $0 } ?? false
            if state.isStopped || fails { throw SimulatedStore.error(.read) }
            return state.files[try SimulatedStore.place(of: .segment(number), in: state, .read)]
        }
        let count = min(range.count, max(file.visible.count - offset, 0))
        if count > 0 {
            buffer.write(
                file.visible.span.extracting(offset..<offset + count), at: range.lowerBound)
        }
        return count
    }

    func write(_ bytes: Span<UInt8>, to file: SegmentFile, at offset: Int) throws(StoreError) {
        try change { (state) throws(StoreError) in
            let trouble = try SimulatedStore.begin(&state, .write)
            let place = try SimulatedStore.place(of: file, in: state, .write)
            let growth = offset + bytes.count - state.files[place].visible.count
            let isFull =
                growth > 0
                && (trouble == .full || SimulatedStore.used(state) + growth > state.capacity)
            // Short: any part of it, up to a sector's end.
            var count = bytes.count
            if isFull || trouble == .failure || trouble == .stop {
                count = state.chance.within(0...bytes.count / 512) * 512
            }
            state.files[place].write(bytes.extracting(0..<count), at: offset)
            if isFull { throw SimulatedStore.error(.write, ENOSPC) }
            if trouble == .failure || trouble == .stop { throw SimulatedStore.error(.write) }
        }
    }

    func flush(_ file: SegmentFile) throws(StoreError) {
        try change { (state) throws(StoreError) in
            let trouble = try SimulatedStore.begin(&state, .flush)
            let place = try SimulatedStore.place(of: file, in: state, .flush)
            switch trouble {
            case .stop: throw SimulatedStore.error(.flush)
            case .failure:
                state.files[place].failFlush(&state.chance)
                throw SimulatedStore.error(.flush)
            case .full, nil: state.files[place].flush()
            }
        }
    }
}
