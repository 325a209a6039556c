// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import LoadGenerator

/// What tests do with processes that they started.
enum TestProcess {
    /// A moment.
    static func pause() { usleep(5_000) }

    /// Ends it and all that come from it.
    static func end(_ pid: Int32) {
        for member in ProcessFamily.members(of: pid) { _ = kill(member, SIGKILL) }
        _ = waitpid(pid, nil, 0)
    }
}
