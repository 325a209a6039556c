// SPDX-License-Identifier: Apache-2.0

/// Counts what a hostile peer does often and an honest one rarely: a state machine over frames, with
/// the time as an argument. What nghttp2 bounds itself isn't counted again.
struct SessionDefence: BitwiseCopyable {
    private var emptyDataFrames = 0
    private var idleControlFrames = 0
    private var windowUpdates = 0
    private var explainedWindowUpdates = Limits.windowUpdatesBase
    private var endedCalls = 0
    private var brokenOffCalls = 0
    private var faultResets = 0
    private var faultWindowStart: UInt64 = 0

    /// DATA came; `isEmpty`: without a byte and without END_STREAM.
    mutating func receivedData(isEmpty: Bool) -> SessionFault? {
        idleControlFrames = 0
        guard isEmpty else {
            emptyDataFrames = 0
            return nil
        }
        emptyDataFrames += 1
        return emptyDataFrames > Limits.emptyDataFramesMax ? .emptyData : nil
    }

    /// A call began. It explains two WINDOW_UPDATEs, fourfold since gRPC clients measure bandwidth.
    mutating func receivedHeaders() {
        idleControlFrames = 0
        explainedWindowUpdates += 8
    }

    /// We sent DATA: each frame explains ten times two WINDOW_UPDATEs, fourfold.
    mutating func sentData() {
        explainedWindowUpdates += 80
    }

    /// PING or SETTINGS came.
    mutating func receivedControl() -> SessionFault? {
        idleControlFrames += 1
        return idleControlFrames > Limits.idleControlFramesMax ? .controlFrames : nil
    }

    /// WINDOW_UPDATE came.
    mutating func receivedWindowUpdate() -> SessionFault? {
        windowUpdates += 1
        return windowUpdates > explainedWindowUpdates ? .windowUpdates : nil
    }

    /// A call ended; `brokenOff`: by the peer, before its answer.
    mutating func callEnded(brokenOff: Bool) -> SessionFault? {
        endedCalls += 1
        if brokenOff { brokenOffCalls += 1 }
        guard endedCalls >= Limits.resetSampleCalls else { return nil }
        let isAttack = brokenOffCalls * 2 >= endedCalls
        endedCalls = 0
        brokenOffCalls = 0
        return isAttack ? .brokenOffCalls : nil
    }

    /// We sent RST_STREAM for a fault of the peer.
    mutating func sentFaultReset(at now: UInt64) -> SessionFault? {
        if now &- faultWindowStart > Limits.resetWindowNanoseconds {
            faultWindowStart = now
            faultResets = 0
        }
        faultResets += 1
        return faultResets > Limits.faultResetsMax ? .faultResets : nil
    }
}
