// SPDX-License-Identifier: Apache-2.0

/// How much of the journal's budget is set aside at a grant, so that what was granted can always
/// end, however full the journal is.
///
/// The longest end is a confirmation: 52 bytes and, for each leg on an account of its own, 12 for
/// the leg and 28 for the account's figures. A release and an expiry take less, the later
/// cancellation of an order about as much. 160 bytes and 40 per leg cover each of them, its padding
/// and its share of a block's header and seal.
public enum EffectSpace {
    /// Bytes of a live hold with `legs` legs: its own end, and that of the order it may become.
    public static func hold(legs: Int) -> Int { 2 * order(legs: legs) }

    /// Bytes of an open order with `legs` legs: its end.
    public static func order(legs: Int) -> Int { 160 + 40 * legs }
}
