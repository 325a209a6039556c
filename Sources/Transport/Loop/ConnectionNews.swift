// SPDX-License-Identifier: Apache-2.0

/// What happened to a connection of the service's own making.
struct ConnectionNews: BitwiseCopyable {
    enum Kind: BitwiseCopyable {
        case connected, disconnected
    }

    let id: ConnectionID
    let kind: Kind
}
