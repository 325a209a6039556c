// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// The calls of one loop, in chunks that are allocated as they are first needed and never move.
///
/// A freed slot is the next to be taken: its memory is still in the cache.
@safe struct CallSlab: ~Copyable {
    private static let slotsPerChunk = 256
    private static let bytesPerSlot =
        (MemoryLayout<CallState>.stride + Limits.inlineMessageBytes + 63) & ~63

    private let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var chunkCount = 0
    private var free: FixedList<UInt32>
    /// Calls that may be open at once.
    let capacity: Int
    /// Calls that are open.
    private(set) var openCount = 0
    /// A timer per slot.
    var dueTimes: DueTimes

    init(capacity: Int) {
        let chunksMax = (capacity + Self.slotsPerChunk - 1) / Self.slotsPerChunk
        self.capacity = chunksMax * Self.slotsPerChunk
        unsafe chunks = .allocate(capacity: chunksMax)
        free = FixedList(capacity: self.capacity)
        dueTimes = DueTimes(capacity: self.capacity)
    }

    deinit {
        for index in 0..<chunkCount {
            for offset in 0..<Self.slotsPerChunk {
                slot(index * Self.slotsPerChunk + offset).value.buffer.reset()
            }
            // SAFETY: allocated by addChunk, freed once.
            unsafe chunks[index].deallocate()
        }
        unsafe chunks.deallocate()
    }

    /// Takes a slot for a call on `session`; nil when all are taken.
    mutating func open(
        on session: Handle<SessionState>, phase: CallPhase
    ) -> Handle<CallState>? {
        if free.isEmpty, !addChunk() { return nil }
        let index = free[free.count - 1]
        free.truncate(to: free.count - 1)
        openCount += 1
        let call = slot(Int(index))
        call.value.phase = phase
        call.value.session = session
        call.value.head.connection = session.value.id
        return call
    }

    /// Gives a slot back. Its id finds nothing from now on.
    mutating func close(_ call: Handle<CallState>) {
        precondition(call.value.phase != .free, "a call is closed once")
        let id = call.value.head.id
        call.value.buffer.reset()
        call.value.phase = .free
        call.value.session = nil
        call.value.marks = []
        call.value.isDeferred = false
        call.value.assembly = MessageAssembly()
        call.value.announcedBytes = -1
        call.value.sentBytes = 0
        call.value.writtenAt = 0
        call.value.headerBytes = 0
        call.value.headerFields = 0
        call.value.answer = .none
        call.value.head = Self.emptyHead(CallID(slot: id.slot, generation: id.generation &+ 1))
        dueTimes.clear(Int(id.slot))
        openCount -= 1
        free.append(id.slot)
    }

    /// The open call of that id; nil when it has ended.
    @inline(__always)
    func find(_ id: CallID) -> Handle<CallState>? {
        guard Int(id.slot) < chunkCount * Self.slotsPerChunk else { return nil }
        let call = slot(Int(id.slot))
        guard call.value.head.id.generation == id.generation, call.value.phase != .free else {
            return nil
        }
        return call
    }

    /// The call in a slot, for a timer that was set for it; nil when the slot is free.
    func find(slot index: UInt32) -> Handle<CallState>? {
        let call = slot(Int(index))
        return call.value.phase == .free ? nil : call
    }

    @inline(__always)
    private func slot(_ index: Int) -> Handle<CallState> {
        precondition(index < chunkCount * Self.slotsPerChunk)
        let chunk = unsafe chunks[index / Self.slotsPerChunk]
        let offset = index % Self.slotsPerChunk * Self.bytesPerSlot
        // SAFETY: the index lies in a chunk that addChunk has filled with call states.
        return unsafe Handle(
            (chunk + offset).assumingMemoryBound(to: CallState.self))
    }

    private mutating func addChunk() -> Bool {
        let first = chunkCount * Self.slotsPerChunk
        guard first < capacity else { return false }
        let chunk = UnsafeMutableRawPointer.allocate(
            byteCount: Self.slotsPerChunk * Self.bytesPerSlot, alignment: 64)
        for offset in (0..<Self.slotsPerChunk).reversed() {
            let place = unsafe chunk + offset * Self.bytesPerSlot
            // SAFETY: each slot has room for a state and the inline bytes behind it.
            let inline = unsafe (place + MemoryLayout<CallState>.stride).bindMemory(
                to: UInt8.self, capacity: Limits.inlineMessageBytes)
            unsafe inline.initialize(repeating: 0, count: Limits.inlineMessageBytes)
            let id = CallID(slot: UInt32(first + offset), generation: 1)
            unsafe place.bindMemory(to: CallState.self, capacity: 1).initialize(
                to: CallState(head: Self.emptyHead(id), buffer: CallBuffer(inline: inline)))
            free.append(id.slot)
        }
        unsafe (chunks + chunkCount).initialize(to: chunk)
        chunkCount += 1
        return true
    }

    private static func emptyHead(_ id: CallID) -> CallHead {
        CallHead(
            id: id, connection: ConnectionID(slot: 0, generation: 0), method: 0, status: .ok,
            watched: 0, deadline: .max, tag: 0)
    }
}
