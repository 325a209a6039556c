// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where people are talked to; standard output is for data.
enum StandardError {
    /// Writes a line.
    static func print(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            // SAFETY: the kernel reads the string's bytes during the call.
            _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
