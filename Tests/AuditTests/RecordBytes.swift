// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

/// A record as the core would write it.
enum RecordBytes {
    static func of(_ record: Record) -> [UInt8] {
        var writer = ByteWriter(capacity: RecordHeader.recordByteCountMax)
        write(record, into: &writer)
        return writer.withBytes { span in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(span.count)
            for index in 0..<span.count { bytes.append(span[index]) }
            return bytes
        }
    }

    static func write(_ record: Record, into writer: inout ByteWriter) {
        switch record {
        case .define(let brand, let number, let kind, let text):
            RecordWriting.define(
                brand: brand, number: number, kind: kind, text: text.span, into: &writer)
        case .setStock(
            let brand, let request, let fingerprint, let account, let sku, let warehouse,
            let sourceVersion, let figures):
            RecordWriting.setStock(
                brand: brand, request: request, fingerprint: fingerprint, account: account,
                sku: sku, warehouse: warehouse, sourceVersion: sourceVersion, figures: figures,
                into: &writer)
        case .adjustStock(
            let brand, let request, let fingerprint, let account, let delta, let figures):
            RecordWriting.adjustStock(
                brand: brand, request: request, fingerprint: fingerprint, account: account,
                delta: delta, figures: figures, into: &writer)
        case .reserve(
            let brand, let reservation, let fingerprint, let dealer, let timeToLive, let fillMode,
            let legs, let figures):
            RecordWriting.beginReserve(
                brand: brand, reservation: reservation, fingerprint: fingerprint, dealer: dealer,
                timeToLive: timeToLive, fillMode: fillMode, legCount: legs.count,
                accountCount: figures.count, into: &writer)
            write(legs, figures, into: &writer)
        case .confirm(let brand, let reservation, let order, let legs, let figures):
            RecordWriting.beginConfirm(
                brand: brand, reservation: reservation, order: order, legCount: legs.count,
                accountCount: figures.count, into: &writer)
            write(legs, figures, into: &writer)
        case .release(let brand, let reservation, let legs, let figures):
            RecordWriting.beginEnd(
                .release, brand: brand, reservation: reservation, legCount: legs.count,
                accountCount: figures.count, into: &writer)
            write(legs, figures, into: &writer)
        case .expire(let brand, let reservation, let legs, let figures):
            RecordWriting.beginEnd(
                .expire, brand: brand, reservation: reservation, legCount: legs.count,
                accountCount: figures.count, into: &writer)
            write(legs, figures, into: &writer)
        case .order, .orderFromHolds, .cancel: writeOrder(record, into: &writer)
        case .extend(let brand, let reservation, let request, let fingerprint, let deadline):
            RecordWriting.extend(
                brand: brand, reservation: reservation, request: request, fingerprint: fingerprint,
                deadline: Tick(milliseconds: deadline), into: &writer)
        case .setPolicy(
            let brand, let request, let fingerprint, let account, let policy, let figures):
            RecordWriting.setPolicy(
                brand: brand, request: request, fingerprint: fingerprint, account: account,
                policy: policy, figures: figures, into: &writer)
        case .transfer(
            let brand, let request, let fingerprint, let quantity, let from, let to,
            let fromFigures, let toFigures):
            RecordWriting.transfer(
                brand: brand, request: request, fingerprint: fingerprint, quantity: quantity,
                from: from, to: to, fromFigures: fromFigures, toFigures: toFigures, into: &writer)
        }
    }

    private static func writeOrder(_ record: Record, into writer: inout ByteWriter) {
        switch record {
        case .order(
            let brand, let order, let fingerprint, let dealer, let fillMode, let legs,
            let figures):
            RecordWriting.beginOrder(
                brand: brand, order: order, fingerprint: fingerprint, dealer: dealer,
                fillMode: fillMode, legCount: legs.count, accountCount: figures.count,
                into: &writer)
            write(legs, figures, into: &writer)
        case .orderFromHolds(
            let brand, let order, let fingerprint, let dealer, let holds, let legs, let figures):
            RecordWriting.beginOrderFromHolds(
                brand: brand, order: order, fingerprint: fingerprint, dealer: dealer,
                holdCount: holds.count, legCount: legs.count, accountCount: figures.count,
                into: &writer)
            for hold in holds { writer.append(hold) }
            write(legs, figures, into: &writer)
        case .cancel(
            let brand, let order, let request, let fingerprint, let cause, let legs, let figures):
            RecordWriting.beginCancel(
                brand: brand, order: order, request: request, fingerprint: fingerprint,
                cause: cause, legCount: legs.count, accountCount: figures.count, into: &writer)
            write(legs, figures, into: &writer)
        default: preconditionFailure("not a record of an order")
        }
    }

    private static func write(
        _ legs: [RecordLeg], _ figures: [Record.Figure], into writer: inout ByteWriter
    ) {
        for leg in legs { writer.append(leg) }
        for figure in figures {
            if let committed = figure.committed {
                RecordWriting.addHeldAndCommitted(
                    account: figure.account, held: figure.held, committed: committed,
                    version: figure.version, into: &writer)
            } else {
                RecordWriting.addHeld(
                    account: figure.account, held: figure.held, version: figure.version,
                    into: &writer)
            }
        }
        RecordHeader.end(&writer)
    }
}
