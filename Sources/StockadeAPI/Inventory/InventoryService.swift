// SPDX-License-Identifier: Apache-2.0

/// Answers GetStock.
public typealias GetStockResponse = StockReply
/// Answers AdjustStock.
public typealias AdjustStockResponse = StockReply
