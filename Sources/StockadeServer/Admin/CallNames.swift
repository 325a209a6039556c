// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI
internal import Wire

/// How calls are named in metrics, as others' gRPC metrics do: from the method table, so that a new
/// call comes along by itself.
struct CallNames {
    let service: String
    let method: String
    let type = "unary"

    /// By index into the table; the one after the last stands for what isn't served.
    static let all: [CallNames] =
        Method.allCases.map { CallNames(path: "\($0.path)") }
        + [CallNames(service: "unknown", method: "unknown")]

    private init(service: String, method: String) {
        self.service = service
        self.method = method
    }

    private init(path: String) {
        let parts = path.split(separator: "/")
        precondition(parts.count == 2)
        self.init(service: String(parts[0]), method: String(parts[1]))
    }
}

extension StatusCode {
    /// The name in `grpc_code`.
    var metricName: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "Canceled"
        case .unknown: "Unknown"
        case .invalidArgument: "InvalidArgument"
        case .deadlineExceeded: "DeadlineExceeded"
        case .notFound: "NotFound"
        case .alreadyExists: "AlreadyExists"
        case .permissionDenied: "PermissionDenied"
        case .resourceExhausted: "ResourceExhausted"
        case .failedPrecondition: "FailedPrecondition"
        case .aborted: "Aborted"
        case .outOfRange: "OutOfRange"
        case .unimplemented: "Unimplemented"
        case .internal: "Internal"
        case .unavailable: "Unavailable"
        case .dataLoss: "DataLoss"
        case .unauthenticated: "Unauthenticated"
        }
    }
}
