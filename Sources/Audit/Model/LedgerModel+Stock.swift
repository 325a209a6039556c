// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Stock figures that were set or adjusted.
extension LedgerModel {
    mutating func setStock(
        _ request: ClientID, _ key: AccountKey, _ number: UInt32, sourceVersion: UInt64,
        _ figures: StockFigures
    ) {
        if !isDefined(key.brand, .brand, of: 0) {
            violate(.code, "sets stock of brand number \(key.brand), which isn't defined")
        }
        use(key.sku, as: .sku, of: key.brand)
        use(key.warehouse, as: .warehouse, of: key.brand)
        settle(request, of: key.brand, as: .setStock(account: number))
        let isFirst = accountRows[number] == nil
        let row = row(of: number, under: key)
        if sourceVersion != 0 {
            if sourceVersion <= accounts[row].sourceVersion {
                violate(
                    .sourceVersion,
                    "applies source version \(sourceVersion) to \(name(ofAccount: number)), which "
                        + "has \(accounts[row].sourceVersion) already")
            }
            accounts[row].sourceVersion = sourceVersion
        }
        if isFirst {
            accounts[row].initial = figures.onHand
        } else {
            accounts[row].setDifferences &+= figures.onHand &- accounts[row].onHand
        }
        compare(figures, row)
    }

    mutating func adjustStock(
        _ request: ClientID, of brand: UInt32, _ number: UInt32, _ delta: Int64,
        _ figures: StockFigures
    ) {
        settle(request, of: brand, as: .adjustStock(account: number))
        if delta == 0 || delta.magnitude > AuditLimits.quantityMax.magnitude {
            violate(
                .form,
                "adjusts \(name(ofAccount: number)) by \(delta); 1 to \(AuditLimits.quantityMax) up "
                    + "or down are allowed")
        }
        guard let row = row(of: number, brand: brand, to: "adjusts") else { return }
        accounts[row].adjusted &+= delta
        compare(figures, row)
    }

    /// The row of an account that was set and is the brand's own.
    mutating func row(of number: UInt32, brand: UInt32, to verb: StaticString) -> Int? {
        guard let row = accountRows[number] else {
            violate(.account, "\(verb) account \(number), which was never set")
            return nil
        }
        if accounts[row].brand != brand {
            violate(
                .account,
                "of brand \(name(brand)) \(verb) \(name(ofAccount: number)), which is another's")
        }
        return row
    }

    /// The row of an account, made if it is new.
    private mutating func row(of number: UInt32, under key: AccountKey) -> Int {
        if let row = accountRows[number] {
            let account = accounts[row]
            let present = AccountKey(
                brand: account.brand, sku: account.sku, warehouse: account.warehouse)
            if present != key {
                violate(
                    .account,
                    "sets SKU \(name(key.sku)) in warehouse \(name(key.warehouse)) of brand "
                        + "\(name(key.brand)) under the number of \(name(ofAccount: number))")
            }
            return row
        }
        if let other = accountNumbers[key] {
            violate(.account, "gives number \(number) to what is \(name(ofAccount: other)) already")
        } else {
            accountNumbers[key] = number
        }
        let row = accounts.append(
            ModelAccount(
                number: number, brand: key.brand, sku: key.sku, warehouse: key.warehouse))
        accountRows[number] = row
        return row
    }

    /// Compares all figures of an account with those of a record, and takes them over.
    mutating func compare(_ told: StockFigures, _ row: Int) {
        let number = accounts[row].number
        compareHeld(told.held, row)
        compareAllocated(told.allocated, row)
        compareVersion(told.version, row)
        let account = accounts[row]
        if told.onHand != account.onHand {
            violate(
                .onHand,
                "says that \(name(ofAccount: number)) has \(told.onHand) on hand; initial "
                    + "\(account.initial), adjusted \(account.adjusted), set differences "
                    + "\(account.setDifferences) and transfers \(account.transferred) make "
                    + "\(account.onHand)")
            accounts[row].onHandCorrection &+= told.onHand &- account.onHand
        }
        if told.safety != account.safety {
            violate(
                .safety,
                "says that \(name(ofAccount: number)) keeps \(told.safety) as safety stock, "
                    + "which was \(account.safety) and which this record can't change")
            accounts[row].policy.safety = told.safety
        }
        if !(0...AuditLimits.onHandMax).contains(told.onHand) {
            violate(
                .range,
                "leaves \(told.onHand) on hand in \(name(ofAccount: number)); 0 to "
                    + "\(AuditLimits.onHandMax) are allowed")
        }
    }

    mutating func compareHeld(_ told: Int64, _ row: Int) {
        let account = accounts[row]
        if told != account.held {
            violate(
                .held,
                "says that \(name(ofAccount: account.number)) holds \(told); granted "
                    + "\(account.granted), confirmed \(account.confirmed), released "
                    + "\(account.released) and expired \(account.expired) make \(account.held)")
            accounts[row].heldCorrection &+= told &- account.held
        }
        if told < 0 {
            violate(.range, "leaves \(told) held in \(name(ofAccount: account.number))")
        }
    }

    mutating func compareAllocated(_ told: Int64, _ row: Int) {
        let account = accounts[row]
        if told != account.allocated {
            violate(
                .allocated,
                "says that \(name(ofAccount: account.number)) has \(told) allocated; "
                    + "confirmed \(account.confirmed), ordered at once \(account.ordered) and "
                    + "cancelled \(account.cancelled) make \(account.allocated)")
            accounts[row].allocatedCorrection &+= told &- account.allocated
        }
        if told < 0 {
            violate(.range, "leaves \(told) allocated in \(name(ofAccount: account.number))")
        }
    }

    /// One more than before; notes the change.
    mutating func compareVersion(_ told: UInt64, _ row: Int) {
        let account = accounts[row]
        if told != account.version &+ 1 {
            violate(
                .version,
                "makes version \(told) of \(name(ofAccount: account.number)) after version "
                    + "\(account.version)")
        }
        accounts[row].version = told
        accounts[row].lastSequence = place.sequence
        accounts[row].lastWall = place.wall
    }

    /// A request takes effect, once within the retention.
    mutating func settle(_ request: ClientID, of brand: UInt32, as effect: ModelOutcome.Effect) {
        if request.isZero {
            violate(.form, "has a request id of zeroes")
        }
        let key = EntryKey(id: request, brand: brand)
        if let earlier = outcomes[key] {
            if !isPastRetention(earlier.tick) {
                violate(
                    .requestTwice,
                    "is the second effect of request \(request.hex) of brand \(name(brand)); the "
                        + "first was record \(earlier.sequence), \(since(earlier.tick)) ms before")
            }
            if keepsForgotten { forgottenOutcomes.append((key, earlier)) }
        }
        outcomes[key] = ModelOutcome(
            effect: effect, sequence: place.sequence, tick: place.tick)
        oldOutcomes.append(key)
    }
}
