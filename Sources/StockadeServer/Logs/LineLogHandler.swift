// SPDX-License-Identifier: Apache-2.0

public import Logging

/// Hands what a logger says to the desk.
///
/// The metadata's `event` is a name that programs may rely on; all else in it become fields.
public struct LineLogHandler: LogHandler {
    private let label: String
    private let desk: LogDesk
    /// What every line of this logger carries.
    public var metadata: Logger.Metadata = [:]
    /// What every line carries besides.
    public var metadataProvider: Logger.MetadataProvider?

    init(_ label: String, _ desk: LogDesk) {
        self.label = label
        self.desk = desk
    }

    /// The desk's: one for all loggers.
    public var logLevel: Logger.Level {
        get { desk.level }
        set { desk.level = newValue }
    }

    /// What every line of this logger carries under a name.
    public subscript(metadataKey name: String) -> Logger.Metadata.Value? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        var all = metadata
        if let metadataProvider { all.merge(metadataProvider.get()) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        var line = LogLine(
            microseconds: WallText.microsecondsNow(), level: event.level, logger: label,
            message: event.message.description)
        line.event = all.removeValue(forKey: "event").map { "\($0)" } ?? ""
        if let error = event.error { all["error"] = "\(error)" }
        line.fields = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        desk.take(line)
    }
}
