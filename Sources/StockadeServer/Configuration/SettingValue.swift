// SPDX-License-Identifier: Apache-2.0

/// What a setting is set to. Sizes are bytes, durations milliseconds.
public enum SettingValue: Hashable, Sendable {
    /// An address, a path, a word.
    case text(String)
    /// A count, a size, a duration.
    case number(Int)
    /// Yes or no.
    case truth(Bool)
}

/// Where a value comes from; later ones win.
public enum SettingSource: Equatable, Sendable, CustomStringConvertible {
    /// Nobody set it.
    case standard
    /// The configuration file.
    case file(String, line: Int)
    /// An environment variable.
    case environment(String)
    /// The command line.
    case flag(String)

    /// In a few words.
    public var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): "environment \(name)"
        case .flag(let name): "flag --\(name)"
        }
    }

    /// What the reader of a file, of the environment and of a command line set.
    var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .flag: 3
        }
    }
}
