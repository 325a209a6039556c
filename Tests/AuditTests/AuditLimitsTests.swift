// SPDX-License-Identifier: Apache-2.0

import ReservationCore
import Testing

@testable import Audit

/// The bounds fit together.
@Suite struct AuditLimitsTests {
    @Test func theStepBackNeverSwallowsARetention() {
        for retention in [1_000, 60_000, 86_400_000] as [UInt64] {
            let step = AuditLimits.tickStepBack(retention: retention)
            #expect(step > 0 && step <= retention / 4)
            #expect(step <= AuditLimits.tickStepBackMilliseconds)
        }
    }

    /// Stated twice on purpose, so that a slip in one shows here.
    @Test func theyAreTheCores() {
        #expect(AuditLimits.onHandMax == CoreLimits.onHandMax)
        #expect(AuditLimits.legsMax == CoreLimits.linesPerDecisionMax)
        #expect(AuditLimits.codeByteCountMax == CoreLimits.codeByteCountMax)
        #expect(
            UInt64(AuditLimits.timeToLive.upperBound) == CoreLimits.timeToLiveMaxMilliseconds)
    }

    @Test func sumsOfLegsFit() {
        let largest = AuditLimits.quantityMax.multipliedReportingOverflow(
            by: Int64(AuditLimits.legsMax))
        #expect(!largest.overflow && largest.partialValue <= AuditLimits.onHandMax)
    }
}
