// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// The parts that make a repeated header block short: each by itself.
@Suite struct RepeatedHeadsTests {
    // MARK: HeaderBlock

    /// A literal that isn't added, with a name of its own.
    private static let literal = RawField("x-a", "some text").literal

    static let leaving: [[UInt8]] = [
        [], [0x82], [0x83, 0x86, 0xbe], [0xff, 0x00], [0xff, 0x80, 0x01], [0xff, 0xff, 0x7f],
        literal, [0x83] + literal + [0x86],
        // Never to be added; a name of the table, its number short and long.
        [0x10] + RawFrame.text("a".utf8) + [0], [0x04, 1, 0x2f], [0x14, 1, 0x2f],
        [0x0f, 0x10, 0], [0x1f, 0x80, 0x01, 0],
        // Huffman's code: whatever the bytes are.
        [0x04, 0x82, 0x60, 0xff],
        [0x04] + RawFrame.text([UInt8](repeating: 0x40, count: 127)),
        [0x04] + RawFrame.text([UInt8](repeating: 0x40, count: 150)),
    ]

    static let changing: [[UInt8]] = [
        [0x40, 1, 0x61, 0], [0x44, 1, 0x2f], [0x7f, 0x00, 0], [0x20], [0x3f, 0xe1, 0x1f],
        [0x20, 1, 0x61, 0], [0x82, 0x3f, 0xe1, 0x1f, 1, 0x61],
        [0x82, 0x44, 1, 0x2f], literal + [0x20], [0x44, 1, 0x2f, 0x82],
        // Not whole, or a number longer than any that is remembered.
        [0xff], [0xff, 0x80], [0xff, 0x80, 0x80, 0x00], [0x00], [0x0f], [0x04], [0x04, 2, 0x2f],
        [0x04, 0x7f], [0x04, 0x7f, 0xff], [0x04, 0x7f, 0xff, 0xff], [0x04, 0x7f, 0x80, 0x80, 0],
        [0x00, 1, 0x61], [0x00, 0x81],
    ]

    @Test(arguments: leaving)
    func aBlockThatLeavesTheTable(block: [UInt8]) {
        let leaves = HeaderBlock.leavesTheTable(block.span)
        #expect(leaves)
    }

    @Test(arguments: changing)
    func aBlockThatChangesTheTableOrIsCut(block: [UInt8]) {
        let leaves = HeaderBlock.leavesTheTable(block.span)
        #expect(!leaves)
    }

    @Test func aBlockIsReadToItsEnd() {
        let fields = [[0x83], Self.literal, [0xbe], [0x04, 1, 0x2f]]
        let block = fields.flatMap { $0 }
        var ends: Set<Int> = [0]
        for count in 1...fields.count { ends.insert(fields.prefix(count).joined().count) }
        for cut in 0...block.count {
            let prefix = Array(block.prefix(cut))
            let leaves = HeaderBlock.leavesTheTable(prefix.span)
            #expect(leaves == ends.contains(cut), "\(cut)")
        }
    }

    // MARK: FrameCursor

    private struct Seen: Equatable {
        var type: UInt8
        var isWhole: Bool
        var start: Int
    }

    private static func places(_ cursor: inout FrameCursor, in bytes: [UInt8]) -> [Seen] {
        var seen: [Seen] = []
        var at = 0
        while let place = cursor.next(in: bytes.span, at: &at) {
            seen.append(
                Seen(
                    type: place.type, isWhole: place.isWhole,
                    start: place.isWhole ? place.start : 0))
        }
        #expect(at == bytes.count)
        return seen
    }

    private static let frames = [
        RawFrame.settings(), .headers(1), .message(1), .settingsAcknowledgement, .ping(),
        .data(3, [UInt8](repeating: 1, count: 70_000)),
        RawFrame(
            type: 9, flags: 0, stream: 3, payload: []), .headers(3),
    ]

