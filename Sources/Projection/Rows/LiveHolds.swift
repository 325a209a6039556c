// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The reservations that are held: which grant an end belongs to, since an id may be granted again.
public struct LiveHolds: Sendable {
    struct Key: Hashable {
        var id: ClientID
        var brand: UInt32
    }

    struct Hold: BitwiseCopyable {
        var grantedSequence: UInt64
        var created: WallTime
        var dealer: UInt32
        /// The batch that has its row, and which; 0: it is in the table already.
        var batch: UInt32 = 0
        var batchRow: UInt32 = 0
        /// The batch that moves the deadline of its row in the table, and which of its rows does.
        var extendingBatch: UInt32 = 0
        var extensionRow: UInt32 = 0
    }

    private let capacity: Int
    private var holds: [Key: Hold] = [:]

    /// Makes an empty book of at most `capacity` holds.
    public init(capacity: Int) {
        self.capacity = capacity
    }

    /// Holds in it.
    public var count: Int { holds.count }

    /// Takes a stored row of a reservation that is held; `codes` must have been loaded before.
    ///
    /// - Throws: `RowFault` when it names unknown codes or is there already.
    public mutating func load(
        _ reservation: ClientID, brand: UInt32, grantedSequence: UInt64, dealer: UInt32,
        created: WallTime, codes: CodeBook
    ) throws(RowFault) {
        guard codes.isDefined(brand, as: .brand, of: 0)
        else { throw RowFault(.unknownCode(brand), sequence: 0) }
        guard codes.isDefined(dealer, as: .dealer, of: brand)
        else { throw RowFault(.unknownCode(dealer), sequence: 0) }
        let key = Key(id: reservation, brand: brand)
        try check(key, sequence: 0)
        insert(key, Hold(grantedSequence: grantedSequence, created: created, dealer: dealer))
    }

    // MARK: - For batches

    /// Whether one more may be held.
    func check(_ key: Key, sequence: UInt64) throws(RowFault) {
        guard holds[key] == nil else { throw RowFault(.heldAlready, sequence: sequence) }
        guard holds.count < capacity else { throw RowFault(.bookFull(.holds), sequence: sequence) }
    }

    subscript(_ key: Key) -> Hold? { holds[key] }

    mutating func insert(_ key: Key, _ hold: Hold) { holds[key] = hold }

    mutating func remove(_ key: Key) { holds[key] = nil }
}
