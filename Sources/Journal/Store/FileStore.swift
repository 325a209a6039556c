// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import Primitives
internal import Synchronization

/// Segments in a directory of a file system.
public final class FileStore: BlockStore {
    /// What may be done.
    public enum Access: Sendable {
        /// Nothing is ever written.
        case readOnly
        /// The journal's own server.
        case readWrite
    }

    private let directory: Int32
    private let path: String
    private let access: Access
    /// Open files. A handful: the active segment, the ready ones, a draft.
    private let descriptors = Mutex<[SegmentFile: Int32]>([:])

    /// Opens a directory that exists.
    ///
    /// - Throws: `StoreError` with `.open`.
    public init(directory path: String, access: Access) throws(StoreError) {
        let descriptor = unsafe stockade_open_directory(path)
        guard descriptor >= 0
        else { throw StoreError(.open, path, errorNumber: stockade_errno()) }
        directory = descriptor
        self.path = path
        self.access = access
    }

    deinit {
        descriptors.withLock { for descriptor in $0.values { stockade_close(descriptor) } }
        stockade_close(directory)
    }

    // MARK: - Names

    /// The segments by their names; files that aren't the journal's are passed over.
    public func segments() throws(StoreError) -> [SegmentListing] {
        var listings: [SegmentListing] = []
        for file in try files() {
            guard case .segment(let number) = file else { continue }
            let length = stockade_file_length(try descriptor(of: file))
            guard length >= 0 else { throw error(.measure, file) }
            listings.append(SegmentListing(number: number, byteCount: Int(length)))
        }
        return listings.sorted { $0.number < $1.number }
    }

    private func files() throws(StoreError) -> [SegmentFile] {
        guard let names = unsafe stockade_open_names(directory)
        else { throw StoreError(.list, path, errorNumber: stockade_errno()) }
        defer { unsafe stockade_close_names(names) }
        var files: [SegmentFile] = []
        var name = [CChar](repeating: 0, count: 256)
        while true {
            // SAFETY: the stream is open until the end of this function; the name's room is told.
            let status = unsafe stockade_next_name(names, &name, name.count)
            if status == 0 { return files }
            guard status > 0
            else { throw StoreError(.list, path, errorNumber: stockade_errno()) }
            let text = String(
                decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard let file = SegmentFile(name: text) else { continue }
            files.append(file)
            guard files.count <= JournalLimits.segmentsMax
            else { throw StoreError(.list, path, errorNumber: E2BIG) }
        }
    }

    /// Makes an empty draft.
    public func createDraft(_ number: UInt64) throws(StoreError) {
        let file = SegmentFile.draft(number)
        close(file)
        let descriptor = unsafe stockade_create(directory, file.name)
        guard descriptor >= 0 else { throw error(.create, file) }
        descriptors.withLock { $0[file] = descriptor }
    }

    /// Renames a draft.
    public func publishDraft(_ number: UInt64) throws(StoreError) {
        let draft = SegmentFile.draft(number)
        let segment = SegmentFile.segment(number)
        guard unsafe stockade_rename(directory, draft.name, segment.name) == 0
        else { throw error(.rename, draft) }
        descriptors.withLock { $0[segment] = $0.removeValue(forKey: draft) }
    }

    /// Removes a draft.
    public func discardDraft(_ number: UInt64) throws(StoreError) {
        let file = SegmentFile.draft(number)
        close(file)
        guard unsafe stockade_unlink(directory, file.name) == 0 || stockade_errno() == ENOENT
        else { throw error(.remove, file) }
    }

    /// Removes all drafts.
    public func discardDrafts() throws(StoreError) {
        for file in try files() {
            if case .draft(let number) = file { try discardDraft(number) }
        }
    }

    /// One fsync of the directory.
    public func flushDirectory() throws(StoreError) {
        guard stockade_flush_all(directory) == 0
        else { throw StoreError(.flushDirectory, path, errorNumber: stockade_errno()) }
    }

    /// What the file system says.
    public func freeByteCount() throws(StoreError) -> Int {
        let free = stockade_free_bytes(directory)
        guard free >= 0 else { throw StoreError(.measure, path, errorNumber: stockade_errno()) }
        return Int(free)
    }

    // MARK: - Bytes

    /// One pread, more if the system gives less than there is.
    public func read(
        _ number: UInt64, at offset: Int, into buffer: borrowing PageBuffer, range: Range<Int>
    ) throws(StoreError) -> Int {
        let file = SegmentFile.segment(number)
        let descriptor = try descriptor(of: file)
        var done = 0
        while done < range.count {
            let rest = range.lowerBound + done..<range.upperBound
            // SAFETY: the buffer lends as many bytes as are asked for.
            let count = unsafe buffer.withAddress(rest) { address in
                unsafe stockade_read_at(descriptor, address, rest.count, Int64(offset + done))
            }
            if count == 0 { break }
            if count < 0 {
                if stockade_errno() == EINTR { continue }
                throw error(.read, file)
            }
            done += count
        }
        return done
    }

    /// One pwrite, more if the system takes less than all.
    public func write(
        _ bytes: Span<UInt8>, to file: SegmentFile, at offset: Int
    ) throws(StoreError) {
        let descriptor = try descriptor(of: file)
        var done = 0
        while done < bytes.count {
            // SAFETY: the span lends so many bytes for the call.
            let count = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe stockade_write_at(
                    descriptor, buffer.baseAddress! + done, buffer.count - done,
                    Int64(offset + done))
            }
            if count < 0 {
                if stockade_errno() == EINTR { continue }
                throw error(.write, file)
            }
            done += count
        }
    }

    /// One fdatasync. Never asked a second time after an error.
    public func flush(_ file: SegmentFile) throws(StoreError) {
        guard stockade_flush_data(try descriptor(of: file)) == 0 else { throw error(.flush, file) }
    }

    // MARK: - Descriptors

    /// Files that a read-only store keeps open; it has one thread.
    private static let readerDescriptorsMax = 4

    private func descriptor(of file: SegmentFile) throws(StoreError) -> Int32 {
        if let open = descriptors.withLock({ $0[file] }) { return open }
        let opened =
            access == .readWrite
            ? unsafe stockade_open_for_writing(directory, file.name)
            : unsafe stockade_open_for_reading(directory, file.name)
        guard opened >= 0 else { throw error(.open, file) }
        descriptors.withLock { open in
            // A reader goes from one segment to the next and has no use for those behind it; the
            // process's descriptors are the connections' too.
            if access == .readOnly, open.count >= FileStore.readerDescriptorsMax {
                for old in open.values { stockade_close(old) }
                open.removeAll()
            }
            open[file] = opened
        }
        return opened
    }

    private func close(_ file: SegmentFile) {
        if let open = descriptors.withLock({ $0.removeValue(forKey: file) }) {
            stockade_close(open)
        }
    }

    private func error(_ operation: StoreError.Operation, _ file: SegmentFile) -> StoreError {
        StoreError(operation, "\(path)/\(file.name)", errorNumber: stockade_errno())
    }
}
