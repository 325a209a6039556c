// SPDX-License-Identifier: Apache-2.0

internal import CBuild

/// Which commit this program was built from.
enum BuiltCommit {
    /// Its hash, `-dirty` behind it when the files weren't quite the commit's; or `unknown`.
    static var text: String {
        // SAFETY: a literal of C, which ends with a zero and stays.
        unsafe String(cString: stockade_commit())
    }
}
