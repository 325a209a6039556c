// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// What one loop's service has counted since its start, for whoever asks.
public final class ServiceMeter: Sendable {
    private let memory = TallyMemory(count: ServiceTally.cellCount)
    let tally: ServiceTally

    /// Makes a meter for one loop.
    public init() {
        tally = ServiceTally(memory.cells)
    }

    /// Refusals for a reason.
    func refusals(_ reason: Reason) -> UInt64 {
        memory.cells[ServiceTally.firstReason + Int(reason.rawValue)]
    }

    /// Calls that carried a stress tag and were refused for it.
    var stressTagged: UInt64 { memory.cells[ServiceTally.stressTagged] }
    /// Answers that had been given before.
    var replays: UInt64 { memory.cells[ServiceTally.replays] }
    /// Holds that ended by their deadline.
    var expired: UInt64 { memory.cells[ServiceTally.expired] }
    /// Ids that were forgotten.
    var forgotten: UInt64 { memory.cells[ServiceTally.forgotten] }

    /// The accounts that were granted from most of late, with their weights.
    var hotAccounts: [(account: UInt32, weight: UInt64)] {
        (0..<HotAccounts.places).compactMap { place in
            HotAccounts(memory.cells).entry(place)
        }
    }
}

/// The loop's side of it.
struct ServiceTally: BitwiseCopyable, Sendable {
    private let cells: TallyCells

    static let stressTagged = 0
    static let replays = 1
    static let expired = 2
    static let forgotten = 3
    static let firstReason = 8
    private static let reasonsMax = 120
    static let cellCount = HotAccounts.firstCell + HotAccounts.cellCount

    init(_ cells: TallyCells) {
        precondition(ServiceTally.firstReason + ServiceTally.reasonsMax <= HotAccounts.firstCell)
        precondition(Reason.allCases.allSatisfy { $0.rawValue < ServiceTally.reasonsMax })
        self.cells = cells
    }

    func count(_ reason: Reason) {
        cells.add(1, at: ServiceTally.firstReason + Int(reason.rawValue))
    }

    func countStressTag() { cells.add(1, at: ServiceTally.stressTagged) }

    func countReplay() { cells.add(1, at: ServiceTally.replays) }

    func publish(expired: UInt64, forgotten: UInt64) {
        cells.set(expired, at: ServiceTally.expired)
        cells.set(forgotten, at: ServiceTally.forgotten)
    }

    /// A reservation, or an order without one, took its first units from this account.
    @inline(__always)
    func granted(_ account: UInt32) { HotAccounts(cells).granted(account) }
}
