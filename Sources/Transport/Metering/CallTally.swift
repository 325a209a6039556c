// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// The loop's side of its meter: what to add when. A few relaxed additions per call.
struct CallTally: BitwiseCopyable, Sendable {
    private let cells: TallyCells
    let methods: Int

    init(_ cells: TallyCells, methods: Int) {
        self.cells = cells
        self.methods = methods
    }

    @inline(__always)
    private func place(of call: Handle<CallState>) -> Int {
        let isKnown = call.value.marks.contains(.knownMethod)
        return MeterLayout.method(isKnown ? Int(call.value.head.method) : methods)
    }

    /// A call's headers are whole.
    @inline(__always)
    func started(_ call: Handle<CallState>) {
        cells.add(1, at: place(of: call) + MeterLayout.started)
    }

    /// A call has its answer, or never will.
    @inline(__always)
    func handled(_ call: Handle<CallState>, _ status: StatusCode) {
        cells.add(1, at: place(of: call) + MeterLayout.handled + Int(status.rawValue))
    }

    /// How long answers of a method took, from a whole message to the gate.
    @inline(__always)
    func took(_ nanoseconds: UInt64, method: Int, times: UInt64 = 1) {
        let place = MeterLayout.method(method)
        let bucket = LatencyBuckets.index(ofNanoseconds: nanoseconds)
        cells.add(times, at: place + MeterLayout.buckets + bucket)
        cells.add(nanoseconds &* times, at: place + MeterLayout.nanoseconds)
    }

    /// An answer to a message of the same turn: timed when the turn ends.
    @inline(__always)
    func answeredAtOnce(_ method: Int) {
        cells.add(1, at: MeterLayout.method(method) + MeterLayout.answeredAtOnce)
    }

    /// All answers to messages of the same turn took so long.
    func timeAnswers(_ nanoseconds: UInt64) {
        for method in 0..<methods {
            let place = MeterLayout.method(method) + MeterLayout.answeredAtOnce
            let count = cells[place]
            guard count > 0 else { continue }
            cells.set(0, at: place)
            took(nanoseconds, method: method, times: count)
        }
    }

    /// Adds one to a figure that isn't a method's.
    @inline(__always)
    func count(_ place: Int) { cells.add(1, at: place) }

    func ended(_ end: ConnectionEnd) { cells.add(1, at: MeterLayout.ended + Int(end.rawValue)) }
}
