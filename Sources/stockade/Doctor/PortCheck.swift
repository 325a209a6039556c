// SPDX-License-Identifier: Apache-2.0

import Transport

/// Whether a port can be listened on.
enum PortCheck {
    /// Beside a server, which uses the data directory, the port may well be its own.
    static func finding(_ topic: String, _ text: String, besideServer: Bool) -> Finding {
        do {
            let address = try SocketAddress(text)
            guard address.port != 0 else {
                return .pass(topic, "\(text): the kernel chooses the port")
            }
            // Given back at once.
            _ = try ListeningSocket(address)
            return .pass(topic, "\(address) is free")
        } catch {
            return Finding(
                level: besideServer ? .warn : .fail, topic: topic,
                text: "\(text): \(error.explanation)",
                advice:
                    "stop what listens there (ss -ltnp), or choose another; if it is the server "
                    + "you ask about, nothing")
        }
    }
}
