// SPDX-License-Identifier: Apache-2.0

internal import Journal

/// What was built.
public enum ServerVersion {
    /// The release.
    public static let text = "0.1.0"
    /// The compiler's version.
    static var swift: String {
        #if swift(>=6.4)
            "6.4 or later"
        #elseif swift(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    static var journalFormat: String { "\(JournalFormat.version)" }
}
