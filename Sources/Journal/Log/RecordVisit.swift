// SPDX-License-Identifier: Apache-2.0

/// Whether a walk through a block's records goes on.
public enum RecordVisit: Hashable, Sendable {
    /// To the next record, if there is one.
    case next
    /// Here it ends.
    case stop
}
