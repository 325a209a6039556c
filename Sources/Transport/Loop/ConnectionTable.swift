// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The connections of one loop. Each has memory of its own, so that an empty table costs little.
struct ConnectionTable: ~Copyable {
    struct Slot: BitwiseCopyable {
        var connection: Handle<Connection>?
        var generation: UInt32
    }

    private let slots: FixedTable<Slot>
    private var free: FixedList<UInt32>
    private(set) var count = 0
    /// Slots at and above it were never used.
    private(set) var usedSlots = 0
    /// A timer per slot.
    var dueTimes: DueTimes

    init(capacity: Int) {
        slots = FixedTable(capacity: capacity, repeating: Slot(connection: nil, generation: 1))
        free = FixedList(capacity: capacity)
        dueTimes = DueTimes(capacity: capacity)
    }

    deinit {
        for index in 0..<usedSlots {
            if let connection = slots[index].connection { Self.end(connection) }
        }
    }

    /// The id that the next connection will have; nil when there is no room.
    var nextID: ConnectionID? {
        if !free.isEmpty {
            let slot = free[free.count - 1]
            return ConnectionID(slot: slot, generation: slots[Int(slot)].generation)
        }
        guard usedSlots < slots.capacity else { return nil }
        return ConnectionID(slot: UInt32(usedSlots), generation: slots[usedSlots].generation)
    }

    /// Adds a connection under the id that `nextID` gave.
    mutating func insert(_ connection: consuming Connection) -> Handle<Connection> {
        let index = Int(connection.id.slot)
        if index == usedSlots {
            usedSlots += 1
        } else {
            free.truncate(to: free.count - 1)
        }
        count += 1
        let place = UnsafeMutablePointer<Connection>.allocate(capacity: 1)
        unsafe place.initialize(to: connection)
        let handle = unsafe Handle(place)
        slots[index].connection = handle
        return handle
    }

    /// The open connection of that id; nil when it has gone.
    func find(_ id: ConnectionID) -> Handle<Connection>? {
        guard id.slot < usedSlots, slots[Int(id.slot)].generation == id.generation else {
            return nil
        }
        return slots[Int(id.slot)].connection
    }

    /// The connection in a slot; nil when it is free.
    func find(slot: Int) -> Handle<Connection>? {
        slot < usedSlots ? slots[slot].connection : nil
    }

    /// Closes a connection and frees its slot.
    mutating func remove(_ connection: Handle<Connection>) {
        let index = Int(connection.value.id.slot)
        slots[index].connection = nil
        slots[index].generation &+= 1
        dueTimes.clear(index)
        free.append(UInt32(index))
        count -= 1
        Self.end(connection)
    }

    private static func end(_ connection: Handle<Connection>) {
        // SAFETY: initialised by insert, ended once: the slot doesn't name it any more.
        unsafe connection.raw.deinitialize(count: 1)
        unsafe connection.raw.deallocate()
    }
}
