// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

StandardStreams.open()

// ArgumentParser ends with 64 on bad usage; ours is 2, as documented for every command.
do {
    var command = try Stampede.parseAsRoot()
    try command.run()
} catch {
    if Stampede.exitCode(for: error) == .validationFailure {
        StandardError.print(Stampede.fullMessage(for: error))
        exit(2)
    }
    Stampede.exit(withError: error)
}
