// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// The journeys of a scenario as flat instructions, so that a dealer's place is a number.
struct JourneyProgram: Sendable {
    /// What is done at a place.
    enum Operation: Equatable, Sendable {
        case getStock
        /// Reserve; its index in `reserves`.
        case reserve(Int)
        case confirm
        /// CreateOrder; its index in `reserves`.
        case order(Int)
        /// CancelOrder; the part of each line, nil: all.
        case cancel(UInt16?)
        /// Release; true: before its reservation.
        case release(isOvertaking: Bool)
        case race
        case again
        /// A pause; its index in `pauses`.
        case think(Int)
        /// One of `choices`, first and count.
        case choose(Range<Int>)
        /// To another place.
        case jump(Int)
        case end
    }

    /// A branch: taken when the draw, 0 to 1, isn't above it.
    struct Choice: Equatable, Sendable {
        var upTo: Double
        var target: Int
    }

    private(set) var operations: [Operation] = []
    /// Of Reserve and CreateOrder steps.
    private(set) var reserves: [Journey.ReserveStep] = []
    private(set) var pauses: [Journey.Pause] = []
    private(set) var choices: [Choice] = []
    /// Where each journey begins, and its part among all of them.
    private(set) var entries: [Choice] = []
    /// The reserve or order step of each journey, that decides about lines and quantities; nil: it has none.
    private(set) var firstReserve: [Int?] = []
    /// The kind of call that each journey begins with; nil: it has none.
    private(set) var firstCall: [CallKind?] = []

    init(_ journeys: [Journey]) {
        var upTo = 0.0
        for journey in journeys {
            upTo += journey.weight
            entries.append(Choice(upTo: upTo, target: operations.count))
            let before = reserves.count
            _ = append(journey.steps, hasReserved: false)
            operations.append(.end)
            firstCall.append(JourneyProgram.firstCall(journey.steps))
            firstReserve.append(reserves.count > before ? before : nil)
        }
    }

    /// The branch that a draw takes.
    func target(of draw: Double, in range: Range<Int>) -> Int {
        for index in range where draw <= choices[index].upTo { return choices[index].target }
        return choices[range.upperBound - 1].target
    }

    private static func firstCall(_ steps: [Journey.Step]) -> CallKind? {
        for step in steps {
            switch step {
            case .getStock: return .getStock
            case .reserve: return .reserve
            case .confirm, .race: return .confirm
            case .order: return .createOrder
            case .cancel: return .cancelOrder
            case .release: return .release
            case .again, .think: continue
            case .abandon: return nil
            case .choose(let choices):
                if let kind = choices.lazy.compactMap({ firstCall($0.steps) }).first { return kind }
            }
        }
        return nil
    }

    /// Appends some steps; whether something has been reserved after them.
    private mutating func append(_ steps: [Journey.Step], hasReserved: Bool) -> Bool {
        var hasReserved = hasReserved
        for step in steps {
            switch step {
            case .getStock: operations.append(.getStock)
            case .reserve(let reserve):
                operations.append(.reserve(reserves.count))
                reserves.append(reserve)
                hasReserved = true
            case .confirm: operations.append(.confirm)
            case .order(let order):
                operations.append(.order(reserves.count))
                reserves.append(order)
            case .cancel(let cancel): operations.append(.cancel(cancel.part))
            case .release: operations.append(.release(isOvertaking: !hasReserved))
            case .race: operations.append(.race)
            case .again: operations.append(.again)
            case .think(let pause):
                operations.append(.think(pauses.count))
                pauses.append(pause)
            case .abandon: operations.append(.end)
            case .choose(let branches):
                hasReserved = append(branches, hasReserved: hasReserved)
            }
        }
        return hasReserved
    }

    private mutating func append(_ branches: [Journey.Choice], hasReserved: Bool) -> Bool {
        var reservesInAny = hasReserved
        let place = operations.count
        operations.append(.end)
        var made: [Choice] = []
        var jumps: [Int] = []
        var upTo = 0.0
        for branch in branches {
            upTo += branch.weight
            made.append(Choice(upTo: upTo, target: operations.count))
            // An empty branch is the journey's end.
            if branch.steps.isEmpty { operations.append(.end) }
            if append(branch.steps, hasReserved: hasReserved) { reservesInAny = true }
            jumps.append(operations.count)
            operations.append(.end)
        }
        for jump in jumps { operations[jump] = .jump(operations.count) }
        let first = choices.count
        choices += made
        operations[place] = .choose(first..<choices.count)
        return reservesInAny
    }
}
