// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// An IPv4 or IPv6 address and a port. Numeric: names are somebody else's to resolve; only
/// `localhost` is understood, as 127.0.0.1.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The host without brackets, as it was written.
    public let host: String
    /// The port; 0 lets the kernel choose when listening.
    public let port: UInt16
    /// True for the machine's own addresses: 127.0.0.0/8 and ::1.
    public let isLoopback: Bool
    private let isVersion6: Bool

    /// Reads `HOST:PORT`; an IPv6 host stands in brackets.
    ///
    /// - Throws: `TransportError` with `.parseAddress`.
    public init(_ text: String) throws(TransportError) {
        guard let colon = text.lastIndex(of: ":"), text[colon...].dropFirst().first != "+",
            let port = UInt16(text[text.index(after: colon)...])
        else { throw TransportError(.parseAddress) }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { throw TransportError(.parseAddress) }
        } else if host == "localhost" {
            host = "127.0.0.1"
        } else if host.contains(":") {
            throw TransportError(.parseAddress)
        }
        try self.init(host: host, port: port)
    }

    /// Makes an address from a numeric host and a port.
    ///
    /// - Throws: `TransportError` with `.parseAddress`.
    public init(host: String, port: UInt16) throws(TransportError) {
        var version4 = in_addr()
        var version6 = in6_addr()
        // SAFETY: both calls write the struct they are given, of the size of the family.
        if unsafe inet_pton(AF_INET, host, &version4) == 1 {
            isVersion6 = false
            isLoopback = UInt32(bigEndian: version4.s_addr) >> 24 == 127
        } else if unsafe inet_pton(AF_INET6, host, &version6) == 1 {
            isVersion6 = true
            isLoopback = unsafe withUnsafeBytes(of: &version6) { bytes in
                unsafe bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
            }
        } else {
            throw TransportError(.parseAddress)
        }
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, with brackets where the host needs them.
    public var description: String { isVersion6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The address with another port.
    public func with(port: UInt16) -> SocketAddress {
        SocketAddress(host: host, port: port, isLoopback: isLoopback, isVersion6: isVersion6)
    }

    private init(host: String, port: UInt16, isLoopback: Bool, isVersion6: Bool) {
        self.host = host
        self.port = port
        self.isLoopback = isLoopback
        self.isVersion6 = isVersion6
    }

    var family: Int32 { isVersion6 ? AF_INET6 : AF_INET }

    /// Calls `body` with the address in the form that the kernel takes.
    func withRaw<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        if isVersion6 {
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            // SAFETY: the text was parsed by init; the struct outlives the call of `body`.
            _ = unsafe inet_pton(AF_INET6, host, &raw.sin6_addr)
            return unsafe withUnsafeBytes(of: &raw) {
                unsafe body(
                    $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
            }
        }
        var raw = sockaddr_in()
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = port.bigEndian
        // SAFETY: as above.
        _ = unsafe inet_pton(AF_INET, host, &raw.sin_addr)
        return unsafe withUnsafeBytes(of: &raw) {
            unsafe body(
                $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
    }
}
