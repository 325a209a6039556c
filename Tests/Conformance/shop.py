# SPDX-License-Identifier: Apache-2.0
"""A stock gRPC client with one word for each call."""

import os
import time
from dataclasses import dataclass

import grpc
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import inventory_service_pb2_grpc as inventory_grpc
from stockade.v1 import order_service_pb2 as order
from stockade.v1 import order_service_pb2_grpc as order_grpc
from stockade.v1 import reservation_service_pb2 as reservation
from stockade.v1 import reservation_service_pb2_grpc as reservation_grpc
from stockade.v1 import types_pb2 as types

HELD = types.RESERVATION_STATE_HELD
CONFIRMED = types.RESERVATION_STATE_CONFIRMED
RELEASED = types.RESERVATION_STATE_RELEASED
EXPIRED = types.RESERVATION_STATE_EXPIRED

ACCEPTED = types.ORDER_REVIEW_STATE_ACCEPTED
CANCELLED = types.ORDER_REVIEW_STATE_CANCELLED
DIRECT = order.ORDER_MODE_DIRECT
FROM_RESERVATION = order.ORDER_MODE_FROM_RESERVATION

PARTIAL = types.FILL_MODE_PARTIAL
APPLIED = inventory.SET_STOCK_RESULT_APPLIED
STALE = inventory.SET_STOCK_RESULT_STALE

WAREHOUSE = "north"
DEALER = "dealer-1"
CALL_SECONDS = 20

# Deadlines count ticks, what was made when is the wall clock's: they may part by so much before the
# wall clock counts as set (StockadeService.wallStepMilliseconds).
WALL_STEP_MS = 100


def new_id():
    """A client id: 16 random bytes."""
    return os.urandom(16)


def open_channel(address, *options):
    """A channel with a connection of its own."""
    return grpc.insecure_channel(
        address, options=[("grpc.use_local_subchannel_pool", 1), *options]
    )


def line(sku, quantity, warehouse=WAREHOUSE, number=0):
    return types.Line(sku=sku, warehouse=warehouse, quantity=quantity, line_number=number)


def lines_of(wanted):
    """Lines from `{sku: quantity}` or from a list of (sku, quantity) or Lines."""
    pairs = wanted.items() if isinstance(wanted, dict) else wanted
    return [each if isinstance(each, types.Line) else line(*each) for each in pairs]


@dataclass
class Answer:
    """A message, and whether the server marked it as a replay."""

    message: object
    is_replay: bool


def check_equations(stock):
    """What holds for the figures of any account at any moment."""
    assert stock.on_hand >= 0 and stock.held >= 0 and stock.allocated >= 0
    assert stock.available == stock.on_hand - stock.held - stock.allocated - stock.safety
    assert stock.deficit == max(0, stock.held + stock.allocated - stock.on_hand)
    assert stock.version >= 1
    return stock


