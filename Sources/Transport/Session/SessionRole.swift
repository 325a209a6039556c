// SPDX-License-Identifier: Apache-2.0

/// Which side of a connection we are.
enum SessionRole: UInt8, BitwiseCopyable {
    case server
    case client
}
