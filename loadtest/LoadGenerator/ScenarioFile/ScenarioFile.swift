// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Scenarios as files: YAML, and JSON, which is YAML too. loadtest/scenarios/README.md describes the
/// keys.
public enum ScenarioFile {
    /// Reads a scenario.
    ///
    /// - Parameters:
    ///   - text: the file's text.
    ///   - file: what faults call it.
    ///   - overrides: `path=value` of `--set`, such as `load.stages.0.hold.at=5k/s`; the value is YAML.
    ///   - environment: for `${NAME}` and `${NAME:-default}` in values.
    /// - Returns: the scenario, checked.
    /// - Throws: every fault that was found, in the order of the file, at most 20.
    public static func read(
        _ text: String, file: String, overrides: [String], environment: [String: String]
    ) throws(ScenarioFaults) -> Scenario {
        var found: [PlacedFault] = []
        var scenario: Scenario?
        do {
            // A byte order mark is what some editors begin a file with.
            let start = text.unicodeScalars.first == "\u{feff}" ? 1 : 0
            var root = try YAMLNode.read(
                String(text.unicodeScalars.dropFirst(start)), source: 0)
            found += root.expand(environment)
            for (index, override) in overrides.enumerated() {
                do {
                    try apply(override, source: index + 1, to: &root)
                } catch {
                    found.append(error)
                }
            }
            var reader = ScenarioReader()
            scenario = reader.scenario(root)
            // What couldn't be expanded is wrong for the reader as well: once is enough.
            let places = found.map(\.place)
            found += reader.faults.filter { !places.contains($0.place) }
        } catch {
            found.append(error)
        }
        if found.isEmpty, let scenario { return scenario }
        let sorted = found.enumerated().sorted {
            ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
        }
        throw ScenarioFaults(
            faults: sorted.prefix(ScenarioFaults.countMax).map { _, fault in
                let source = fault.place.source
                return ScenarioFault(
                    file: source == 0 ? file : "--set \(path(of: overrides[source - 1]))",
                    line: fault.place.line, column: fault.place.column, text: fault.text)
            })
    }

    /// Reads a scenario from a file.
    ///
    /// - Throws: why there is none.
    public static func load(
        _ path: String, overrides: [String], environment: [String: String]
    ) throws(ScenarioFailure) -> Scenario {
        let bytes = try contents(of: path)
        guard bytes.count <= YAMLSubset.bytesMax else {
            let fault = ScenarioFault(
                file: path, line: 1, column: 1, text: YAMLSubset.tooLong)
            throw .faulty(ScenarioFaults(faults: [fault]))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let line = 1 + bytes[..<firstInvalid(bytes)].count { $0 == UInt8(ascii: "\n") }
            throw .faulty(
                ScenarioFaults(faults: [
                    ScenarioFault(
                        file: path, line: line, column: 1,
                        text: "bytes on this line are no UTF-8: save the file as UTF-8")
                ]))
        }
        do {
            return try read(
                text, file: path, overrides: overrides, environment: environment)
        } catch {
            throw .faulty(error)
        }
    }

    /// The scenario as YAML that `read` takes and reads to an equal value.
    public static func write(_ scenario: Scenario) -> String {
        var writer = ScenarioWriter()
        writer.write(scenario)
        return writer.text
    }

    // MARK: - Overrides

    private static func apply(
        _ override: String, source: Int, to root: inout YAMLNode
    ) throws(PlacedFault) {
        let place = Place(source: source)
        guard let equals = override.firstIndex(of: "="), equals > override.startIndex else {
            throw PlacedFault(
                place: place,
                text: "\(Quoted.text(override)) sets nothing: write path=value, such as seed=7")
        }
        let path = override[..<equals]
        let value = try YAMLNode.read(
            String(override[equals...].dropFirst()), source: source,
            before: path.unicodeScalars.count + 1)
        let steps = path.split(separator: ".", omittingEmptySubsequences: false)
        guard steps.count <= 40, steps.allSatisfy({ !$0.isEmpty }) else {
            throw PlacedFault(
                place: place,
                text: "\(Quoted.text(String(path))) is no path: write keys with points between,"
                    + " such as load.stages.0.hold.at")
        }
        try root.set(steps[...], to: value)
    }

    private static func path(of override: String) -> String {
        String(override.prefix { $0 != "=" }.prefix(80))
    }

    // MARK: - Bytes

    /// A file's bytes, one more than the longest scenario at most.
    private static func contents(of path: String) throws(ScenarioFailure) -> [UInt8] {
        // SAFETY: the kernel reads the path, which ends with a zero, during the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable(reason()) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= YAMLSubset.bytesMax {
            // SAFETY: the kernel writes into the array's memory during the call, at most its length.
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe Glibc.read(file, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(reason())
            }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return bytes
    }

    private static func reason() -> String {
        // SAFETY: strerror answers a text that ends with a zero; it is copied at once.
        unsafe String(cString: strerror(errno))
    }

    /// Where the bytes stop being UTF-8.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var index = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            index += UTF8.width(scalar)
        }
        return min(index, bytes.count)
    }
}
