// SPDX-License-Identifier: Apache-2.0

import CLinux
import Testing
import Wire

@testable import Transport

/// A client that says frames and expects frames: a conversation with the server under test.
final class FrameScript {
    let server: ServerUnderTest
    private let socket: Int32
    private var inbound: [UInt8] = []
    private var frames: [ReceivedFrame] = []
    private var reader = HeaderReader()
    private(set) var isClosed = false
    /// Reading stops while this is false: a client that doesn't take its answers.
    var isReading = true

    /// Connects, and says nothing yet.
    init(_ server: ServerUnderTest, receiveBufferBytes: Int32? = nil) throws {
        self.server = server
        socket = stockade_socket(AF_INET)
        // Else the kernel would keep a small frame back while another isn't acknowledged.
        _ = stockade_set_no_delay(socket)
        if let receiveBufferBytes {
            _ = stockade_set_option(socket, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes)
        }
        let code = unsafe server.address.withRaw { unsafe connect(socket, $0, $1) }
        try #require(code == 0 || stockade_errno() == EINPROGRESS)
        server.settle()
    }

    deinit { disconnects() }

    /// What the server said about the size of its header table so far.
    var tableSizes: [Int] { reader.tableSizes }

    // MARK: Saying

    @discardableResult
    func sends(_ frame: RawFrame) -> FrameScript { sends(bytes: frame.bytes) }

    @discardableResult
    func sends(_ frames: [RawFrame]) -> FrameScript { sends(bytes: frames.flatMap(\.bytes)) }

    @discardableResult
    func sends(bytes: [UInt8]) -> FrameScript {
        var rest = bytes[...]
        while !rest.isEmpty, !isClosed {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe stockade_send(socket, $0.baseAddress, $0.count)
            }
            if sent > 0 { rest = rest.dropFirst(sent) }
            if sent < 0, stockade_errno() != EAGAIN { isClosed = true }
            server.settle()
            listen()
        }
        return self
    }

    /// Sends frames that fit the socket and takes no turn: they are there for the next one.
    func queues(_ frames: [RawFrame]) {
        let bytes = frames.flatMap(\.bytes)
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe stockade_send(socket, $0.baseAddress, $0.count)
        }
        #expect(sent == bytes.count)
    }

    func disconnects() {
        guard !isClosed else { return }
        isClosed = true
        stockade_close(socket)
    }

    // MARK: Hearing

    /// The next frame that isn't housekeeping is this one.
    @discardableResult
    func expects(
        _ expected: ReceivedFrame, sourceLocation: SourceLocation = #_sourceLocation
    ) -> FrameScript {
        #expect(next() == expected, sourceLocation: sourceLocation)
        return self
    }

    /// The next frames are a reply with this message.
    @discardableResult
    func expectsReply(
        _ stream: UInt32, _ message: String = "hello",
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> FrameScript {
        let head = [":status": "200", "content-type": "application/grpc"]
        expects(.headers(stream, head, ends: false), sourceLocation: sourceLocation)
        let body = RawFrame.prefixed(Array(message.utf8))
        expects(.data(stream, body, ends: false), sourceLocation: sourceLocation)
        return expects(
            .headers(stream, ["grpc-status": "0"], ends: true), sourceLocation: sourceLocation)
    }

    /// The next frame is one block that refuses the call with this status.
    @discardableResult
    func expectsRefusal(
        _ stream: UInt32, _ status: StatusCode, http: String = "200",
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> FrameScript {
        guard case .headers(stream, let fields, let ends) = next() else {
            Issue.record("no headers on stream \(stream)", sourceLocation: sourceLocation)
            return self
        }
        #expect(fields[":status"] == http, sourceLocation: sourceLocation)
        #expect(fields["grpc-status"] == "\(status.rawValue)", sourceLocation: sourceLocation)
        #expect(fields["grpc-message"]?.isEmpty == false, sourceLocation: sourceLocation)
        // Only what isn't a gRPC client gets a text to show.
        #expect(ends == (http != "415"), sourceLocation: sourceLocation)
        if !ends {
            guard case .data(stream, let text, ends: true) = next() else {
                Issue.record("no text on stream \(stream)", sourceLocation: sourceLocation)
                return self
            }
            #expect(!text.isEmpty, sourceLocation: sourceLocation)
        }
        return self
    }

    /// Whether the server has sent something that wasn't read yet. Takes no turn.
    var hasUnread: Bool {
        var byte: UInt8 = 0
        return unsafe recv(socket, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// The server has sent nothing but housekeeping.
    @discardableResult
    func expectsNothing(sourceLocation: SourceLocation = #_sourceLocation) -> FrameScript {
        listen()
        #expect(!isClosed, sourceLocation: sourceLocation)
        #expect(frames.filter { !$0.isHousekeeping }.isEmpty, sourceLocation: sourceLocation)
        return self
    }

    /// The server has closed the connection after at most a GOAWAY.
    @discardableResult
    func expectsClose(sourceLocation: SourceLocation = #_sourceLocation) -> FrameScript {
        listen()
        #expect(isClosed, sourceLocation: sourceLocation)
        return self
    }

    /// The next frame that isn't housekeeping; nil when there is none.
    func next() -> ReceivedFrame? {
        listen()
        while !frames.isEmpty {
            let frame = frames.removeFirst()
            if !frame.isHousekeeping { return frame }
        }
        return nil
    }

    /// Every frame that came and wasn't looked at yet, housekeeping too.
    func all() -> [ReceivedFrame] {
        listen()
        defer { frames.removeAll() }
        return frames
    }

    private func listen() {
        server.settle()
        guard isReading else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !isClosed {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe stockade_receive(socket, $0.baseAddress, $0.count)
            }
            if count > 0 {
                inbound += buffer.prefix(count)
                server.settle()
            } else if count == 0 || stockade_errno() != EAGAIN {
                isClosed = true
                stockade_close(socket)
                server.settle()
            } else {
                break
            }
        }
        parse()
    }

    private func parse() {
        var rest = inbound[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + count else { break }
            let stream = head[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
            frames.append(
                ReceivedFrame(
                    type: head[3], flags: head[4], stream: stream,
                    payload: Array(rest.dropFirst(9).prefix(count)), &reader))
            rest = rest.dropFirst(9 + count)
        }
        inbound = Array(rest)
    }
}
