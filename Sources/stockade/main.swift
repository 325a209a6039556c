// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

StandardStreams.open()

// ArgumentParser ends with 64 on bad usage; ours is 2, as documented for every command.
do {
    var command = try Stockade.parseAsRoot()
    try command.run()
} catch {
    let isUsage = Stockade.exitCode(for: error) == .validationFailure
    if isUsage {
        StandardError.print(Stockade.fullMessage(for: error))
        exit(2)
    }
    Stockade.exit(withError: error)
}
