// SPDX-License-Identifier: Apache-2.0

/// What reading movements may take.
public enum MovementLimits {
    /// Calls that wait at most: with one connection each waits for all before it.
    public static let queueMax = 64
    /// Changes of one answer at most.
    public static let pageMax = 1_000
    /// From the call to its answer, connecting included.
    public static let timeout = Duration.seconds(3)
    /// After a failure to connect nobody tries again so soon; calls are answered at once.
    static let pause = Duration.milliseconds(500)
    /// How long the thread sleeps at most when nobody asks.
    static let sleepNanoseconds: UInt64 = 1_000_000_000
}
