// SPDX-License-Identifier: Apache-2.0

import Recoding

extension Recoder {
    /// The type's name in its `.proto`, without the package.
    var shortName: String { String(name.split(separator: ".").last ?? "") }

    /// The type of a golden message: "reserve_request_full" is a ReserveRequest.
    static func ofGolden(_ name: String) -> Recoder? {
        let flattened = name.replacing("_", with: "")
        return all.filter { flattened.hasPrefix($0.shortName.lowercased()) }
            .max { $0.shortName.count < $1.shortName.count }
    }
}
