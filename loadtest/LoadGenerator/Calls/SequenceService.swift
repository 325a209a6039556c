// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// Makes a sequence's calls over one connection, as many at once as it takes, and stops its loop at
/// the last answer or the first failure.
struct SequenceService<Sequence: CallSequence>: Service, ~Copyable {
    var sequence: Sequence
    private(set) var failure: String?
    private let control: LoopControl
    private let target: SocketAddress
    private let window = 64
    private var request = ByteWriter(capacity: 1_024)
    private var connection: ConnectionID?
    private var hasStarted = false
    private var next = 0
    private var answered = 0

    init(_ sequence: Sequence, target: SocketAddress, control: LoopControl) {
        self.sequence = sequence
        self.target = target
        self.control = control
    }

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        if !hasStarted {
            hasStarted = true
            do {
                connection = try port.connect(target)
            } catch {
                fail("can't connect to \(target): \(error.explanation)")
            }
        }
        return .max
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        if sequence.count == 0 { return control.stop() }
        for _ in 0..<window { submitNext(on: &port) }
    }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        if answered < sequence.count { fail("\(target) closed the connection") }
    }

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard head.status == .ok, sequence.accept(Int(head.tag), message) else {
            return fail(
                "\(sequence.method.path) answered \(head.status) to call \(head.tag + 1)")
        }
        answered += 1
        if answered == sequence.count { return control.stop() }
        submitNext(on: &port)
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        fail("call \(head.tag + 1) of \(sequence.method.path) got no answer")
    }

    private mutating func submitNext(on port: inout LoopPort) {
        guard next < sequence.count, let connection else { return }
        request.removeAll()
        sequence.encode(next, into: &request)
        let sent = SequenceService.submit(
            request, on: connection, sequence.method, tag: UInt64(next), &port)
        guard sent else { return fail("no room for call \(next + 1)") }
        next += 1
    }

    private static func submit(
        _ request: borrowing ByteWriter, on connection: ConnectionID, _ method: Method,
        tag: UInt64, _ port: inout LoopPort
    ) -> Bool {
        request.withBytes {
            port.submit(
                on: connection, method: method.rawValue, message: $0, timeoutNanoseconds: nil,
                tag: tag) != nil
        }
    }

    private mutating func fail(_ why: String) {
        if failure == nil { failure = why }
        control.stop()
    }
}
