// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// SIGTERM and SIGINT as something that a thread waits for.
public enum TerminationSignals {
    /// Keeps both from interrupting threads. Call on the first thread before it starts others: they
    /// inherit it.
    public static func block() {
        _ = stockade_block_termination_signals()
    }

    /// Waits for either of them; returns its number.
    public static func wait() -> Int32 {
        stockade_wait_for_termination_signal()
    }
}
