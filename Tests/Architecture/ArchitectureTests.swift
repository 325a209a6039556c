// SPDX-License-Identifier: Apache-2.0

import Testing

/// The checkout as it is.
@Suite struct ArchitectureTests {
    @Test func theProductKeepsTheHouseRules() {
        let files = Repository.swiftFiles(in: ["Sources", "loadtest"])
            .filter { !$0.path.hasPrefix("loadtest/peers/") }
        #expect(files.count > 20, "the checkout wasn't found at \(Repository.root)")
        for finding in files.flatMap(Tidy.findings) { Issue.record("\(finding)") }
    }

    @Test func testsAndPeersKeepThoseThatConcernThem() {
        let files = Repository.swiftFiles(in: ["Tests", "loadtest/peers"])
            .filter { !$0.path.hasPrefix("Tests/Architecture/") }
        for finding in files.flatMap({ Tidy.everywhere($0) + Tidy.names($0) }) {
            Issue.record("\(finding)")
        }
    }

    @Test func theManifestAgrees() throws {
        let manifest = Manifest(try Repository.manifest())
        let files = Repository.swiftFiles(in: ["Sources", "loadtest"])
            .filter { !$0.path.hasPrefix("loadtest/peers/") }
        for finding in manifest.findings(files) { Issue.record("\(finding)") }
    }

    @Test func theTableHasNoCircles() {
        for module in ModuleTable.rules.keys {
            #expect(!ModuleTable.allowed(module).contains(module), "\(module) below itself")
        }
    }

    @Test func theLoadTesterKnowsNothingOfTheCore() {
        for module in ["LoadGenerator", "stampede"] {
            #expect(ModuleTable.allowed(module).isDisjoint(with: ModuleTable.coreSide))
        }
    }

    @Test func anArrowDoesNotHandOnACModule() {
        #expect(!ModuleTable.allowed("StockadeServer").contains("CNghttp2"))
        #expect(!ModuleTable.allowed("Effects").contains("CIntrinsics"))
        #expect(ModuleTable.allowed("StockadeServer").contains("Primitives"))
    }
}
