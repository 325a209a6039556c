// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// One connection's bytes, both ways, without ever waiting: the only place that knows that they are
/// TCP's. TLS will be a second kind of stream with the same two verbs.
@safe struct ByteStream: ~Copyable {
    /// What an attempt to read or write came to.
    enum Outcome: Equatable {
        /// So many bytes, at least one.
        case moved(Int)
        /// Nothing now; the poller will say when.
        case blocked
        /// The peer has ended its side, or the connection is broken.
        case ended
    }

    let descriptor: Int32

    /// Takes over a connected, or connecting, non-blocking socket.
    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        _ = stockade_set_no_delay(descriptor)
        // A peer whose machine vanished acknowledges nothing: the kernel ends that in our time.
        _ = stockade_set_user_timeout(
            descriptor, Int32(Limits.writeStallNanoseconds / 1_000_000))
    }

    deinit { stockade_close(descriptor) }

    /// Begins a connection. Whether it came about, the poller and `connectionError` say.
    static func connecting(to address: SocketAddress) throws(TransportError) -> ByteStream {
        let descriptor = stockade_socket(address.family)
        guard descriptor >= 0 else { throw .fromSystem(.createSocket) }
        // SAFETY: the raw address is valid during the call.
        let code = unsafe address.withRaw { unsafe connect(descriptor, $0, $1) }
        guard code == 0 || stockade_errno() == EINPROGRESS else {
            let fault = TransportError.fromSystem(.connect)
            stockade_close(descriptor)
            throw fault
        }
        return ByteStream(adopting: descriptor)
    }

    /// 0 once a begun connection is open, else the error it ended with.
    func connectionError() -> Int32 { stockade_take_socket_error(descriptor) }

    /// Reads at most `room` bytes to `target`.
    func read(_ target: UnsafeMutablePointer<UInt8>, room: Int) -> Outcome {
        // SAFETY: the caller owns `room` bytes at the target.
        Self.outcome(unsafe stockade_receive(descriptor, target, room))
    }

    /// Writes some of the `count` bytes at `source`.
    func write(_ source: UnsafePointer<UInt8>, count: Int) -> Outcome {
        // SAFETY: the caller owns `count` initialised bytes at the source.
        Self.outcome(unsafe stockade_send(descriptor, source, count))
    }

    /// Tells the peer that nothing more comes.
    func endWriting() { _ = stockade_shut_down_writing(descriptor) }

    private static func outcome(_ result: Int) -> Outcome {
        if result > 0 { return .moved(result) }
        if result == 0 { return .ended }
        let code = stockade_errno()
        return code == EAGAIN || code == EINTR ? .blocked : .ended
    }
}
