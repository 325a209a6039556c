// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// For whom a command prints.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// People.
    case text
    /// Programs.
    case json
}
