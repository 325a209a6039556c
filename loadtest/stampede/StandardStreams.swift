// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard input, output and error of a process that may have been started without them.
enum StandardStreams {
    /// Opens nothing in place of each that is closed. The next file would take its number, and what
    /// is meant for people would be written into that file.
    static func open() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            // SAFETY: a literal's bytes. The lowest free number is this one.
            _ = unsafe Glibc.open("/dev/null", O_RDWR)
        }
    }
}
