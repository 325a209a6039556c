// SPDX-License-Identifier: Apache-2.0

internal import Effects

/// The core's policy beside the API's of the same name.
typealias CoreStockPolicy = StockPolicy
