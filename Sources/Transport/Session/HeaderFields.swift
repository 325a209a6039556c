// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives
internal import Wire

/// Header fields ready for nghttp2. Names and fixed values are literals that nghttp2 needn't copy;
/// values of one call are copied by it when they are submitted, and never indexed: they would push
/// the few that repeat out of the peer's table.
@safe struct HeaderFields: ~Copyable {
    /// `:status: 200` and `content-type`: how every gRPC answer begins.
    let responseHead: UnsafeMutablePointer<nghttp2_nv>
    /// `grpc-status` with each of the codes.
    private let statuses: UnsafeMutablePointer<nghttp2_nv>
    /// Where the fields of one answer are put together.
    private let composed: UnsafeMutablePointer<nghttp2_nv>
    private let digits: UnsafeMutablePointer<UInt8>

    static let composedMax = 8
    static let responseHeadCount = 2

    init() {
        unsafe responseHead = .allocate(capacity: Self.responseHeadCount)
        unsafe responseHead.initialize(to: Self.constant(":status", "200"))
        unsafe (responseHead + 1).initialize(
            to: Self.constant("content-type", "application/grpc"))
        unsafe statuses = .allocate(capacity: StatusCode.allCases.count)
        for code in StatusCode.allCases {
            unsafe (statuses + Int(code.rawValue)).initialize(
                to: Self.constant("grpc-status", Self.digits(of: code)))
        }
        unsafe composed = .allocate(capacity: Self.composedMax)
        unsafe composed.initialize(
            repeating: Self.constant("-", "-"), count: Self.composedMax)
        unsafe digits = .allocate(capacity: 16)
        unsafe digits.initialize(repeating: 0, count: 16)
    }

    deinit {
        unsafe responseHead.deallocate()
        unsafe statuses.deallocate()
        unsafe composed.deallocate()
        unsafe digits.deallocate()
    }

    /// The trailers of a reply that says nothing but its status: one field.
    func status(_ code: StatusCode) -> UnsafeMutablePointer<nghttp2_nv> {
        unsafe statuses + Int(code.rawValue)
    }

    /// The trailers of a reply.
    func trailers(
        _ code: StatusCode, _ more: ReplyTrailers
    ) -> (UnsafeMutablePointer<nghttp2_nv>, Int) {
        unsafe composed[0] = statuses[Int(code.rawValue)]
        return unsafe (composed, append(more, after: 1))
    }

    /// A Trailers-Only block. `text` and `details` are coded already; empty: left out.
    func trailersOnly(
        _ code: StatusCode, text: Span<UInt8>, details: Span<UInt8>, _ more: ReplyTrailers
    ) -> (UnsafeMutablePointer<nghttp2_nv>, Int) {
        unsafe composed[0] = responseHead[0]
        unsafe composed[1] = responseHead[1]
        unsafe composed[2] = statuses[Int(code.rawValue)]
        var count = 3
        if text.count > 0 {
            unsafe composed[count] = Self.field("grpc-message", copying: text)
            count += 1
        }
        if details.count > 0 {
            unsafe composed[count] = Self.field("grpc-status-details-bin", copying: details)
            count += 1
        }
        return unsafe (composed, append(more, after: count))
    }

    /// The block of a refusal that Transport makes itself.
    func refusal(_ refusal: CallRefusal) -> (UnsafeMutablePointer<nghttp2_nv>, Int) {
        if let httpStatus = refusal.httpStatus {
            unsafe composed[0] = Self.constant(":status", httpStatus)
            unsafe composed[1] = Self.constant("content-type", "text/plain")
        } else {
            unsafe composed[0] = responseHead[0]
            unsafe composed[1] = responseHead[1]
        }
        unsafe composed[2] = statuses[Int(refusal.status.rawValue)]
        unsafe composed[3] = Self.constant("grpc-message", refusal.text)
        guard refusal == .foreignEncoding else { return unsafe (composed, 4) }
        unsafe composed[4] = Self.constant("grpc-accept-encoding", "identity")
        return unsafe (composed, 5)
    }

    private func append(_ more: ReplyTrailers, after first: Int) -> Int {
        var count = first
        if more.idempotentReplay {
            unsafe composed[count] = Self.constant("idempotent-replay", "1")
            count += 1
        }
        if let pushback = more.retryPushbackMilliseconds {
            unsafe composed[count] = pushbackField(pushback)
            count += 1
        }
        return count
    }

    private func pushbackField(_ milliseconds: Int32) -> nghttp2_nv {
        var rest = milliseconds.magnitude
        var first = 16
        repeat {
            first -= 1
            // SAFETY: an Int32 has at most ten digits and a sign; sixteen places are there.
            unsafe digits[first] = 0x30 + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        if milliseconds < 0 {
            first -= 1
            unsafe digits[first] = 0x2d
        }
        return unsafe Self.field(
            "grpc-retry-pushback-ms",
            copying: Span(_unsafeStart: UnsafePointer(digits + first), count: 16 - first))
    }

    static func constant(_ name: StaticString, _ value: StaticString) -> nghttp2_nv {
        // SAFETY: literals live as long as the program; nghttp2 only reads through the pointers.
        unsafe nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name.utf8Start),
            value: UnsafeMutablePointer(mutating: value.utf8Start),
            namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount,
            flags: noCopyName | noCopyValue)
    }

    private static func field(_ name: StaticString, copying value: Span<UInt8>) -> nghttp2_nv {
        unsafe value.withUnsafeBufferPointer { bytes in
            // SAFETY: the caller submits the field while the value is still there; nghttp2 copies it.
            unsafe nghttp2_nv(
                name: UnsafeMutablePointer(mutating: name.utf8Start),
                value: UnsafeMutablePointer(mutating: bytes.baseAddress!),
                namelen: name.utf8CodeUnitCount, valuelen: value.count,
                flags: noCopyName | noIndex)
        }
    }

    static let noIndex = UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)
    static let noCopyName = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
    static let noCopyValue = UInt8(NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)

    private static func digits(of code: StatusCode) -> StaticString {
        switch code {
        case .ok: "0"
        case .cancelled: "1"
        case .unknown: "2"
        case .invalidArgument: "3"
        case .deadlineExceeded: "4"
        case .notFound: "5"
        case .alreadyExists: "6"
        case .permissionDenied: "7"
        case .resourceExhausted: "8"
        case .failedPrecondition: "9"
        case .aborted: "10"
        case .outOfRange: "11"
        case .unimplemented: "12"
        case .internal: "13"
        case .unavailable: "14"
        case .dataLoss: "15"
        case .unauthenticated: "16"
        }
    }
}