    /// Cuts the frames into the given pieces and holds the cursor to where each begins.
    private func follows(_ frames: [RawFrame], cuts: [Int], _ comment: Comment) {
        let bytes = RawFrame.preface + frames.flatMap(\.bytes)
        var cursor = FrameCursor()
        var types: [UInt8] = []
        var start = RawFrame.preface.count
        var next = 0
        for (from, to) in zip([0] + cuts, cuts + [bytes.count]) {
            let seen = Self.places(&cursor, in: Array(bytes[from..<to]))
            types += seen.map(\.type)
            // A frame is seen in the piece that its head ends in.
            var expected: [Seen] = []
            while next < frames.count, start + 9 <= to {
                let end = start + frames[next].bytes.count
                let isWhole = start >= from && end <= to
                expected.append(
                    Seen(
                        type: frames[next].type, isWhole: isWhole,
                        start: isWhole ? start - from : 0))
                start = end
                next += 1
            }
            #expect(seen == expected, comment)
        }
        #expect(types == frames.map(\.type), comment)
    }

    @Test func framesAreFoundInOnePiece() { follows(Self.frames, cuts: [], "whole") }

    @Test func framesAreFoundWhateverIsCut() {
        let frames = [RawFrame.settings(), .ping(), .headers(1), .message(1), .headers(3)]
        let count = RawFrame.preface.count + frames.flatMap(\.bytes).count
        for cut in 1..<count { follows(frames, cuts: [cut], "cut at \(cut)") }
        follows(frames, cuts: Array(1..<count), "byte by byte")
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func framesAreFoundInAnyPieces(seed: UInt64) {
        var random = Generator(state: seed)
        for round in 0..<40 {
            let frames = (0..<20).map { _ in
                RawFrame(
                    type: UInt8(random.next(12)), flags: UInt8(random.next(256)), stream: 1,
                    payload: [UInt8](
                        repeating: 1,
                        count: random.next(3) == 0 ? random.next(40_000) : random.next(9))
                )
            }
            let count = RawFrame.preface.count + frames.flatMap(\.bytes).count
            let cuts = Set((0..<random.next(12)).map { _ in 1 + random.next(count - 1) }).sorted()
            follows(frames, cuts: cuts, "seed \(seed), round \(round)")
        }
    }

    // MARK: RepeatedHeads

    /// What a connection knows of its blocks, which have numbers here; outcomes are told apart by
    /// their method.
    private final class Known {
        private var heads = RepeatedHeads()

        static func block(_ number: Int) -> [UInt8] {
            [0x83] + RawField("x-number", "\(100 + number)").literal
        }

        func finds(_ block: [UInt8], frame: UInt64) -> UInt16? {
            heads.find(block.span, frame: frame)?.method
        }

        func finds(_ number: Int, frame: UInt64) -> UInt16? {
            finds(Self.block(number), frame: frame)
        }

        func outcome(_ number: Int, frame: UInt64) -> RepeatedHeads.Outcome? {
            heads.find(Self.block(number).span, frame: frame)
        }

        /// nil: the request was refused.
        func learns(_ number: UInt16?, frame: UInt64) {
            let outcome = number.map {
                RepeatedHeads.Outcome(
                    method: $0, marks: [.post], watched: UInt32($0) + 1, timeout: 7)
            }
            heads.learn(outcome, frame: frame)
        }

        func forgets() { heads.forget() }

        /// Makes a block known, as two frames with it do.
        func teach(_ number: Int, frame: UInt64) {
            #expect(finds(number, frame: frame) == nil)
            learns(UInt16(number), frame: frame)
            #expect(finds(number, frame: frame + 1) == UInt16(number))
        }
    }

    @Test func whatABlockSaidIsRemembered() throws {
        let known = Known()
        known.teach(3, frame: 1)
        let found = try #require(known.outcome(3, frame: 9))
        #expect(found.marks == [.post] && found.watched == 4 && found.timeout == 7)
        // Of the same length, and shorter by its last byte.
        #expect(known.finds(4, frame: 10) == nil)
        #expect(known.finds(Array(Known.block(3).dropLast()), frame: 11) == nil)
    }

    @Test func anotherFramesOutcomeIsNotTaken() {
        let known = Known()
        #expect(known.finds(1, frame: 5) == nil)
        known.learns(1, frame: 4)
        known.learns(1, frame: 6)
        #expect(known.finds(1, frame: 7) == nil)
        // Only the latest frame with it counts.
        known.learns(1, frame: 5)
        #expect(known.finds(1, frame: 8) == nil)
        known.learns(1, frame: 8)
        #expect(known.finds(1, frame: 9) == 1)
    }

    @Test func severalAreAwaitedAtOnce() {
        let known = Known()
        for number in 1...3 { #expect(known.finds(number, frame: UInt64(number)) == nil) }
        for number in 1...3 { known.learns(UInt16(number), frame: UInt64(number)) }
        for number in 1...3 { #expect(known.finds(number, frame: 9) == UInt16(number)) }
    }

    @Test func aRefusedOneIsNotRemembered() {
        let known = Known()
        #expect(known.finds(1, frame: 1) == nil)
        known.learns(nil, frame: 1)
        #expect(known.finds(1, frame: 2) == nil)
        known.learns(1, frame: 2)
        #expect(known.finds(1, frame: 3) == 1)
        // What is known stays so, whatever comes of another.
        known.learns(nil, frame: 3)
        #expect(known.finds(1, frame: 4) == 1)
    }

    @Test func aBlockThatChangesTheTableForgetsAll() {
        let known = Known()
        known.teach(1, frame: 1)
        #expect(known.finds(2, frame: 3) == nil)
        #expect(known.finds([0x44, 1, 0x2f], frame: 4) == nil)
        known.learns(2, frame: 3)
        known.learns(4, frame: 4)
        for number in 1...2 { #expect(known.finds(number, frame: 5) == nil, "\(number)") }
        known.teach(7, frame: 6)
        known.forgets()
        #expect(known.finds(7, frame: 9) == nil)
    }

    @Test func theOldestGivesWay() {
        let known = Known()
        let bound = RepeatedHeads.countMax
        for number in 0..<bound { known.teach(number, frame: UInt64(10 * number + 1)) }
        for number in 0..<bound { #expect(known.finds(number, frame: 90) == UInt16(number)) }
        known.teach(bound, frame: 91)
        for number in 1...bound { #expect(known.finds(number, frame: 95) == UInt16(number)) }
        #expect(known.finds(0, frame: 96) == nil)
    }

    // MARK: AbridgedHeads

    /// A list whose outcomes are told apart by their method: the frame's number.
    private final class Abridged {
        private var list = AbridgedHeads()

        var isFull: Bool { list.isFull }
        func removeAll() { list.removeAll() }
        func take(_ frame: UInt64) -> UInt16? { list.take(frame: frame)?.method }

        func append(_ frame: UInt64) {
            list.append(RepeatedHeads.Outcome(method: UInt16(frame)), frame: frame)
        }
    }

    @Test func abridgedFramesAreFoundInOrder() {
        let list = Abridged()
        #expect(list.take(1) == nil)
        for frame in [2, 3, 5, 9] as [UInt64] { list.append(frame) }
        #expect(list.take(1) == nil)
        #expect(list.take(2) == 2)
        #expect(list.take(2) == nil)
        // 3 was left out by nghttp2, 4 is none of them.
        #expect(list.take(4) == nil)
        #expect(list.take(5) == 5)
        #expect(list.take(10) == nil)
        list.append(11)
        list.removeAll()
        #expect(list.take(11) == nil)
    }

    @Test func abridgedFramesHaveABound() {
        let list = Abridged()
        let bound = UInt64(Limits.callsPerConnectionMax)
        for frame in 0..<bound {
            #expect(!list.isFull)
            list.append(frame)
        }
        #expect(list.isFull)
        for frame in 0..<bound { #expect(list.take(frame) == UInt16(frame)) }
        // Until the next read: what was taken out makes no room.
        #expect(list.isFull)
        list.removeAll()
        #expect(!list.isFull)
    }
}
