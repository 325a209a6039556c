// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80", true), ("127.9.9.9:1", "127.9.9.9:1", true),
        ("0.0.0.0:65535", "0.0.0.0:65535", false), ("[::1]:0", "[::1]:0", true),
        ("[::]:50051", "[::]:50051", false), ("localhost:7", "127.0.0.1:7", true),
        ("10.0.0.1:7", "10.0.0.1:7", false), ("[2001:db8::1]:7", "[2001:db8::1]:7", false),
    ])
    func reads(text: String, description: String, isLoopback: Bool) throws {
        let address = try SocketAddress(text)
        #expect(address.description == description)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
        "example.com:80", "[127.0.0.1]:80", "256.0.0.1:1", "127.0.0.1:8x",
    ])
    func refuses(text: String) {
        #expect(throws: TransportError(.parseAddress)) { try SocketAddress(text) }
    }

    @Test func listensOnVersion6() throws {
        let socket = try ListeningSocket(SocketAddress("[::1]:0"))
        let port = socket.address.port
        #expect(port > 0)
    }
}
