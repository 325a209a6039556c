// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives
internal import Synchronization

/// Stock: reading it, setting it, changing it.
extension ReservationCore {
    /// Why there is no account under some codes.
    struct Absent: Error {
        var reason: RefusalReason
    }

    /// The account under codes that were defined. Lock-free.
    func findAccount(
        _ kind: AccountKind = .stock, brand: UInt32, sku skuText: Span<UInt8>,
        warehouse warehouseText: Span<UInt8>
    ) -> Result<UInt32, Absent> {
        let warehouseHash = codes.hash(kind.secondCode, brand: brand, warehouseText)
        return findAccount(
            kind, brand: brand, sku: skuText,
            skuHash: codes.hash(kind.firstCode, brand: brand, skuText),
            warehouse: codes.find(
                kind.secondCode, brand: brand, warehouseText, hash: warehouseHash))
    }

    /// The same for a caller that has hashed the SKU already, to fetch its row ahead, and has a memo
    /// of warehouses.
    func findAccount(
        _ kind: AccountKind, brand: UInt32, sku skuText: Span<UInt8>, skuHash: UInt64,
        warehouse warehouseText: Span<UInt8>, memo: borrowing CodeMemo
    ) -> Result<UInt32, Absent> {
        findAccount(
            kind, brand: brand, sku: skuText, skuHash: skuHash,
            warehouse: codes.find(kind.secondCode, brand: brand, warehouseText, memo: memo))
    }

    private func findAccount(
        _ kind: AccountKind, brand: UInt32, sku skuText: Span<UInt8>, skuHash: UInt64,
        warehouse: UInt32?
    ) -> Result<UInt32, Absent> {
        guard let sku = codes.find(kind.firstCode, brand: brand, skuText, hash: skuHash)
        else { return .failure(Absent(reason: .skuNotFound)) }
        guard let warehouse else { return .failure(Absent(reason: .warehouseNotFound)) }
        if let account = codes.firstAccount(of: sku, in: warehouse) { return .success(account) }
        let hash = accounts.hash(brand: brand, sku: sku, warehouse: warehouse)
        guard
            let account = accounts.find(brand: brand, sku: sku, warehouse: warehouse, hash: hash)
        else { return .failure(Absent(reason: .warehouseNotFound)) }
        return .success(account)
    }

    /// A SKU's first account, for a line that leaves the warehouse to us. Lock-free.
    func findFirstAccount(
        brand: UInt32, sku skuText: Span<UInt8>, skuHash: UInt64
    ) -> Result<UInt32, Absent> {
        guard let sku = codes.find(.sku, brand: brand, skuText, hash: skuHash)
        else { return .failure(Absent(reason: .skuNotFound)) }
        guard let account = codes.firstAccount(of: sku)
        else { return .failure(Absent(reason: .warehouseNotFound)) }
        return .success(account)
    }

    /// Reads an account into `context.stock`. O(1), one lock.
    public func readStock(
        _ wanted: StockCodes, texts: Span<UInt8>, in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        let brandText = texts.extracting(wanted.brand.indices)
        guard
            let brand = codes.find(
                .brand, brand: 0, brandText, hash: codes.hash(.brand, brand: 0, brandText))
        else { return .refused(Refusal(.skuNotFound)) }
        switch findAccount(
            wanted.kind, brand: brand, sku: texts.extracting(wanted.sku.indices),
            warehouse: texts.extracting(wanted.warehouse.indices))
        {
        case .failure(let absent): return .refused(Refusal(absent.reason))
        case .success(let account):
            let stripe = Int(accounts.stripe(of: account))
            accountLocks.lock(stripe)
            let exists = accounts.rows[Int(account)].version > 0
            show(account: account, in: &context)
            accountLocks.unlock(stripe)
            return exists ? .done : .refused(Refusal(.warehouseNotFound))
        }
    }

