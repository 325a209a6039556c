// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// The frames on standard input and their answers on standard output.
struct FrameStream {
    private let input = FileHandle.standardInput
    private let output = FileHandle.standardOutput

    /// The next frame, or nil when the input has ended.
    mutating func next() -> (name: String, bytes: [UInt8])? {
        guard let nameLength = length() else { return nil }
        let name = exactly(nameLength)
        guard let byteLength = length() else { exit(65) }
        return (String(decoding: name, as: UTF8.self), exactly(byteLength))
    }

    /// Answers with a message.
    func answer(_ bytes: [UInt8]) {
        output.write(Data([0] + bigEndian(UInt32(bytes.count)) + bytes))
    }

    /// Answers with what is wrong.
    func answer(_ error: WireError) {
        output.write(Data([1, error.code.rawValue] + bigEndian(error.byteOffset)))
    }

    private func length() -> Int? {
        let bytes = input.readData(ofLength: 4)
        guard bytes.count == 4 else {
            if bytes.isEmpty { return nil }
            exit(65)
        }
        return bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    private func exactly(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        let bytes = input.readData(ofLength: count)
        guard bytes.count == count else { exit(65) }
        return [UInt8](bytes)
    }

    private func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
