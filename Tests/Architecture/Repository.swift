// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The checkout that these tests were built from.
enum Repository {
    /// Its top folder: Tests/Architecture/Repository.swift is three steps below.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below some folders, as paths from the top, sorted.
    static func swiftFiles(in folders: [String]) -> [SourceFile] {
        var files: [SourceFile] = []
        for folder in folders {
            let base = root.appending(path: folder)
            guard let walk = FileManager.default.enumerator(atPath: base.path) else { continue }
            for case let name as String in walk where name.hasSuffix(".swift") {
                guard
                    let text = try? String(
                        contentsOf: base.appending(path: name), encoding: .utf8)
                else { continue }
                files.append(SourceFile(path: "\(folder)/\(name)", text: text))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The manifest's text.
    static func manifest() throws -> String {
        try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    }
}

/// A Swift file: where it lies, and what it says.
struct SourceFile {
    /// From the top of the checkout.
    var path: String
    var text: String

    /// The module it belongs to: the folder below Sources, loadtest or Tests.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The lines with their numbers, from 1.
    var lines: [(number: Int, text: Substring)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
            ($0.offset + 1, $0.element)
        }
    }

    /// The modules that are imported, with their lines.
    var imports: [(line: Int, module: String)] {
        lines.compactMap { line in
            var words = line.text.split(separator: " ")
            while let first = words.first,
                first.hasPrefix("@")
                    || ["public", "package", "internal", "fileprivate", "private"].contains(first)
            {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = kinds.contains(String(words[1])) && words.count > 2 ? words[2] : words[1]
            return (line.number, String(name.prefix { $0 != "." }))
        }
    }

    /// The lines without what follows `//`: good enough, as no string of ours has two slashes.
    var code: [(number: Int, text: String)] {
        lines.map { line in
            let text = String(line.text)
            guard let comment = text.range(of: "//") else { return (line.number, text) }
            return (line.number, String(text[..<comment.lowerBound]))
        }
    }
}
