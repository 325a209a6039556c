// SPDX-License-Identifier: Apache-2.0

/// The load tester's version, as its results carry it.
public enum LoadGeneratorVersion {
    /// Major, minor, patch.
    public static let text = "0.2.0"
}
