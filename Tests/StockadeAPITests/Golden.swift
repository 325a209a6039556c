// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The messages that Protocols/golden/make_golden.py made with Google's Python protobuf.
enum Golden {
    /// Where they lie in the checkout that this file is compiled in.
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Protocols/golden")

    /// The bytes of the message `name`.
    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: directory.appendingPathComponent("\(name).bin")))
    }

    /// The names in the index.
    static func names() throws -> Set<String> {
        let index = try String(
            contentsOf: directory.appendingPathComponent("index.txt"), encoding: .utf8)
        let files = index.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: "\t").first }
        return Set(files.map { String($0.dropLast(".bin".count)) })
    }
}
