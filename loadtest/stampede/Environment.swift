// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The process's environment and its terminal.
enum Environment {
    /// Every variable.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        // SAFETY: the C library keeps the list, which ends with a null; nobody changes it here.
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text).split(separator: "=", maxSplits: 1)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            unsafe entry += 1
        }
        return variables
    }

    /// Columns and rows of the terminal on standard error; nil: it is none.
    static var terminalSize: (columns: Int, rows: Int)? {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        var size = winsize()
        // SAFETY: the kernel fills the struct that it is given.
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether colour may be used: a terminal, and nobody who has said NO_COLOR.
    static var allowsColour: Bool {
        variables["NO_COLOR"] == nil && variables["TERM"] != "dumb"
    }
}
