// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// SIGTERM and SIGINT as something that a thread waits for.
public enum TerminationSignals {
    /// Which signals are meant.
    public enum Kinds: Sendable {
        /// SIGTERM and SIGINT.
        case asked
        /// SIGHUP too: for a command that has started others, and must not go with its terminal.
        case askedOrHungUp

        fileprivate var withHangup: Int32 { self == .askedOrHungUp ? 1 : 0 }
    }

    /// Keeps them from interrupting threads. Call on the first thread before it starts others: they
    /// inherit it. Writing to a pipe that nobody reads, such as a log's, ends nothing from here on.
    public static func block(_ kinds: Kinds = .asked) {
        _ = stockade_block_termination_signals(kinds.withHangup)
    }

    /// Waits for one of them; returns its number.
    public static func wait(_ kinds: Kinds = .asked) -> Int32 {
        stockade_wait_for_termination_signal(kinds.withHangup)
    }
}
