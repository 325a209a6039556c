// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// A port that is taken and listened on. Dropping the value gives it back.
public struct ListeningSocket: ~Copyable, Sendable {
    let descriptor: Int32
    /// Where it listens, with the port that the kernel chose if it was asked to.
    public let address: SocketAddress

    /// Takes the port and listens.
    ///
    /// - Throws: `TransportError`; `.bind` with the system's number when the port is busy.
    public init(_ address: SocketAddress) throws(TransportError) {
        let descriptor = stockade_socket(address.family)
        guard descriptor >= 0 else { throw .fromSystem(.createSocket) }
        var fault: TransportError?
        _ = stockade_set_reuse_address(descriptor)
        if address.family == AF_INET6 { _ = stockade_set_ipv6_only(descriptor) }
        // SAFETY: the raw address is valid during the call.
        if unsafe address.withRaw({ unsafe bind(descriptor, $0, $1) }) != 0 {
            fault = .fromSystem(.bind)
        } else if listen(descriptor, Limits.listenBacklog) != 0 {
            fault = .fromSystem(.listen)
        }
        if let fault {
            stockade_close(descriptor)
            throw fault
        }
        self.descriptor = descriptor
        self.address = address.with(port: Self.port(of: descriptor) ?? address.port)
    }

    deinit { stockade_close(descriptor) }

    private static func port(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the kernel writes at most `size` bytes; both families have the port at the same
        // place, bytes 2 and 3.
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard unsafe getsockname(descriptor, address, &size) == 0 else { return nil }
            return unsafe UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        }
    }
}