class Shop:
    """One brand's client over one connection. Calls raise grpc.RpcError when refused."""

    def __init__(self, address, brand, *options):
        self.address = address
        self.brand = brand
        self.channel = open_channel(address, *options)
        self.inventory = inventory_grpc.InventoryServiceStub(self.channel)
        self.reservations = reservation_grpc.ReservationServiceStub(self.channel)
        self.orders = order_grpc.OrderServiceStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def again(self):
        """The same brand over another connection."""
        return Shop(self.address, self.brand)

    def call(self, stub, request, metadata=(), timeout=CALL_SECONDS):
        """Any unary call: its message and replay mark."""
        message, call = stub.with_call(request, timeout=timeout, metadata=metadata)
        return Answer(message, dict(call.trailing_metadata()).get("idempotent-replay") == "1")

    def key(self, sku, warehouse=WAREHOUSE):
        return types.StockKey(brand=self.brand, sku=sku, warehouse=warehouse)

    # Stock

    def stock(self, sku, warehouse=WAREHOUSE):
        """The account's figures; its equations are checked each time."""
        request = inventory.GetStockRequest(key=self.key(sku, warehouse))
        stock = self.call(self.inventory.GetStock, request).message.stock
        assert stock.key == self.key(sku, warehouse)
        return check_equations(stock)

    def figures(self, sku, warehouse=WAREHOUSE):
        """(on_hand, held, allocated, available)"""
        stock = self.stock(sku, warehouse)
        return stock.on_hand, stock.held, stock.allocated, stock.available

    def set_stock_request(self, sku, on_hand, warehouse=WAREHOUSE, **fields):
        fields.setdefault("request_id", new_id())
        return inventory.SetStockRequest(key=self.key(sku, warehouse), on_hand=on_hand, **fields)

    def set_stock_answer(self, sku, on_hand, warehouse=WAREHOUSE, **fields):
        request = self.set_stock_request(sku, on_hand, warehouse, **fields)
        return self.call(self.inventory.SetStock, request)

    def set_stock(self, sku, on_hand, warehouse=WAREHOUSE, **fields):
        """Sets on_hand, making the account if need be."""
        message = self.set_stock_answer(sku, on_hand, warehouse, **fields).message
        check_equations(message.stock)
        return message

    def adjust_request(self, sku, delta, warehouse=WAREHOUSE, **fields):
        fields.setdefault("request_id", new_id())
        return inventory.AdjustStockRequest(key=self.key(sku, warehouse), delta=delta, **fields)

    def adjust_answer(self, sku, delta, warehouse=WAREHOUSE, **fields):
        request = self.adjust_request(sku, delta, warehouse, **fields)
        return self.call(self.inventory.AdjustStock, request)

    def adjust(self, sku, delta, warehouse=WAREHOUSE, **fields):
        return check_equations(self.adjust_answer(sku, delta, warehouse, **fields).message.stock)

    def set_policy_answer(self, sku, warehouse=WAREHOUSE, **fields):
        fields.setdefault("request_id", new_id())
        request = inventory.SetStockPolicyRequest(key=self.key(sku, warehouse), **fields)
        return self.call(self.inventory.SetStockPolicy, request)

    def set_policy(self, sku, warehouse=WAREHOUSE, **fields):
        message = self.set_policy_answer(sku, warehouse, **fields).message
        check_equations(message.stock)
        return message

    def policy(self, sku, warehouse=WAREHOUSE):
        """How the account is sold, as GetStock says it."""
        request = inventory.GetStockRequest(key=self.key(sku, warehouse))
        return self.call(self.inventory.GetStock, request).message.policy

    def transfer_answer(self, sku, quantity, source, target, **fields):
        fields.setdefault("request_id", new_id())
        fields.setdefault("brand", self.brand)
        request = inventory.TransferStockRequest(
            sku=sku, quantity=quantity, from_warehouse=source, to_warehouse=target, **fields
        )
        return self.call(self.inventory.TransferStock, request)

    def transfer(self, sku, quantity, source, target, **fields):
        message = self.transfer_answer(sku, quantity, source, target, **fields).message
        return check_equations(message.source), check_equations(message.target)

    def stocks(self, keys, **fields):
        """The results of a BatchGetStock."""
        fields.setdefault("brand", self.brand)
        request = inventory.BatchGetStockRequest(keys=keys, **fields)
        return self.call(self.inventory.BatchGetStock, request).message.results

    # Reservations

    def reserve_request(self, wanted, **fields):
        fields.setdefault("reservation_id", new_id())
        fields.setdefault("brand", self.brand)
        fields.setdefault("dealer", DEALER)
        return reservation.ReserveRequest(lines=lines_of(wanted), **fields)

    def reserve_answer(self, wanted, **fields):
        answer = self.call(self.reservations.Reserve, self.reserve_request(wanted, **fields))
        return Answer(answer.message.reservation, answer.is_replay)

    def reserve(self, wanted, **fields):
        """A new reservation."""
        answer = self.reserve_answer(wanted, **fields)
        assert not answer.is_replay
        return answer.message

    def confirm_answer(self, reservation_id, order_id=None, lines=(), **fields):
        fields.setdefault("brand", self.brand)
        request = reservation.ConfirmRequest(
            reservation_id=reservation_id,
            order_id=new_id() if order_id is None else order_id,
            lines=lines,
            **fields,
        )
        answer = self.call(self.reservations.Confirm, request)
        return Answer(answer.message.reservation, answer.is_replay)

    def confirm(self, reservation_id, order_id=None, lines=(), **fields):
        return self.confirm_answer(reservation_id, order_id, lines, **fields).message

    def release_answer(self, reservation_id, **fields):
        fields.setdefault("brand", self.brand)
        request = reservation.ReleaseRequest(reservation_id=reservation_id, **fields)
        answer = self.call(self.reservations.Release, request)
        return Answer(answer.message.reservation, answer.is_replay)

    def release(self, reservation_id, **fields):
        return self.release_answer(reservation_id, **fields).message

    def reservation(self, reservation_id, **fields):
        fields.setdefault("brand", self.brand)
        request = reservation.GetReservationRequest(reservation_id=reservation_id, **fields)
        return self.call(self.reservations.GetReservation, request).message.reservation


    def reserve_batch(self, items):
        """The results of a BatchReserve."""
        request = reservation.BatchReserveRequest(items=items)
        answer = self.call(self.reservations.BatchReserve, request)
        assert not answer.is_replay, "each item has its own mark"
        return answer.message.results

    def extend_answer(self, reservation_id, ttl_ms, **fields):
        fields.setdefault("brand", self.brand)
        fields.setdefault("request_id", new_id())
        request = reservation.ExtendRequest(
            reservation_id=reservation_id, ttl_ms=ttl_ms, **fields
        )
        answer = self.call(self.reservations.Extend, request)
        return Answer(answer.message.reservation, answer.is_replay)

    def extend(self, reservation_id, ttl_ms, **fields):
        return self.extend_answer(reservation_id, ttl_ms, **fields).message

    def reservation_page(self, **fields):
        fields.setdefault("brand", self.brand)
        request = reservation.ListReservationsRequest(**fields)
        return self.call(self.reservations.ListReservations, request).message

    def reservation_list(self, **fields):
        """All pages' reservations."""
        return self.pages(self.reservation_page, "reservations", fields)

    # Orders

    def order_request(self, wanted=(), **fields):
        fields.setdefault("order_id", new_id())
        fields.setdefault("brand", self.brand)
        fields.setdefault("dealer", DEALER)
        mode = FROM_RESERVATION if fields.get("reservation_ids") else DIRECT
        fields.setdefault("mode", mode)
        return order.CreateOrderRequest(lines=lines_of(wanted), **fields)

    def order_answer(self, wanted=(), **fields):
        answer = self.call(self.orders.CreateOrder, self.order_request(wanted, **fields))
        return Answer(answer.message.order, answer.is_replay)

    def create_order(self, wanted=(), **fields):
        """A new order."""
        answer = self.order_answer(wanted, **fields)
        assert not answer.is_replay
        return answer.message

    def order(self, order_id, **fields):
        fields.setdefault("brand", self.brand)
        request = order.GetOrderRequest(order_id=order_id, **fields)
        return self.call(self.orders.GetOrder, request).message.order

    def cancel_answer(self, order_id, lines=(), **fields):
        fields.setdefault("brand", self.brand)
        fields.setdefault("request_id", new_id())
        request = order.CancelOrderRequest(order_id=order_id, lines=lines, **fields)
        answer = self.call(self.orders.CancelOrder, request)
        return Answer(answer.message.order, answer.is_replay)

    def cancel(self, order_id, lines=(), **fields):
        return self.cancel_answer(order_id, lines, **fields).message

    def timeline(self, order_id, **fields):
        fields.setdefault("brand", self.brand)
        request = order.GetOrderTimelineRequest(order_id=order_id, **fields)
        return self.call(self.orders.GetOrderTimeline, request).message

    def order_page(self, **fields):
        fields.setdefault("brand", self.brand)
        return self.call(self.orders.ListOrders, order.ListOrdersRequest(**fields)).message

    def order_list(self, **fields):
        """All pages' orders."""
        return self.pages(self.order_page, "orders", fields)

    @staticmethod
    def pages(page_of, entries, fields):
        """What all pages of a list have, one after the other."""
        found, token = [], ""
        while True:
            page = page_of(page_token=token, **fields)
            found += getattr(page, entries)
            token = page.next_page_token
            if not token:
                return found


def eventually(condition, seconds=20, every=0.02):
    """Waits until `condition()` is true, and gives what it gave. Proves that, never how fast."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
