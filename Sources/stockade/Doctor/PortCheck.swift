// SPDX-License-Identifier: Apache-2.0

import Transport

/// Whether a port can be listened on.
enum PortCheck {
    static func finding(_ topic: String, _ text: String) -> Finding {
        do {
            let address = try SocketAddress(text)
            guard address.port != 0 else {
                return .pass(topic, "\(text): the kernel chooses the port")
            }
            // Given back at once.
            _ = try ListeningSocket(address)
            return .pass(topic, "\(address) is free")
        } catch {
            return .fail(
                topic, "\(text): \(error.explanation)",
                "stop what listens there (ss -ltnp), or choose another; if it is the server you "
                    + "ask about, nothing")
        }
    }
}
