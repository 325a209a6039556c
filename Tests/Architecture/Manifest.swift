// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The targets of a package manifest and what they depend on, read from its text: running the
/// manifest would cost every test run some seconds.
struct Manifest {
    /// Names right below each target, products by their own name.
    private(set) var dependencies: [String: [String]] = [:]
    /// Versions that aren't pinned, and flags that aren't safe.
    private(set) var faults: [String] = []

    init(_ text: String) {
        for part in text.components(separatedBy: "arget(").dropFirst() {
            guard let name = Manifest.text(after: "name: \"", in: part) else { continue }
            var names: [String] = []
            if let list = part.range(of: "dependencies: [") {
                // Up to the bracket that closes the list.
                var depth = 1
                var body = ""
                for character in part[list.upperBound...] {
                    if character == "[" { depth += 1 }
                    if character == "]" { depth -= 1 }
                    if depth == 0 { break }
                    body.append(character)
                }
                let products = body.components(separatedBy: ".product(").dropFirst()
                names += products.compactMap { Manifest.text(after: "name: \"", in: $0) }
                let rest = body.components(separatedBy: ".product(").enumerated().map {
                    $0.offset == 0 ? $0.element : $0.element.drop { $0 != ")" }.description
                }.joined()
                names += Manifest.literals(in: rest)
            }
            dependencies[name] = names
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if line.contains(".package(url:"), !line.contains("exact:") {
                faults.append("Package.swift:\(index + 1): pin the version with exact:")
            }
            if line.contains("unsafeFlags") {
                faults.append(
                    "Package.swift:\(index + 1): pass the flag in ops/build, not in the manifest")
            }
        }
    }

    private static func text(after beginning: String, in part: String) -> String? {
        guard let start = part.range(of: beginning) else { return nil }
        return String(part[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func literals(in text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// Dependencies that the table of modules doesn't allow, and imports that the manifest doesn't
    /// declare.
    func findings(_ files: [SourceFile]) -> [String] {
        var findings = faults
        for (module, _) in ModuleTable.rules {
            guard let declared = dependencies[module] else {
                findings.append(
                    "ModuleTable has \(module), Package.swift hasn't: remove one or add the other")
                continue
            }
            let allowed = ModuleTable.allowed(module)
            for name in declared where !allowed.contains(name) {
                findings.append(
                    "Package.swift: \(module) must not depend on \(name);"
                        + " change ModuleTable first if that is meant")
            }
        }
        for file in files where dependencies[file.module] != nil {
            let reachable = reachable(from: file.module)
            for found in file.imports
            where ModuleTable.rules[found.module] != nil
                || ModuleTable.cModules.contains(found.module)
            {
                if !reachable.contains(found.module) {
                    findings.append(
                        "\(file.path):\(found.line): imports \(found.module) by accident of another"
                            + " target; add it to \(file.module)'s dependencies in Package.swift")
                }
            }
        }
        return findings
    }

    /// What a target may count on: its own dependencies, and the Swift modules below those. A C
    /// module has to be named by who uses it.
    private func reachable(from module: String) -> Set<String> {
        let own = dependencies[module] ?? []
        var reachable = Set(own)
        var next = own
        while let below = next.popLast() {
            for name in dependencies[below] ?? []
            where !ModuleTable.cModules.contains(name) && reachable.insert(name).inserted {
                next.append(name)
            }
        }
        return reachable
    }
}
