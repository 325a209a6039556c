// SPDX-License-Identifier: Apache-2.0

/// What talking to Postgres may take.
public enum PostgresLimits {
    /// Bytes of one writer of rows or of an array. A batch of 20,000 rows takes some 3 MB; a field
    /// of Postgres ends at 1 GiB.
    public static let writerByteCountMax = 256 << 20
    /// Bytes of a COPY handed to libpq at once: it holds that much besides what the kernel does.
    public static let copyPieceByteCount = 64 << 10
    /// Warnings kept until they are taken; later ones are only counted.
    public static let warningsMax = 16
    /// Characters of a server's message that are kept.
    public static let messageLengthMax = 2_000
    /// How long a wait is at most before the interrupt is looked at, in milliseconds.
    public static let waitMillisecondsMax = 100
    /// Parameters of one statement, by the protocol.
    public static let parametersMax = 65_535
}
