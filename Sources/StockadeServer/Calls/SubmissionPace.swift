// SPDX-License-Identifier: Apache-2.0

/// When a loop sends what its decisions brought to the disk (decisions 0008 and 0027): a state machine
/// over decisions, idle moments and the time.
///
/// A flush costs the processor as much as thirty decisions, so records that come anyway had better
/// share one. But when all callers wait for the same flush, the loop has nothing to do meanwhile. So a
/// loop submits when it is about to sleep, and before that as soon as so many decisions have gathered
/// that the rest of the work fills the time of a flush. How many that is depends on callers and disk,
/// and is found by trying: one that slept all the same tries fewer, one that didn't tries more.
struct SubmissionPace: BitwiseCopyable {
    /// Decisions that gather at least: with fewer callers a loop sleeps before the bound is met.
    static let boundMin = 128
    /// Decisions that gather at most: far from what a buffer of the journal takes.
    static let boundMax = 4_096
    /// How long records wait at most in a loop that is never idle, in nanoseconds: 1 ms.
    static let interval: UInt64 = 1_000_000

    /// Decisions that gather before they are submitted.
    private(set) var bound = 512
    private var gathered = 0
    private var nextSubmission: UInt64 = 0

    /// Counts a decision; true: what has gathered goes to disk now.
    @inline(__always)
    mutating func countDecision() -> Bool {
        gathered += 1
        return gathered >= bound
    }

    /// Whether the last submission is too long ago.
    func isDue(at now: UInt64) -> Bool { now >= nextSubmission }

    /// What has gathered goes to disk, as it is enough.
    mutating func submittedByCount(at now: UInt64) {
        bound = min(SubmissionPace.boundMax, bound + bound / 8)
        submitted(at: now)
    }

    /// What has gathered goes to disk, as the loop has nothing else to do.
    mutating func submittedWhenIdle(at now: UInt64) {
        if gathered > 0 { bound = max(SubmissionPace.boundMin, bound - bound / 16) }
        submitted(at: now)
    }

    /// What has gathered goes to disk.
    mutating func submitted(at now: UInt64) {
        gathered = 0
        nextSubmission = now + SubmissionPace.interval
    }
}
