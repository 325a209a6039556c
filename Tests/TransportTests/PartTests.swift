// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Transport

/// The parts that need no socket.
@Suite struct PartTests {
    // MARK: MessageAssembly

    @Test func everyWayToCutAMessageIsTheSame() {
        let message: [UInt8] = [1, 2, 3]
        let bytes = RawFrame.prefixed(message)
        // Each of the 128 ways to cut eight bytes into pieces.
        for cuts in 0..<1 << (bytes.count - 1) {
            var assembly = MessageAssembly()
            var kept: [UInt8] = []
            var piece: [UInt8] = []
            for (index, byte) in bytes.enumerated() {
                #expect(assembly.isWhole == false)
                piece.append(byte)
                guard index == bytes.count - 1 || cuts >> index & 1 == 1 else { continue }
                if case .keep(let first) = assembly.take(piece.span, messageBytesMax: 3) {
                    kept += piece[first...]
                }
                piece.removeAll()
            }
            #expect(kept == message)
            #expect(assembly.end() == nil)
        }
    }

    @Test(arguments: 0...8)
    func aCutMessageSaysWhere(length: Int) {
        let bytes = Array(RawFrame.prefixed([1, 2, 3]).prefix(length))
        var assembly = MessageAssembly()
        _ = assembly.take(bytes.span, messageBytesMax: 3)
        #expect(assembly.end() == (length == 0 ? .noMessage : length < 8 ? .cutMessage : nil))
    }

    @Test func theLimitIsInclusive() {
        let bytes: [UInt8] = [0, 0, 0, 0, 3]
        var assembly = MessageAssembly()
        #expect(assembly.take(bytes.span, messageBytesMax: 3) == .wait)
        var shorter = MessageAssembly()
        #expect(shorter.take(bytes.span, messageBytesMax: 2) == .refuse(.messageTooLong))
    }

    // MARK: DueTimes

    @Test func timersFireInTheirTimeAndOnce() {
        var times = DueTimes(capacity: 8)
        var due = FixedList<UInt32>(capacity: 8)
        let grain = Limits.timerGrainNanoseconds
        times.set(3, at: 10 * grain)
        times.set(5, at: 20 * grain)
        times.set(5, at: 30 * grain)
        times.set(1, at: 12 * grain)
        times.clear(1)
        times.takeDue(at: 10 * grain - 1, into: &due)
        let early = due.count
        #expect(early == 0)
        times.takeDue(at: 25 * grain, into: &due)
        let first = due[0]
        let count = due.count
        #expect(count == 1)
        #expect(first == 3)
        let earliest = times.earliest
        #expect(earliest == 30 * grain)
        due.removeAll()
        times.takeDue(at: 40 * grain, into: &due)
        let last = due[0]
        #expect(last == 5)
        let never = times.earliest
        #expect(never == .max)
    }

    @Test func whatDoesntFitFiresNext() {
        var times = DueTimes(capacity: 8)
        var due = FixedList<UInt32>(capacity: 2)
        for slot in 0..<5 { times.set(slot, at: 0) }
        var fired: [UInt32] = []
        for _ in 0..<3 {
            due.removeAll()
            times.takeDue(at: 1, into: &due)
            for index in 0..<due.count { fired.append(due[index]) }
        }
        #expect(fired == [0, 1, 2, 3, 4])
    }

    @Test func aTimerNearTheEndOfTimeDoesntWrap() {
        var times = DueTimes(capacity: 1)
        times.set(0, at: .max - 1)
        let earliest = times.earliest
        #expect(earliest == .max)
    }

    // MARK: ReplyGate

    @Test func theGateKeepsItsOrderOverManyRounds() {
        var gate = ReplyGate(callsMax: 8)
        var released: [UInt32] = []
        for number in 0..<UInt32(1_000) {
            let id = CallID(slot: number, generation: 1)
            gate.hold(id, until: UInt64(number)) { _ in true }
            if number % 7 == 6 {
                while let call = gate.release(upTo: UInt64(number)) { released.append(call.slot) }
            }
        }
        #expect(released == Array(0..<994))
    }

    @Test func aFullGateDropsTheDead() {
        var gate = ReplyGate(callsMax: 8)
        // Sixteen places: every third call lives.
        for number in 0..<UInt32(40) {
            gate.hold(CallID(slot: number, generation: 1), until: 1) { $0.slot % 3 == 0 }
        }
        var released: [UInt32] = []
        while let call = gate.release(upTo: 1) { released.append(call.slot) }
        #expect(released.filter { $0 % 3 == 0 } == Array(stride(from: 0, to: 40, by: 3)))
    }

    // MARK: Limits

    @Test func limitsAgree() {
        #expect(Limits.callsPerConnectionMax <= Limits.callsPerLoop)
        #expect(Limits.requestBytesPerConnectionMax >= 2 * Limits.messageBytesMax)
        #expect(Limits.unreadReplyBytesMax >= Limits.messageBytesMax)
        #expect(Limits.writeHighWaterBytes > Limits.framePayloadBytes)
        #expect(Limits.outboundFramesMax > 2 * Limits.callsPerConnectionMax)
        #expect(Limits.statusTextBytesMax + Limits.statusDetailsBytesMax <= 8 << 10)
        // The smallest whole call in a read: HEADERS and DATA heads, a byte of HPACK, a prefix.
        #expect(Limits.readBytesPerTurn / (9 + 1 + 9 + 5) < Limits.sessionEventsMax)
        #expect(Int(Limits.streamWindowBytes) > Limits.inlineMessageBytes)
    }

    @Test func everyRefusalCanBeSentAsItIs() {
        for refusal in CallRefusal.allCases {
            let text = "\(refusal.text)"
            #expect(!text.isEmpty)
            #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x25 })
        }
    }
}