    /// Writes what is physically there; makes the account and its codes when they don't exist.
    ///
    /// - Returns: `.done` with `context.stock` (`wasApplied` false when the source's version was not
    ///   newer), `.replay` with the stock of now, or why nothing changed.
    public func setStock(
        _ command: SetStockCommand, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        // Three definitions and the figure.
        if let refusal = takeRoom(
            4 * RecordHeader.recordByteCountMax, for: .begins, in: &context)
        {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.codes.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let identity = identity(.request, brandHash: brandHash, id: command.request)
        while true {
            let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
            var account: UInt32?
            if let brand,
                case .success(let found) = findAccount(
                    command.codes.kind, brand: brand,
                    sku: texts.extracting(command.codes.sku.indices),
                    warehouse: texts.extracting(command.codes.warehouse.indices))
            {
                account = found
            }
            holdLocks.lock(identity.stripe)
            let verdict = meetRequest(
                identity, fingerprint: command.fingerprint, brand: brand, at: now, in: &context)
            if verdict == nil, let brand, let account {
                let applied = set(command, identity, brand: brand, account, at: now, in: &context)
                holdLocks.unlock(identity.stripe)
                return applied
            }
            holdLocks.unlock(identity.stripe)
            if let verdict { return verdict }
            // Nothing has this id: only now are its codes worth a definition, and only if the
            // figure can be set then. A refusal should leave nothing behind.
            guard idCount < configuration.idsMax else { return .refused(idTableFull) }
            if let refusal = define(command.codes, texts: texts, at: now, in: &context) {
                return .refused(refusal)
            }
        }
    }

    /// Changes what is physically there by a difference.
    ///
    /// - Returns: `.done` or `.replay` with `context.stock`, or why nothing changed.
    public func adjustStock(
        _ command: AdjustStockCommand, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        if let refusal = takeRoom(RecordHeader.recordByteCountMax, for: .begins, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.codes.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let identity = identity(.request, brandHash: brandHash, id: command.request)
        let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        holdLocks.lock(identity.stripe)
        defer { holdLocks.unlock(identity.stripe) }
        if let verdict = meetRequest(
            identity, fingerprint: command.fingerprint, brand: brand, at: now, in: &context)
        {
            return verdict
        }
        guard let brand else { return .refused(Refusal(.skuNotFound)) }
        switch findAccount(
            command.codes.kind, brand: brand, sku: texts.extracting(command.codes.sku.indices),
            warehouse: texts.extracting(command.codes.warehouse.indices))
        {
        case .failure(let absent): return .refused(Refusal(absent.reason))
        case .success(let account):
            return adjust(command, identity, brand: brand, account, at: now, in: &context)
        }
    }

    // MARK: - Under the request's stripe

    /// What a request id was answered with before, or nil. The caller holds its stripe.
    func meetRequest(
        _ identity: Identity, fingerprint: UInt64, brand: UInt32?, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict? {
        if let row = findOutcome(identity, brand: brand, at: now) {
            let outcome = holds.outcomes[row]
            context.dependsOn(outcome.sequence)
            guard outcome.fingerprint == fingerprint
            else { return .refused(Refusal(.idempotencyKeyReused)) }
            let stripe = Int(accounts.stripe(of: outcome.account))
            accountLocks.lock(stripe)
            show(account: outcome.account, in: &context)
            accountLocks.unlock(stripe)
            return .replay
        }
        return recall(identity, fingerprint: fingerprint, at: now, in: &context)
            .map { .refused($0) }
    }

    private func set(
        _ command: SetStockCommand, _ identity: Identity, brand: UInt32, _ account: UInt32,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        let row = Int(account)
        let stripe = Int(accounts.stripe(of: account))
        accountLocks.lock(stripe)
        defer { accountLocks.unlock(stripe) }
        let master = accounts.masters[row]
        if command.sourceVersion != 0, command.sourceVersion <= accounts.sources[row].version {
            show(account: account, in: &context)
            context.stock.wasApplied = false
            return .done
        }
        guard let outcome = takeOutcome(in: identity.stripe)
        else { return .refused(idTableFull) }
        accounts.rows[row].capacity = command.onHand
        accounts.rows[row].version += 1
        accounts.rows[row].changed = now.wall
        if command.sourceVersion != 0 {
            accounts.sources[row].version = command.sourceVersion
        }
        RecordWriting.setStock(
            brand: brand, request: command.request, fingerprint: command.fingerprint,
            account: account, sku: master.sku, warehouse: master.warehouse,
            sourceVersion: command.sourceVersion, figures: accounts.rows[row].stockFigures,
            into: &context.record)
        finish(
            outcome, identity, command.fingerprint, brand: brand, account: account, at: now,
            in: &context)
        return .done
    }

    private func adjust(
        _ command: AdjustStockCommand, _ identity: Identity, brand: UInt32, _ account: UInt32,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        let row = Int(account)
        let stripe = Int(accounts.stripe(of: account))
        accountLocks.lock(stripe)
        defer { accountLocks.unlock(stripe) }
        let figures = accounts.rows[row]
        guard figures.version > 0 else { return .refused(Refusal(.warehouseNotFound)) }
        context.dependsOn(figures.sequence)
        if let expected = command.expectedVersion, expected != figures.version {
            var refusal = Refusal(.versionMismatch)
            refusal.requested = Int64(clamping: expected)
            refusal.available = Int64(clamping: figures.version)
            return .refused(refusal)
        }
        let onHand = figures.capacity + command.delta
        guard onHand >= 0 else {
            var refusal = Refusal(.insufficientStock)
            refusal.requested = -command.delta
            refusal.available = figures.capacity
            remember(refusal, identity, fingerprint: command.fingerprint, at: now, in: &context)
            return .refused(refusal)
        }
        guard onHand <= CoreLimits.onHandMax else {
            var refusal = Refusal(.quantityOutOfRange)
            refusal.requested = command.delta
            refusal.available = figures.capacity
            refusal.limit = .onHand
            return .refused(refusal)
        }
        guard let outcome = takeOutcome(in: identity.stripe)
        else { return .refused(idTableFull) }
        accounts.rows[row].capacity = onHand
        accounts.rows[row].version += 1
        accounts.rows[row].changed = now.wall
        RecordWriting.adjustStock(
            brand: brand, request: command.request, fingerprint: command.fingerprint,
            account: account, delta: command.delta, figures: accounts.rows[row].stockFigures,
            into: &context.record)
        finish(
            outcome, identity, command.fingerprint, brand: brand, account: account, at: now,
            in: &context)
        return .done
    }

    /// Appends the record of a stock change and files its outcome. The caller holds both stripes.
    func finish(
        _ outcome: Int, _ identity: Identity, _ fingerprint: UInt64, brand: UInt32,
        account: UInt32, at now: DecisionTime, in context: inout DecisionContext
    ) {
        let sequence = append(at: now, in: &context)
        accounts.rows[Int(account)].sequence = sequence
        file(
            outcome, identity, fingerprint, brand: brand, account: account, sequence: sequence,
            at: now)
        show(account: account, in: &context)
    }

    /// Files the outcome of a request. The caller holds its stripe.
    func file(
        _ outcome: Int, _ identity: Identity, _ fingerprint: UInt64, brand: UInt32,
        account: UInt32, sequence: UInt64, at now: DecisionTime
    ) {
        var row = OutcomeRow()
        row.id = identity.id
        row.fingerprint = fingerprint
        row.sequence = sequence
        row.changedTick = now.tick
        row.brand = brand
        row.account = account
        row.isRemembered = true
        row.isTaken = true
        holds.outcomes[outcome] = row
        holds.index.insert(identity, row: outcome)
        holds.schedule(
            .outcome(outcome), at: holds.due(.outcome(outcome)), in: identity.stripe)
    }

    var idTableFull: Refusal {
        var refusal = Refusal(.idTableFull)
        refusal.limit = .ids
        return refusal
    }

    /// Counts an outcome in and takes its row; nil when that would be one id too many. What ends
    /// something may go on a little further.
    func takeOutcome(in stripe: Int, for purpose: RoomPurpose = .begins) -> Int? {
        let most = configuration.idsMax + (purpose == .ends ? configuration.idsForEnds : 0)
        if ids.add(1, ordering: .relaxed).newValue <= most,
            let row = holds.takeEntry(in: stripe)
        {
            return row
        }
        ids.subtract(1, ordering: .relaxed)
        return nil
    }

    /// Copies an account to where the answer is made from. The caller holds its stripe.
    func show(account: UInt32, in context: inout DecisionContext) {
        let row = accounts.rows[Int(account)]
        let source = accounts.sources[Int(account)]
        context.dependsOn(row.sequence)
        var policy = source.policy
        policy.safety = row.floor
        context.stock = StockView(
            figures: row.stockFigures, policy: policy, sourceVersion: source.version,
            changed: row.changed, wasApplied: true)
    }

    // MARK: - Definitions

    /// Defines what is missing of an account's codes and makes the account. No lock is held.
    private func define(
        _ wanted: StockCodes, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Refusal? {
        defining.lock(0)
        defer { defining.unlock(0) }
        // Looked for before anything is defined: a refusal should leave nothing behind.
        if let limit = limitMet(by: wanted, texts: texts) {
            var full = Refusal(.tableFull)
            full.limit = limit
            return full
        }
        let brandText = texts.extracting(wanted.brand.indices)
        guard
            let brand = findOrDefine(
                .brand, brand: 0, brandText, hash: codes.hash(.brand, brand: 0, brandText),
                at: now, in: &context),
            let sku = findOrDefine(
                wanted.kind.firstCode, texts.extracting(wanted.sku.indices), of: brand, at: now,
                in: &context),
            let warehouse = findOrDefine(
                wanted.kind.secondCode, texts.extracting(wanted.warehouse.indices), of: brand,
                at: now, in: &context)
        else { preconditionFailure("room for all codes was found under the same lock") }
        let hash = accounts.hash(brand: brand, sku: sku, warehouse: warehouse)
        if accounts.find(brand: brand, sku: sku, warehouse: warehouse, hash: hash) != nil {
            return nil
        }
        guard
            let account = accounts.make(
                wanted.kind, brand: brand, sku: sku, warehouse: warehouse, hash: hash)
        else { preconditionFailure("a free account was found under the same lock") }
        chain(account, wanted.kind, of: sku, in: warehouse)
        return nil
    }

    /// The bound that an account would meet, or one of its codes; nil when it is there or there is
    /// room for all of it. The caller holds the defining lock.
    private func limitMet(by wanted: StockCodes, texts: Span<UInt8>) -> CoreLimit? {
        let brandText = texts.extracting(wanted.brand.indices)
        let skuText = texts.extracting(wanted.sku.indices)
        let warehouseText = texts.extracting(wanted.warehouse.indices)
        let brand = codes.find(
            .brand, brand: 0, brandText, hash: codes.hash(.brand, brand: 0, brandText))
        if let brand,
            case .success = findAccount(
                wanted.kind, brand: brand, sku: skuText, warehouse: warehouseText)
        {
            return nil
        }
        let sku = brand.flatMap { find(wanted.kind.firstCode, skuText, of: $0) }
        let warehouse = brand.flatMap { find(wanted.kind.secondCode, warehouseText, of: $0) }
        if wanted.kind == .stock, let sku,
            countWarehouses(of: sku) >= CoreLimits.warehousesPerSkuMax
        {
            return .warehousesPerSku
        }
        var missing = CodeTable.Filling()
        if brand == nil { missing.add(brandText) }
        if sku == nil { missing.add(skuText) }
        if warehouse == nil { missing.add(warehouseText) }
        if !codes.hasRoom(for: missing) { return .codes }
        return accounts.hasRoom ? nil : .accounts
    }

    private func find(_ kind: CodeKind, _ text: Span<UInt8>, of brand: UInt32) -> UInt32? {
        codes.find(kind, brand: brand, text, hash: codes.hash(kind, brand: brand, text))
    }

    private func findOrDefine(
        _ kind: CodeKind, _ text: Span<UInt8>, of brand: UInt32, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> UInt32? {
        findOrDefine(
            kind, brand: brand, text, hash: codes.hash(kind, brand: brand, text), at: now,
            in: &context)
    }

    /// The number of a code, which is defined and journaled when it is new; nil when the table is
    /// full. The caller holds the defining lock and took room.
    func findOrDefine(
        _ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>, hash: UInt64,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> UInt32? {
        if let known = codes.find(kind, brand: brand, text, hash: hash) { return known }
        guard let number = codes.next(for: text) else { return nil }
        RecordWriting.define(
            brand: brand, number: number, kind: kind.rawValue, text: text, into: &context.record)
        _ = append(at: now, in: &context)
        codes.define(kind, brand: brand, text, hash: hash)
        return number
    }
}
