// SPDX-License-Identifier: Apache-2.0

import Testing

/// The checker, on small bad samples.
@Suite struct TidyTests {
    private static let licence = "// SPDX-License-Identifier: Apache-2.0\n"

    private func findings(_ text: String, at path: String) -> [String] {
        Tidy.findings(SourceFile(path: path, text: TidyTests.licence + text))
    }

    @Test func aCleanFileHasNoFindings() {
        let text = """

            internal import Effects
            public import Primitives
            internal import Synchronization

            /// Never call Date() here.
            struct Clean {}
            """
        #expect(findings(text, at: "Sources/ReservationCore/Clean.swift") == [])
    }

    @Test(arguments: [
        ("Sources/ReservationCore/A.swift", "import Transport", "as an argument"),
        ("Sources/ReservationCore/A.swift", "internal import CIntrinsics", "Primitives"),
        ("Sources/ReservationCore/A.swift", "public import struct Foundation.Data", "plain"),
        ("Sources/StockadeServer/A.swift", "private import CNghttp2", "Transport"),
        ("Sources/Wire/A.swift", "@preconcurrency import NIOCore", "decision"),
        ("loadtest/LoadGenerator/A.swift", "internal import ReservationCore", "no bugs"),
        ("loadtest/LoadGenerator/A.swift", "@testable import Effects", "no bugs"),
        ("loadtest/stampede/A.swift", "import StockadeServer", "no bugs"),
        ("Sources/Nowhere/A.swift", "", "add one"),
    ])
    func aForbiddenImportIsFound(path: String, line: String, advice: String) {
        let found = findings(line, at: path)
        #expect(found.count == 1)
        #expect(found.first?.contains(advice) == true, "\(found)")
    }

    @Test(arguments: [
        ("ReservationCore", "let now = Date()"), ("StockadeServer", "let now = Date()"),
        ("ReservationCore", "let now = ContinuousClock.now"),
        ("Effects", "let key = UInt64.random(in: 0...9)"),
        ("Primitives", "print(\"here\")"),
        ("StockadeServer", "final class Table: @unchecked Sendable {}"),
        ("Transport", "let text = try! read()"),
        ("Wire", "// TODO: later"), ("Wire", "// TODO(12): later"), ("Wire", "// FIXME"),
        ("Wire", "let path = \"/home/me/file\""),
    ])
    func aBannedWordIsFound(module: String, line: String) {
        let found = findings(line, at: "Sources/\(module)/A.swift")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains("A.swift:2: ") == true)
    }

    @Test(arguments: [
        ("Transport", "final class Wake: @unchecked Sendable {}"),
        ("StockadeServer", "let now = ContinuousClock.now"),
        ("Wire", "// TODO(0012): when a second version exists"),
        ("Wire", "/// `try!` is never the answer."),
    ])
    func whatIsAllowedIsLeftAlone(module: String, line: String) {
        #expect(findings(line, at: "Sources/\(module)/A.swift") == [])
    }

    @Test func grabBagsAreFound() {
        for name in ["StringUtils", "Common", "TestHelpers", "Misc"] {
            #expect(findings("", at: "Sources/Wire/\(name).swift").count == 1, "\(name)")
        }
    }

    @Test func aMissingLicenceIsFound() {
        let file = SourceFile(path: "Sources/Wire/A.swift", text: "import Primitives\n")
        #expect(Tidy.licence(file).count == 1)
        let late = SourceFile(
            path: "Sources/Wire/A.swift", text: "import Primitives\n" + TidyTests.licence)
        #expect(Tidy.licence(late).count == 1)
    }

    private static let manifest = """
        let package = Package(
            dependencies: [
                .package(url: "https://example.com/a", from: "1.0.0"),
                .package(url: "https://example.com/b", exact: "1.0.0"),
            ],
            targets: [
                .target(name: "Wire", dependencies: ["Primitives"]),
                .target(
                    name: "StockadeServer",
                    dependencies: [
                        "Wire", .product(name: "Logging", package: "swift-log"), "CNghttp2",
                    ], swiftSettings: [.unsafeFlags(["-O"])]),
                .testTarget(name: "Architecture", swiftSettings: strict),
            ])
        """

    @Test func theManifestIsRead() {
        let manifest = Manifest(TidyTests.manifest)
        #expect(manifest.dependencies["Wire"] == ["Primitives"])
        #expect(
            manifest.dependencies["StockadeServer"].map(Set.init)
                == ["Wire", "Logging", "CNghttp2"])
        #expect(manifest.dependencies["Architecture"] == [])
    }

    @Test func aBadManifestIsFound() {
        let file = SourceFile(
            path: "Sources/StockadeServer/A.swift",
            text: TidyTests.licence + "import Transport\nimport Wire\n")
        let found = Manifest(TidyTests.manifest).findings([file])
        #expect(found.contains { $0.contains("Package.swift:3: pin") })
        #expect(found.contains { $0.contains("ops/build") })
        #expect(found.contains { $0.contains("StockadeServer must not depend on CNghttp2") })
        #expect(found.contains { $0.contains("imports Transport by accident") })
        #expect(!found.contains { $0.contains("imports Wire") })
        #expect(found.contains { $0.contains("ModuleTable has LoadGenerator") })
    }
}
