// SPDX-License-Identifier: Apache-2.0

/// Header fields of requests.
enum Request {
    /// The methods of `ScriptService`, in the order of its configuration.
    enum Method: UInt16, CaseIterable {
        /// Answers with what it got.
        case reply
        /// Answers FAILED_PRECONDITION with text and details.
        case refuse
        /// Answers once sequence 10 is durable.
        case hold
        /// Refuses once sequence 10 is durable.
        case holdRefusal
        /// Answers with as many bytes as the message says in decimal.
        case big
        /// Forgets to answer.
        case forget
        /// Answers with all the trailers there are.
        case trailers
        /// Answers with a writer that overflowed.
        case overflow

        var path: StaticString {
            switch self {
            case .reply: "/test.Script/Reply"
            case .refuse: "/test.Script/Refuse"
            case .hold: "/test.Script/Hold"
            case .holdRefusal: "/test.Script/HoldRefusal"
            case .big: "/test.Script/Big"
            case .forget: "/test.Script/Forget"
            case .trailers: "/test.Script/Trailers"
            case .overflow: "/test.Script/Overflow"
            }
        }
    }

    /// A right request, with `more` at its end.
    static func to(_ method: Method, _ more: (String, String)...) -> [(String, String)] {
        to(path: "\(method.path)", more)
    }

    static func to(path: String, _ more: [(String, String)] = []) -> [(String, String)] {
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ] + more
    }

    /// A right request but for one field.
    static func with(_ name: String, _ value: String?) -> [(String, String)] {
        to(.reply).compactMap { field in
            guard field.0 == name else { return field }
            return value.map { (name, $0) }
        }
    }
}
