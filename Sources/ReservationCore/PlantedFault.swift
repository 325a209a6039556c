// SPDX-License-Identifier: Apache-2.0

#if PlantedFaults
    internal import Primitives

    /// A promise that the server breaks on purpose, so that a checker can be proved to notice
    /// (decision 0012). Only the build with the package trait of the same name knows the type.
    public enum PlantedFault: String, CaseIterable, Sendable {
        /// Whoever asks finds one unit more than there is: each account's last one is sold twice.
        case oversellByOne = "oversell-by-one"
        /// An answer leaves before its record is on disk, which may then take 50 ms.
        case ackBeforeFlush = "ack-before-flush"
        /// A Reserve that is repeated takes its units once more, and no record tells of it.
        case doubleEffectOnRetry = "double-effect-on-retry"
        /// A hold that expires gives its units back twice, as far as others hold as many.
        case expiryPaysBackTwice = "expiry-pays-back-twice"
        /// The third transaction in Postgres loses its mark and is written once more.
        case applyBatchTwice = "apply-batch-twice"
        /// Postgres is written to although another server has taken its tables over.
        case forgetFence = "forget-fence"
    }

    extension ReservationCore {
        /// What an account seems to have. Available goes down to -1, never further.
        func plantedAvailable(_ row: AccountRow) -> Int64 {
            configuration.plantedFault == .oversellByOne ? row.available + 1 : row.available
        }

        /// What a grant must leave at least.
        var plantedAvailableMin: Int64 { configuration.plantedFault == .oversellByOne ? -1 : 0 }

        /// What the end of a hold takes off an account's held units. Later ends find too little
        /// there and take what is left, so that no figure goes below zero.
        func plantedReturn(of amount: Int64, isExpiry: Bool, from row: AccountRow) -> Int64 {
            guard configuration.plantedFault == .expiryPaysBackTwice else { return amount }
            return min(isExpiry ? 2 * amount : amount, row.held)
        }

        /// Takes a live hold's units a second time, in memory only: the next record of each account
        /// carries the wrong figure. The caller holds the hold's stripe.
        func plantedSecondEffect(of row: Int, in context: inout DecisionContext) {
            guard configuration.plantedFault == .doubleEffectOnRetry,
                holds.entries[row].state == .held
            else { return }
            gather(holds.entries[row], into: &context.ending)
            context.ending.addUp(accounts)
            accountLocks.lock(sorted: context.ending.stripes)
            for index in 0..<context.ending.sums.count {
                let sum = context.ending.sums[index]
                accounts.rows[Int(sum.account)].held += sum.amount
            }
            accountLocks.unlock(sorted: context.ending.stripes)
        }
    }
#endif
