// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A configuration file that was read and holds only what may be set.
public struct ConfigurationFile: Sendable {
    /// A setting and the line it stands in.
    struct Entry: Sendable {
        var value: SettingValue
        var line: Int
    }

    /// The path as it was given.
    public let path: String
    private(set) var entries: [SettingKey: Entry] = [:]

    /// How many settings it has.
    public var count: Int { entries.count }

    /// Reads a file.
    ///
    /// - Throws: everything that is wrong with it.
    public init(path: String) throws(ConfigurationFaults) {
        let bytes: [UInt8]
        do throws(BoundedFile.Failure) {
            bytes = try BoundedFile.bytes(of: path, atMost: ConfigurationText.bytesMax)
        } catch { throw ConfigurationFaults(path, error.explanation) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationFaults(path, "it isn't UTF-8: save it as UTF-8")
        }
        try self.init(text, path: path)
    }

    /// Reads a file's text.
    ///
    /// - Throws: everything that is wrong with it.
    public init(_ text: String, path: String) throws(ConfigurationFaults) {
        self.path = path
        let text = ConfigurationText(text)
        var faults = text.faults
        for (section, place) in text.sections where !SettingKey.sections.contains(section) {
            let hint = ConfigurationFile.hint(section)
            faults.append(
                .init(place: place, text: "unknown section \(Quoted.text(section))\(hint)"))
        }
        for entry in text.entries where SettingKey.sections.contains(entry.section) {
            do throws(ConfigurationText.Fault) {
                let (key, value) = try ConfigurationFile.setting(entry)
                entries[key] = Entry(value: value, line: entry.place.line)
            } catch { faults.append(error) }
        }
        guard !faults.isEmpty else { return }
        let sorted = faults.enumerated().sorted {
            ($0.element.place.line, $0.element.place.column, $0.offset)
                < ($1.element.place.line, $1.element.place.column, $1.offset)
        }
        throw ConfigurationFaults(
            sorted.map { _, fault in
                ConfigurationFault(
                    place: "\(path):\(fault.place.line):\(fault.place.column)", text: fault.text)
            })
    }

    private static func setting(
        _ entry: ConfigurationText.Entry
    ) throws(ConfigurationText.Fault) -> (SettingKey, SettingValue) {
        guard let key = SettingKey(rawValue: "\(entry.section).\(entry.name)") else {
            throw .init(
                place: entry.place,
                text: "unknown key \(Quoted.text(entry.name)) in '\(entry.section)'"
                    + hint(entry.name, in: entry.section))
        }
        let form = Setting.of(key).form
        if let complaint = complaint(entry.value, form) {
            throw .init(place: entry.value.place, text: "\(key.rawValue) \(complaint)")
        }
        do throws(SettingForm.Misfit) {
            return (key, try form.read(entry.value.text))
        } catch {
            throw .init(place: entry.value.place, text: "\(key.rawValue) \(error.text)")
        }
    }

    /// The nearest section, or the one where a key of that name is.
    private static func hint(_ section: String) -> String {
        if let key = SettingKey.allCases.first(where: { $0.name == section }) {
            return "; '\(section)' is a key of the section '\(key.section)'"
        }
        return NearestName.hint(section, among: SettingKey.sections)
    }

    /// The nearest key of the section, or the section where a key of that name is.
    private static func hint(_ name: String, in section: String) -> String {
        if let elsewhere = SettingKey.allCases.first(where: { $0.name == name }) {
            return "; it belongs into the section '\(elsewhere.section)'"
        }
        let names = SettingKey.allCases.filter { $0.section == section }.map(\.name)
        return NearestName.hint(name, among: names)
    }

    /// Where YAML itself would take a value for another kind of thing than it is.
    private static func complaint(
        _ value: ConfigurationText.Scalar, _ form: SettingForm
    ) -> String? {
        switch form {
        case .truth, .count:
            return value.isQuoted ? "must be \(form.expected), without quotes" : nil
        case .path, .connection:
            let word = value.text.lowercased()
            let isNumber = word.utf8.allSatisfy {
                (0x30...0x39).contains($0) || "+-._".utf8.contains($0)
            }
            let isOther =
                ["~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(word)
                || isNumber && word.utf8.contains { (0x30...0x39).contains($0) }
            return !value.isQuoted && isOther
                ? "must be a text, and \(Quoted.text(value.text)) is none in YAML: put it in quotes"
                : nil
        case .address, .word, .bytes, .duration: return nil
        }
    }
}
