// SPDX-License-Identifier: Apache-2.0

import CLinux

@testable import Transport

/// A connected socket that says nothing.
final class TestSocket {
    private let stream: ByteStream

    init(connectedTo address: SocketAddress) throws {
        stream = try ByteStream.connecting(to: address)
    }
}
