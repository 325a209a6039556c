// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Projection

@Suite struct SchemaTests {
    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocols/postgres")

    @Test func theBinaryBringsTheFilesAlong() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: SchemaTests.folder.path)
            .filter { $0.hasSuffix(".sql") }.sorted()
        let expected = SchemaMigration.all.flatMap { migration in
            let beginning = String(repeating: "0", count: 4 - "\(migration.version)".count)
            return ["down", "up"].map {
                "\(beginning)\(migration.version)_\(migration.name).\($0).sql"
            }
        }
        #expect(files == expected)
        for (file, text) in zip(files, SchemaMigration.all.flatMap { [$0.down, $0.up] }) {
            let written = try String(
                contentsOf: SchemaTests.folder.appending(path: file), encoding: .utf8)
            #expect(written == text, "\(file): run python3 ops/lib/embed_migrations.py")
        }
    }

    @Test func theCommentsAreTheList() throws {
        let names = try #require(SchemaMigration.all.first).commented
        #expect(names.contains("stock"))
        #expect(names.contains("stock.on_hand"))
        #expect(names.contains("dead_letters.body"))
        #expect(Set(names).count == names.count)
    }

    private let known = [
        SchemaMigration(version: 1, name: "a", checksum: "x", up: "", down: ""),
        SchemaMigration(version: 2, name: "b", checksum: "y", up: "", down: ""),
    ]

    private func judge(_ checksums: [(Int, String)]) -> SchemaState {
        SchemaKeeper.judge(
            checksums.map {
                SchemaKeeper.Applied(version: $0.0, name: "", checksum: $0.1, at: "")
            }, by: known)
    }

    @Test func whatWasRunIsJudged() {
        #expect(judge([]) == .behind(version: 0))
        #expect(judge([(1, "x")]) == .behind(version: 1))
        #expect(judge([(1, "x"), (2, "y")]) == .current)
        #expect(judge([(1, "x"), (2, "y"), (3, "z")]) == .newer(version: 3))
        #expect(judge([(1, "x"), (2, "z")]) == .altered(version: 2))
        #expect(judge([(2, "y")]) == .altered(version: 1))
        // What can't be known for sure is the worse of the two.
        #expect(judge([(1, "z"), (2, "y"), (3, "z")]) == .altered(version: 1))
    }

    @Test func onlyWhatIsKnownMayBeTouched() {
        for state in [SchemaState.missing, .behind(version: 0), .current] {
            #expect(!state.isForbidden)
        }
        for state in [SchemaState.foreign, .newer(version: 9), .altered(version: 1)] {
            #expect(state.isForbidden)
        }
    }
}
