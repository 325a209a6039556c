// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// A number of calls that are made once each, in any order, and must all succeed: preparing the
/// stock before a run, reading it afterwards.
protocol CallSequence {
    /// How many.
    var count: Int { get }
    /// What they call.
    var method: Method { get }
    /// Writes the request of call `index`.
    mutating func encode(_ index: Int, into request: inout ByteWriter)
    /// Takes the answer of call `index`; false when it isn't what it must be.
    mutating func accept(_ index: Int, _ answer: Span<UInt8>) -> Bool
}
