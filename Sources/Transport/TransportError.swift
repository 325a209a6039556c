// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// What the operating system or the caller's configuration didn't allow. A peer's fault is never
/// one of these: it ends a call or a connection and nothing else.
public struct TransportError: Error, Equatable, Sendable {
    /// What was being done.
    public enum Operation: Sendable {
        /// Reading an address from text.
        case parseAddress
        /// Making the poller of a loop.
        case createPoller
        /// Making the descriptor that wakes a loop.
        case createWake
        /// Making a socket.
        case createSocket
        /// Taking a port.
        case bind
        /// Beginning to listen.
        case listen
        /// Beginning a connection.
        case connect
        /// Starting a thread.
        case startThread
        /// Setting up libnghttp2: out of memory.
        case createSession
    }

    /// What was being done.
    public let operation: Operation
    /// The system's error number; 0 when the fault is the caller's.
    public let errorNumber: Int32

    init(_ operation: Operation, errorNumber: Int32 = 0) {
        self.operation = operation
        self.errorNumber = errorNumber
    }

    /// The error that the last system call left behind.
    static func fromSystem(_ operation: Operation) -> TransportError {
        TransportError(operation, errorNumber: stockade_errno())
    }

    /// For people: what failed and why.
    public var explanation: String {
        let action =
            switch operation {
            case .parseAddress: "the address isn't HOST:PORT with a numeric host and port"
            case .createPoller: "can't make a poller"
            case .createWake: "can't make a wake descriptor"
            case .createSocket: "can't make a socket"
            case .bind: "can't take the address"
            case .listen: "can't listen"
            case .connect: "can't connect"
            case .startThread: "can't start a thread"
            case .createSession: "can't set up HTTP/2"
            }
        guard errorNumber != 0 else { return action }
        // SAFETY: strerror returns a valid C string for every number.
        return unsafe "\(action): \(String(cString: strerror(errorNumber)))"
    }
}
