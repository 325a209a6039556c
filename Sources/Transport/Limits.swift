// SPDX-License-Identifier: Apache-2.0

/// Every bound of the wire with its reason. Times are nanoseconds, sizes bytes.
public enum Limits {
    // MARK: Calls

    /// Open calls on one connection: MAX_CONCURRENT_STREAMS. RFC 9113 section 6.5.2 advises at least
    /// 100; a small number also keeps nghttp2's table of streams, whose hash isn't keyed, tiny.
    public static let callsPerConnectionMax = 256
    /// Calls that a client keeps open on one connection, whatever the server would allow.
    public static let clientCallsPerConnectionMax = 1_024
    /// Open calls of one loop, unless configured: 64 full connections, about 11 MB when all are used.
    public static let callsPerLoop = 16_384
    /// Bytes of a message that lie in the call's own slot: a Reserve of several lines and its answer.
    public static let inlineMessageBytes = 512
    /// A message's length, both ways, unless configured: what gRPC's C core and Go accept.
    public static let messageBytesMax = 4 << 20
    /// Bytes of unfinished requests that one connection may make us keep, beyond the slots: two of
    /// the longest messages, so that one at a time always gets through.
    public static let requestBytesPerConnectionMax = 8 << 20
    /// Bytes of a `grpc-message` after coding. Clients accept 8 KiB of trailers in all; the details
    /// repeat the text, and base64 adds a third.
    static let statusTextBytesMax = 2_048
    /// Bytes of `grpc-status-details-bin` after base64: the rest of the 8 KiB. Longer ones are left
    /// out; the status and its text still go.
    static let statusDetailsBytesMax = 5_120

    // MARK: Headers

    /// Bytes of one header block as RFC 9113 counts them (name + value + 32 each): what we advertise
    /// as MAX_HEADER_LIST_SIZE, and where gRPC's C core gives up too.
    public static let headerBytesMax = 16 << 10
    /// Fields of one header block, dropped ones included. Proxies in front send some 30.
    public static let headerFieldsMax = 64
    /// How many times over the two bounds above a block is still answered politely, with 431. Beyond,
    /// the stream is reset and nghttp2 stops telling us about the block.
    static let headerExcessMax = 4
    /// CONTINUATION frames of a block. Debian's 1.52 counts each read that ends inside one, so slow
    /// clients need more than its default of 8; the bytes are bounded above.
    static let continuationsMax = 32

    // MARK: Floods

    /// Frames that wait in nghttp2's queue for one connection after its input was read: 256 calls have
    /// at most a HEADERS and a trailers frame each, acknowledgements are bounded below.
    public static let outboundFramesMax = 2_000
    /// Acknowledgements of PING and SETTINGS among them.
    static let outboundAcknowledgementsMax = 100
    /// Entries of one SETTINGS frame; there are seven kinds.
    static let settingsEntriesMax = 16
    /// DATA frames without a byte and without END_STREAM, one after the other.
    public static let emptyDataFramesMax = 10
    /// PING and SETTINGS frames between two frames of calls: gRPC clients ping once per burst of data,
    /// and on idle connections every few minutes.
    public static let idleControlFramesMax = 200
    /// RST_STREAM that a peer's faults made us send within `resetWindowNanoseconds`.
    public static let faultResetsMax = 100
    /// The window of `faultResetsMax`.
    static let resetWindowNanoseconds: UInt64 = 30 * second
    /// Ended calls after which the share of those that the peer broke off is judged; above half, the
    /// connection goes. Timeouts of honest clients stay far below.
    public static let resetSampleCalls = 500
    /// WINDOW_UPDATE frames beyond those that calls and sent data explain (see `SessionDefence`).
    static let windowUpdatesBase = 20
    /// Broken-off calls that nghttp2's own limiter lets pass at once, and per second: above what our
    /// own ratio lets through, so that ours decides.
    static let streamResetBurst: UInt64 = 10_000
    /// See `streamResetBurst`.
    static let streamResetsPerSecond: UInt64 = 1_000

    // MARK: Buffers

    /// Bytes read from a connection in one turn.
    public static let readBytesPerTurn = 64 << 10
    /// Bytes written to a connection in one turn. When so many bytes of answers are left, no further
    /// call of the connection goes to the service; when the socket is blocked too, nothing is read.
    public static let writeHighWaterBytes = 256 << 10
    /// Bytes of answers that one connection may make us keep because it doesn't read them, what was
    /// made into frames included: follows from the high water and the longest reply.
    public static let unreadReplyBytesMax = 3 * writeHighWaterBytes + messageBytesMax
    /// Bytes that one loop keeps of what nghttp2 gave back, for its next calls: about 4,000 calls.
    static let engineBytesKeptMax = 4 << 20
    /// HTTP/2 window of a stream: a message of usual size needs no WINDOW_UPDATE.
    static let streamWindowBytes: Int32 = 256 << 10
    /// HTTP/2 window of a connection.
    static let connectionWindowBytes: Int32 = 4 << 20
    /// Payload of one DATA frame: HTTP/2's default, which we leave.
    static let framePayloadBytes = 16 << 10

    // MARK: Timers

    /// From accepting a connection to its preface and first SETTINGS.
    public static let prefaceNanoseconds: UInt64 = 10 * second
    /// From a header block's first byte to its last.
    public static let headerBlockNanoseconds: UInt64 = 10 * second
    /// From a request's headers to the end of its message, for calls without an earlier deadline.
    public static let requestNanoseconds: UInt64 = 30 * second
    /// A shorter `grpc-timeout` has passed on arrival: less than a turn of a loop takes.
    static let timeoutMinNanoseconds: UInt64 = 1_000
    /// How long a peer may take no byte while some wait for it.
    public static let writeStallNanoseconds: UInt64 = 30 * second
    /// From the first GOAWAY to the second, when the PING between them isn't acknowledged.
    public static let drainNoticeNanoseconds: UInt64 = 5 * second
    /// From the end of our writing to closing, so that the last bytes aren't lost with a TCP reset.
    static let lingerNanoseconds: UInt64 = 1 * second
    /// From the begin of draining to closing whatever is still open, unless configured.
    public static let drainNanoseconds: UInt64 = 25 * second
    /// Pause of accepting when the process has no descriptors left.
    public static let acceptPauseNanoseconds: UInt64 = second / 10
    /// Timers are rounded up to this, 4.2 ms: so a loop looks through them at most 240 times a second.
    static let timerGrainNanoseconds: UInt64 = 1 << 22
    private static let second: UInt64 = 1_000_000_000

    // MARK: Loops

    /// Connections of one process, unless configured: an idle one costs 14 KB, nearly all of it
    /// nghttp2's (measured with 900), and 1 KB for its header blocks, beside what the kernel takes.
    public static let connectionsMax = 10_000
    /// Connections accepted in one turn.
    static let acceptsPerTurn = 64
    /// Accepted connections that may wait for another loop to take them.
    static let handedOverMax = 1_024
    /// Connections that wait in the kernel to be accepted.
    static let listenBacklog: Int32 = 1_024
    /// Events that one wait returns.
    static let eventsPerTurn = 256
    /// Held replies that one turn lets go.
    public static let releasesPerTurn = 512
    /// Events of one session between two visits of the loop: a read of 64 KiB holds at most 1,986
    /// whole calls of the smallest size.
    static let sessionEventsMax = 4_096
    /// Timers that fire in one turn; the rest fire in the next.
    static let timersPerTurn = 1_024
}
