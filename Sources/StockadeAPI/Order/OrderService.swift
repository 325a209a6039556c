// SPDX-License-Identifier: Apache-2.0

/// Answers CreateOrder.
public typealias CreateOrderResponse = OrderReply
/// Answers GetOrder.
public typealias GetOrderResponse = OrderReply
/// Answers CancelOrder.
public typealias CancelOrderResponse = OrderReply
/// Asks what happened to an order.
public typealias GetOrderTimelineRequest = GetOrderRequest
