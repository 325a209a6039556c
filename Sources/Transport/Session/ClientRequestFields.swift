// SPDX-License-Identifier: Apache-2.0

internal import CNghttp2
internal import Primitives

/// The header fields of a client's requests on one connection: made once, and per call only `:path`
/// and `grpc-timeout` are set. nghttp2 copies none of them but the timeout.
@safe struct ClientRequestFields: BitwiseCopyable {
    private let fields: UnsafeMutablePointer<nghttp2_nv>
    private let authority: UnsafeMutablePointer<UInt8>

    private static let pathIndex = 2
    private static let countWithoutTimeout = 6

    /// Allocates the fields; `free` gives them back.
    init(authority text: String) {
        let bytes = Array(text.utf8)
        unsafe authority = .allocate(capacity: max(1, bytes.count))
        unsafe authority.initialize(from: bytes, count: bytes.count)
        unsafe fields = .allocate(capacity: Self.countWithoutTimeout + 1)
        unsafe fields.initialize(to: HeaderFields.constant(":method", "POST"))
        unsafe (fields + 1).initialize(to: HeaderFields.constant(":scheme", "http"))
        unsafe (fields + 2).initialize(to: HeaderFields.constant(":path", "/"))
        unsafe (fields + 3).initialize(to: HeaderFields.constant(":authority", "-"))
        unsafe fields[3].value = authority
        unsafe fields[3].valuelen = bytes.count
        unsafe (fields + 4).initialize(
            to: HeaderFields.constant("content-type", "application/grpc"))
        unsafe (fields + 5).initialize(to: HeaderFields.constant("te", "trailers"))
        unsafe (fields + 6).initialize(to: HeaderFields.constant("grpc-timeout", "-"))
        unsafe fields[6].flags = HeaderFields.noCopyName
    }

    /// Gives the memory back, after nghttp2's session has gone.
    func free() {
        unsafe fields.deallocate()
        unsafe authority.deallocate()
    }

    /// The fields of a call; `timeout` is coded, and empty when there is none. Must be submitted
    /// before `timeout` changes.
    func request(
        path: ConstantText, timeout: Span<UInt8>
    ) -> (UnsafeMutablePointer<nghttp2_nv>, Int) {
        unsafe fields[Self.pathIndex].value = UnsafeMutablePointer(mutating: path.start)
        unsafe fields[Self.pathIndex].valuelen = path.count
        guard timeout.count > 0 else { return unsafe (fields, Self.countWithoutTimeout) }
        unsafe timeout.withUnsafeBufferPointer {
            // SAFETY: nghttp2 copies the value when the request is submitted, right after this.
            unsafe fields[Self.countWithoutTimeout].value =
                UnsafeMutablePointer(mutating: $0.baseAddress!)
        }
        unsafe fields[Self.countWithoutTimeout].valuelen = timeout.count
        return unsafe (fields, Self.countWithoutTimeout + 1)
    }
}
