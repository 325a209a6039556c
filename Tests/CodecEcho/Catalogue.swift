// SPDX-License-Identifier: Apache-2.0

import Recoding
import StockadeAPI
import Wire

/// What the codec knows, to be compared with the descriptors of the `.proto` files.
enum Catalogue {
    /// Every type that the codec knows; of the last it writes only.
    static let recoders = Recoder.all + [StatusDetails.recoder]

    /// One line each: the kind of thing, then its parts, with tabs between.
    static var entries: [String] {
        Method.allCases.map { "method\t\($0.path)" }
            + recoders.map { "message\t\($0.name)" }
            + values(of: ReservationState.self, named: "stockade.v1.ReservationState")
            + values(of: FillMode.self, named: "stockade.v1.FillMode")
            + values(of: SetStockResult.self, named: "stockade.v1.SetStockResult")
            + values(of: MovementKind.self, named: "stockade.v1.MovementKind")
            + values(of: OrderReviewState.self, named: "stockade.v1.OrderReviewState")
            + values(of: OrderFulfilmentState.self, named: "stockade.v1.OrderFulfilmentState")
            + values(of: OrderPaymentState.self, named: "stockade.v1.OrderPaymentState")
            + values(of: OrderMode.self, named: "stockade.v1.OrderMode")
            + values(of: CancelCause.self, named: "stockade.v1.CancelCause")
            + values(of: OrderEventKind.self, named: "stockade.v1.OrderEventKind")
            + values(
                of: ServingStatus.self, named: "grpc.health.v1.HealthCheckResponse.ServingStatus")
            + Reason.allCases.map { "enum\tstockade.v1.Reason\t\($0.rawValue)\t\($0.name)" }
            + Reason.allCases.map { "reason\t\($0.name)\t\($0.status.rawValue)\t\($0.isRetryable)" }
            + MetadataKey.allCases.map { "metadata\t\($0.name)" }
            + WireError.Code.allCases.map { "wire error\t\($0.rawValue)\t\($0)" }
    }

    private static func values<Value>(of _: Value.Type, named name: String) -> [String]
    where Value: CaseIterable & RawRepresentable<UInt8> {
        Value.allCases.map { "enum\t\(name)\t\($0.rawValue)\t\(constant("\($0)"))" }
    }

    /// `allOrNothing` as a `.proto` writes it: ALL_OR_NOTHING.
    private static func constant(_ name: String) -> String {
        name.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }
}
