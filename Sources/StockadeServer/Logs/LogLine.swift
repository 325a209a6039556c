// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// One line of the log, and how it looks.
struct LogLine {
    /// Unix time.
    var microseconds: Int64
    var level: Logger.Level
    var logger: String
    var message: String
    /// A name that stays the same when the words are mended; empty: none.
    var event = ""
    /// Name and value, in order.
    var fields: [(name: String, value: String)] = []
    /// Lines like it that weren't written.
    var suppressed: UInt64 = 0

    /// An object, and the end of the line.
    var json: String {
        var json = JSONText()
        json.beginObject()
        json.member("ts", WallText.timestamp(microseconds: microseconds))
        json.member("level", level.rawValue)
        json.member("msg", message)
        if !event.isEmpty { json.member("event", event) }
        json.member("logger", logger)
        if suppressed > 0 { json.member("suppressed", suppressed) }
        if !fields.isEmpty {
            json.beginObject("fields")
            for field in fields { json.member(field.name, field.value) }
            json.endObject()
        }
        json.endObject()
        return json.text + "\n"
    }

    /// For people, and the end of the line.
    var text: String {
        var text = "\(WallText.timestamp(microseconds: microseconds)) \(level.rawValue) "
        text += LogLine.printable(message)
        if !event.isEmpty { text += " event=\(LogLine.printable(event))" }
        for field in fields {
            text += " \(LogLine.printable(field.name))=\(LogLine.printable(field.value))"
        }
        if suppressed > 0 { text += " (suppressed \(suppressed) like it)" }
        return text + "\n"
    }

    /// What a peer made must neither begin a line nor paint the terminal.
    static func printable(_ text: String) -> String {
        var printable = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x20 || scalar.value == 0x7f || (0x80...0x9f).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029
            {
                printable += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                printable.unicodeScalars.append(scalar)
            }
        }
        return printable
    }
}
