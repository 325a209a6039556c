// SPDX-License-Identifier: Apache-2.0

/// What is known of one connection's HTTP/2 session. Lives at a fixed address: nghttp2's callbacks
/// are given that address.
@safe struct SessionState {
    let role: SessionRole
    let id: ConnectionID
    let shared: Handle<LoopShared>
    /// nghttp2's session; set right after it was made.
    var engine: OpaquePointer?

    // Open calls, a list through the calls themselves.
    var firstCall: Handle<CallState>?
    var openCalls = 0

    /// The call whose header block is arriving, and since when.
    var headingCall: Handle<CallState>?
    var headingSince: UInt64 = 0
    /// Server: what that block must be like.
    var rules = RequestRules()
    /// The call that had the latest frame: DATA mostly follows its own HEADERS.
    var recentCall: Handle<CallState>?
    var recentStream: Int32 = 0
    /// The method of the latest call: callers repeat themselves.
    var recentMethod: UInt16 = 0

    /// Body bytes read since the connection's window was last given back.
    var unconsumedBytes = 0
    /// Heap bytes that hold unfinished requests.
    var requestHeapBytes = 0
    /// Bytes of answers that were given, held ones too, and aren't in a frame yet.
    var replyBytes = 0
    /// Calls with a whole message wait until the peer has taken more of its answers.
    var hasBacklog = false
    /// Calls answered before the peer ended its side: each needs an RST_STREAM afterwards.
    var earlyAnswers = 0
    /// The stream whose last DATA frame nghttp2 is making, which our own trailers follow; 0: none.
    var trailedStream: Int32 = 0
    /// The peer may have changed the size of its header table: the next header block says so first
    /// (RFC 7541 section 4.2), and only nghttp2 can.
    var owesTableSize = true

    /// Server: where frames begin, and the header blocks that repeat.
    var cursor = FrameCursor()
    var repeatedHeads: RepeatedHeads
    /// Server: HEADERS frames that the look ahead has passed, and that nghttp2 has begun.
    var headsSeen: UInt64 = 0
    var headsBegun: UInt64 = 0

    var defence = SessionDefence()
    var fault: SessionFault?

    /// The peer's first SETTINGS have come.
    var isEstablished = false
    /// Client: the server takes no further calls on this connection.
    var isGoingAway = false
    var drain = DrainStage.none
    /// True while the session is in the loop's list of those with something to send.
    var isDirty = false

    /// Client: how many calls the server allows at once.
    var remoteCallsMax = Limits.clientCallsPerConnectionMax
    /// Client: the fields of a request.
    var requestFields: ClientRequestFields?

    init(role: SessionRole, id: ConnectionID, shared: Handle<LoopShared>) {
        self.role = role
        self.id = id
        self.shared = shared
        repeatedHeads = RepeatedHeads()
    }
}
