// SPDX-License-Identifier: Apache-2.0

/// Where something was written.
struct Place: Comparable {
    /// 0: the file; n: the nth override.
    var source = 0
    /// From 1.
    var line = 1
    /// From 1.
    var column = 1

    static func < (left: Place, right: Place) -> Bool {
        (left.source, left.line, left.column) < (right.source, right.line, right.column)
    }
}

/// A fault before it is known what its file is called.
struct PlacedFault: Error {
    var place: Place
    var text: String
}
