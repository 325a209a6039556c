// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The house rules that a machine can see. Each finding says what to do, not only what is wrong.
enum Tidy {
    /// What is wrong in a file of the product or the load tester.
    static func findings(_ file: SourceFile) -> [String] {
        imports(file) + bannedWords(file) + names(file) + everywhere(file)
    }

    /// What is wrong in any Swift file, tests included.
    static func everywhere(_ file: SourceFile) -> [String] {
        licence(file) + privatePaths(file) + tasksLeft(file) + forceTry(file)
    }

    // MARK: - Imports

    /// Imports that the table of modules doesn't allow.
    static func imports(_ file: SourceFile) -> [String] {
        guard ModuleTable.rules[file.module] != nil else {
            return [
                "\(file.path): module \(file.module) has no row in ModuleTable;"
                    + " add one that says what it may know"
            ]
        }
        let allowed = ModuleTable.allowed(file.module)
        return file.imports.filter { !allowed.contains($0.module) }.map { found in
            "\(file.path):\(found.line): \(file.module) must not import \(found.module); "
                + advice(on: found.module, in: file.module)
        }
    }

    private static func advice(on imported: String, in module: String) -> String {
        let rule = ModuleTable.rules[module]
        if rule?.never.contains(imported) == true {
            return "the load tester shares no bugs with the core: ask over the wire"
        }
        if ModuleTable.cModules.contains(imported) {
            let owners = ModuleTable.rules.filter { $0.value.owns.contains(imported) }.keys.sorted()
            return
                "C modules stay with their owner: use what \(owners.joined(separator: ", ")) offers"
        }
        if imported == "Foundation", rule?.isHot == true {
            return "hot modules have bytes and plain integers; Primitives has what is missing"
        }
        if ModuleTable.rules[imported] != nil {
            return "take what you need as an argument, or move the code to a module above both"
        }
        return "few dependencies, chosen in a decision; then a word in ModuleTable"
    }

    // MARK: - Words

    /// A word that must not occur in some modules.
    struct Ban {
        var word: String
        var advice: String
        /// Nil: in every module.
        var modules: [String]?
        /// Modules to which it belongs.
        var except: [String] = []
    }

    private static let pure = ["Primitives", "Effects", "Wire", "StockadeAPI", "ReservationCore"]

    /// Time, chance and shared mutable state come in through the front door.
    static let bans = [
        Ban(word: "Date()", advice: "take a DecisionTime, or a Tick, as an argument", modules: nil),
        Ban(word: "Date.now", advice: "take a DecisionTime as an argument", modules: nil),
        Ban(word: "clock_gettime", advice: "take a Tick as an argument", modules: pure),
        Ban(word: "ContinuousClock", advice: "take a Tick as an argument", modules: pure),
        Ban(word: "SuspendingClock", advice: "take a Tick as an argument", modules: pure),
        Ban(word: "DispatchTime", advice: "take a Tick as an argument", modules: pure),
        Ban(word: ".random(", advice: "take a number or a key as an argument", modules: pure),
        Ban(word: ".randomElement(", advice: "take a number as an argument", modules: pure),
        Ban(word: ".shuffled(", advice: "take an order as an argument", modules: pure),
        Ban(
            word: "SystemRandomNumberGenerator", advice: "take a key as an argument",
            modules: pure),
        Ban(word: "getrandom", advice: "take a key as an argument", modules: pure),
        Ban(
            word: "print(", advice: "answer with a value; the outermost layer talks", modules: pure),
        Ban(
            word: "@unchecked Sendable",
            advice: "let a lock own the state; only Primitives and Transport may promise by hand",
            modules: nil, except: ["Primitives", "Transport"]),
    ]

    /// Banned words in code; comments may speak of them.
    static func bannedWords(_ file: SourceFile) -> [String] {
        var findings: [String] = []
        let bans = bans.filter {
            ($0.modules?.contains(file.module) ?? true) && !$0.except.contains(file.module)
        }
        for line in file.code {
            for ban in bans where line.text.contains(ban.word) {
                findings.append(
                    "\(file.path):\(line.number): \(ban.word) is banned in \(file.module); "
                        + ban.advice)
            }
        }
        return findings
    }

    // MARK: - Files

    /// Grab bags.
    static func names(_ file: SourceFile) -> [String] {
        ["Util", "Common", "Helper", "Misc"].filter { file.name.contains($0) }.map { word in
            "\(file.path): a file called \(word) collects everything; name the thing that is in it"
        }
    }

    /// The licence line comes first.
    static func licence(_ file: SourceFile) -> [String] {
        // A manifest begins with the version of its tools.
        let lines = file.lines.prefix { $0.text.hasPrefix("//") }
        if lines.contains(where: { $0.text == "// SPDX-License-Identifier: Apache-2.0" }) {
            return []
        }
        return ["\(file.path): begin with the line // SPDX-License-Identifier: Apache-2.0"]
    }

    /// Paths of somebody's machine.
    static func privatePaths(_ file: SourceFile) -> [String] {
        let beginnings = ["/home/", "/Users/", "/root/"]
        return file.lines.filter { line in beginnings.contains { line.text.contains($0) } }.map {
            "\(file.path):\($0.number): a path of one machine; derive it from #filePath or take it"
                + " as an argument"
        }
    }

    /// Work that was put off without a decision.
    static func tasksLeft(_ file: SourceFile) -> [String] {
        file.lines.filter { line in
            guard
                let word = ["TODO", "FIXME", "XXX"].first(where: { line.text.contains("\($0)") }),
                let place = line.text.range(of: word), line.text.contains("//")
            else { return false }
            // TODO(0012): names a page in ops/decisions.
            let rest = line.text[place.upperBound...]
            let digits = rest.dropFirst().prefix { $0.isNumber }
            return !(word == "TODO" && rest.hasPrefix("(") && digits.count == 4)
        }.map {
            "\(file.path):\($0.number): do it now, or write TODO(0012): with the number of a decision"
        }
    }

    /// Crashes that look like error handling.
    static func forceTry(_ file: SourceFile) -> [String] {
        file.code.filter { $0.text.contains("try!") }.map {
            "\(file.path):\($0.number): try! hides a fault; throw it on, or say what it means"
        }
    }
}
