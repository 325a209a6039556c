// SPDX-License-Identifier: Apache-2.0

/// Answers GetStock.
public typealias GetStockResponse = StockPolicyReply
/// Answers AdjustStock.
public typealias AdjustStockResponse = StockReply
/// Answers SetStockPolicy.
public typealias SetStockPolicyResponse = StockPolicyReply
