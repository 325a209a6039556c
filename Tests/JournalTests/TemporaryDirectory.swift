// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A directory that is gone when its test is.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let place = FileManager.default.temporaryDirectory
            .appendingPathComponent("journal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        path = place.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The length of a file in it, or nil.
    func length(of name: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return attributes?[.size] as? Int
    }

    /// Names in it, sorted.
    var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }

    /// Overwrites bytes of a file.
    func overwrite(_ name: String, at offset: UInt64, with bytes: [UInt8]) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: "\(path)/\(name)"))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    /// Bytes of a file.
    func read(_ name: String, at offset: UInt64, count: Int) throws -> [UInt8] {
        let file = try #require(FileHandle(forReadingAtPath: "\(path)/\(name)"))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        return Array(try file.read(upToCount: count) ?? Data())
    }
}
