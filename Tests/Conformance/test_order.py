# SPDX-License-Identifier: Apache-2.0
"""Orders: made straight from stock or from reservations, read, cancelled in part and in whole, and
what their timeline says of it."""

import pytest
from refusals import refused
from shop import (
    ACCEPTED,
    CANCELLED,
    CONFIRMED,
    FROM_RESERVATION,
    HELD,
    PARTIAL,
    WAREHOUSE,
    eventually,
    line,
    new_id,
)
from stockade.v1 import order_service_pb2 as orders
from stockade.v1 import types_pb2 as types

CREATED = orders.ORDER_EVENT_KIND_CREATED
CANCELLED_IN_PART = orders.ORDER_EVENT_KIND_CANCELLED_IN_PART
CANCELLED_AT_LAST = orders.ORDER_EVENT_KIND_CANCELLED


def taken(order):
    """{(line number, sku, warehouse): (quantity, cancelled)}"""
    return {
        (each.line_number, each.sku, each.warehouse): (each.quantity, each.cancelled)
        for each in order.lines
    }


def events(shop, order_id):
    timeline = shop.timeline(order_id)
    assert timeline.complete
    sequences = [each.sequence for each in timeline.events]
    assert sequences == sorted(set(sequences))
    return [(each.kind, each.units, each.cause) for each in timeline.events]


class TestDirect:
    def test_takes_from_available(self, shop):
        shop.set_stock("tea", 10)
        request = shop.order_request({"tea": 4})
        order = shop.call(shop.orders.CreateOrder, request).message.order
        assert order.order_id == request.order_id
        assert (order.brand, order.dealer) == (shop.brand, request.dealer)
        assert order.review_state == ACCEPTED
        assert order.fulfilment_state == types.ORDER_FULFILMENT_STATE_ALLOCATED
        assert order.payment_state == types.ORDER_PAYMENT_STATE_UNPAID
        assert taken(order) == {(1, "tea", WAREHOUSE): (4, 0)}
        assert list(order.reservation_ids) == []
        assert 0 < order.created_ms == order.updated_ms
        assert shop.figures("tea") == (10, 0, 4, 6)
        assert shop.order(order.order_id) == order
        assert events(shop, order.order_id) == [(CREATED, 4, 0)]

    def test_again(self, shop):
        shop.set_stock("tea", 10)
        request = shop.order_request({"tea": 4})
        first = shop.call(shop.orders.CreateOrder, request)
        again = shop.call(shop.orders.CreateOrder, request)
        assert again.is_replay and again.message == first.message
        assert shop.figures("tea") == (10, 0, 4, 6)

    def test_again_shows_the_order_as_it_is_now(self, shop):
        shop.set_stock("tea", 10)
        request = shop.order_request({"tea": 4})
        shop.call(shop.orders.CreateOrder, request)
        shop.cancel(request.order_id)
        again = shop.call(shop.orders.CreateOrder, request)
        assert again.is_replay and again.message.order.review_state == CANCELLED

    @pytest.mark.parametrize("change", ["dealer", "quantity", "sku", "mode"])
    def test_the_same_id_with_other_content(self, shop, change):
        shop.set_stock("tea", 10)
        shop.set_stock("coffee", 10)
        held = shop.reserve({"tea": 1})
        order = shop.create_order({"tea": 4})
        wanted, fields = {"tea": 4}, {"order_id": order.order_id}
        match change:
            case "dealer":
                fields["dealer"] = "another"
            case "quantity":
                wanted = {"tea": 5}
            case "sku":
                wanted = {"coffee": 4}
            case "mode":
                wanted, fields["reservation_ids"] = (), [held.reservation_id]
        refused("IDEMPOTENCY_KEY_REUSED", shop.create_order, wanted, **fields)
        assert shop.figures("tea") == (10, 1, 4, 5)

    def test_all_or_nothing(self, shop):
        shop.set_stock("tea", 10)
        shop.set_stock("coffee", 2)
        request = shop.order_request({"tea": 4, "coffee": 3})
        refusal = refused("INSUFFICIENT_STOCK", shop.call, shop.orders.CreateOrder, request)
        assert refusal.metadata["line"] == "2"
        assert refusal.metadata["sku"] == "coffee"
        assert refusal.metadata["requested"] == "3"
        assert refusal.metadata["available"] == "2"
        assert refusal.metadata["failing_lines"] == "1"
        assert shop.figures("tea") == (10, 0, 0, 10)
        shop.adjust("coffee", 1)
        again = refused("INSUFFICIENT_STOCK", shop.call, shop.orders.CreateOrder, request)
        assert again.is_replay, "a new id is needed after a refusal"
        refused("ORDER_NOT_FOUND", shop.order, request.order_id)

    def test_partial(self, shop):
        shop.set_stock("tea", 3)
        shop.set_stock("coffee", 0)
        order = shop.create_order({"tea": 4, "coffee": 1}, fill_mode=PARTIAL)
        assert taken(order) == {(1, "tea", WAREHOUSE): (3, 0)}, "what got nothing isn't in it"

    def test_lines_keep_their_numbers(self, shop):
        shop.set_stock("tea", 10)
        order = shop.create_order([line("tea", 1, number=7), line("tea", 2, number=3)])
        assert taken(order) == {(7, "tea", WAREHOUSE): (1, 0), (3, "tea", WAREHOUSE): (2, 0)}

    def test_five_hundred_lines(self, shop):
        shop.set_stock("tea", 500)
        order = shop.create_order([("tea", 1)] * 500)
        assert len(order.lines) == 500
        assert shop.figures("tea") == (500, 0, 500, 0)
        assert shop.order(order.order_id) == order

    def test_what_does_not_exist(self, shop):
        shop.set_stock("tea", 1)
        refused("SKU_NOT_FOUND", shop.create_order, {"tea": 1, "coffee": 1})
        refused("WAREHOUSE_NOT_FOUND", shop.create_order, [line("tea", 1, "mars")])
        assert shop.figures("tea") == (1, 0, 0, 1)

    def test_an_id_is_no_reservation_of_the_same_bytes(self, shop):
        shop.set_stock("tea", 10)
        shared = new_id()
        shop.create_order({"tea": 1}, order_id=shared)
        shop.reserve({"tea": 2}, reservation_id=shared)
        assert shop.figures("tea") == (10, 2, 1, 7)


class TestAllocation:
    """Lines without a warehouse: the server takes from where there is most."""

    @pytest.fixture(autouse=True)
    def warehouses(self, shop):
        for warehouse, on_hand in (("north", 3), ("south", 5), ("west", 1)):
            shop.set_stock("tea", on_hand, warehouse)

    def test_one_that_has_it_all(self, shop):
        order = shop.create_order([line("tea", 4, "")])
        assert taken(order) == {(1, "tea", "south"): (4, 0)}

    def test_split(self, shop):
        order = shop.create_order([line("tea", 7, "")])
        assert taken(order) == {(1, "tea", "south"): (5, 0), (1, "tea", "north"): (2, 0)}
        assert [each.warehouse for each in order.lines] == ["south", "north"]

    def test_all_of_it_and_more(self, shop):
        refusal = refused("INSUFFICIENT_STOCK", shop.create_order, [line("tea", 10, "")])
        assert refusal.metadata["requested"] == "10"
        assert refusal.metadata["available"] == "9"
        order = shop.create_order([line("tea", 10, "")], fill_mode=PARTIAL)
        assert sum(each.quantity for each in order.lines) == 9

    def test_a_reservation_says_where(self, shop):
        request = shop.reserve_request([line("tea", 7, "")])
        held = shop.call(shop.reservations.Reserve, request).message.reservation
        assert len(held.lines) == 1
        assert held.lines[0].granted == 7
        assert held.lines[0].reason == types.REASON_UNSPECIFIED
        assert [(each.warehouse, each.quantity) for each in held.lines[0].allocations] == [
            ("south", 5),
            ("north", 2),
        ]
        again = shop.call(shop.reservations.Reserve, request)
        assert again.is_replay and again.message.reservation == held
        assert shop.reservation(held.reservation_id) == held

    def test_a_short_reservation(self, shop):
        held = shop.reserve([line("tea", 20, "")], fill_mode=PARTIAL)
        assert held.lines[0].granted == held.lines[0].available == 9
        assert held.lines[0].reason == types.REASON_INSUFFICIENT_STOCK
        assert len(held.lines[0].allocations) == 3

    def test_lines_that_name_their_warehouse_come_first(self, shop):
        order = shop.create_order([line("tea", 4, ""), line("tea", 5, "south")])
        assert taken(order) == {
            (1, "tea", "north"): (3, 0),
            (1, "tea", "west"): (1, 0),
            (2, "tea", "south"): (5, 0),
        }

    def test_a_split_line_is_confirmed_and_cancelled_by_its_number(self, shop):
        held = shop.reserve([line("tea", 7, "")])
        order_id = new_id()
        shop.confirm(held.reservation_id, order_id)
        assert taken(shop.order(order_id)) == {
            (1, "tea", "south"): (5, 0),
            (1, "tea", "north"): (2, 0),
        }
        order = shop.cancel(order_id, [line("", 6, "", 1)])
        assert taken(order) == {(1, "tea", "south"): (5, 5), (1, "tea", "north"): (2, 1)}
        assert shop.figures("tea", "north") == (3, 0, 1, 2)

    def test_of_an_unknown_sku(self, shop):
        refused("SKU_NOT_FOUND", shop.create_order, [line("coffee", 1, "")])


class TestFromReservations:
    def test_one(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        request = shop.order_request(reservation_ids=[held.reservation_id])
        order = shop.call(shop.orders.CreateOrder, request).message.order
        assert taken(order) == {(1, "tea", WAREHOUSE): (4, 0)}
        assert list(order.reservation_ids) == [held.reservation_id]
        assert shop.figures("tea") == (10, 0, 4, 6)
        confirmed = shop.reservation(held.reservation_id)
        assert (confirmed.state, confirmed.order_id) == (CONFIRMED, order.order_id)
        again = shop.call(shop.orders.CreateOrder, request)
        assert again.is_replay and again.message.order == order

    def test_several(self, shop):
        shop.set_stock("tea", 200)
        shop.set_stock("coffee", 100)
        held = [shop.reserve({"tea": number, "coffee": 1}) for number in range(1, 17)]
        ids = [each.reservation_id for each in held]
        order = shop.create_order(reservation_ids=ids)
        assert list(order.reservation_ids) == ids
        assert [each.line_number for each in order.lines] == list(range(1, 33))
        assert [each.quantity for each in order.lines if each.sku == "tea"] == list(range(1, 17))
        assert shop.figures("tea") == (200, 0, 136, 64)

    def test_all_must_still_be_held(self, shop):
        shop.set_stock("tea", 10)
        first, second = shop.reserve({"tea": 1}), shop.reserve({"tea": 2})
        ids = [first.reservation_id, second.reservation_id]
        shop.release(second.reservation_id)
        request = shop.order_request(reservation_ids=ids)
        refusal = refused("ALREADY_RELEASED", shop.call, shop.orders.CreateOrder, request)
        assert refusal.metadata["field"] == "reservation_ids[1]"
        assert refusal.metadata["state"] == "RELEASED"
        assert shop.reservation(first.reservation_id).state == HELD
        again = refused("ALREADY_RELEASED", shop.call, shop.orders.CreateOrder, request)
        assert again.is_replay

    def test_confirmed_before(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1})
        shop.confirm(held.reservation_id)
        refused(
            "ALREADY_CONFIRMED", shop.create_order, reservation_ids=[held.reservation_id]
        )

    def test_expired(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, ttl_ms=1_000)
        eventually(lambda: shop.figures("tea") == (10, 0, 0, 10))
        refused(
            "RESERVATION_EXPIRED", shop.create_order, reservation_ids=[held.reservation_id]
        )

    def test_unknown(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1})
        ids = [held.reservation_id, new_id()]
        refusal = refused("RESERVATION_NOT_FOUND", shop.create_order, reservation_ids=ids)
        assert refusal.metadata["field"] == "reservation_ids[1]"
        assert shop.reservation(held.reservation_id).state == HELD

    def test_of_another_dealer(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, dealer="another")
        refusal = refused(
            "INVALID_FIELD", shop.create_order, reservation_ids=[held.reservation_id]
        )
        assert refusal.metadata["field"] == "dealer"

    def test_too_many_lines_together(self, shop):
        shop.set_stock("tea", 1_000)
        ids = [shop.reserve([("tea", 1)] * 300).reservation_id for _ in range(2)]
        refusal = refused("BATCH_TOO_LARGE", shop.create_order, reservation_ids=ids)
        assert refusal.metadata["limit"].startswith("500")
        assert shop.figures("tea") == (1_000, 600, 0, 400)

    def test_an_order_id_that_exists(self, shop):
        shop.set_stock("tea", 10)
        order = shop.create_order({"tea": 1})
        held = shop.reserve({"tea": 1})
        refused(
            "IDEMPOTENCY_KEY_REUSED",
            shop.create_order,
            order_id=order.order_id,
            reservation_ids=[held.reservation_id],
        )

    def test_confirm_makes_orders_too(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        order_id = new_id()
        shop.confirm(held.reservation_id, order_id, [line("", 3, "", 1)])
        order = shop.order(order_id)
        assert taken(order) == {(1, "tea", WAREHOUSE): (3, 0)}
        assert list(order.reservation_ids) == [held.reservation_id]
        assert events(shop, order_id) == [(CREATED, 3, 0)]
        shop.cancel(order_id)
        assert shop.figures("tea") == (10, 0, 0, 10)


class TestCancel:
    def test_whole(self, shop):
        shop.set_stock("tea", 10)
        order = shop.create_order({"tea": 4})
        cancelled = shop.cancel(order.order_id, cause=orders.CANCEL_CAUSE_DEALER)
        assert cancelled.review_state == CANCELLED
        assert cancelled.fulfilment_state == types.ORDER_FULFILMENT_STATE_CANCELLED
        assert taken(cancelled) == {(1, "tea", WAREHOUSE): (4, 4)}
        assert cancelled.created_ms == order.created_ms <= cancelled.updated_ms
        assert shop.order(order.order_id) == cancelled
        assert shop.figures("tea") == (10, 0, 0, 10)
        assert events(shop, order.order_id) == [
            (CREATED, 4, 0),
            (CANCELLED_AT_LAST, 4, orders.CANCEL_CAUSE_DEALER),
        ]

    def test_in_parts(self, shop):
        shop.set_stock("tea", 10)
        shop.set_stock("coffee", 10)
        order = shop.create_order({"tea": 4, "coffee": 2})
        first = shop.cancel(
            order.order_id, [line("", 3, "", 1)], cause=orders.CANCEL_CAUSE_STOCK
        )
        assert first.review_state == ACCEPTED
        assert taken(first) == {
            (1, "tea", WAREHOUSE): (4, 3),
            (2, "coffee", WAREHOUSE): (2, 0),
        }
        assert shop.figures("tea") == (10, 0, 1, 9)
        last = shop.cancel(order.order_id, [line("tea", 1, WAREHOUSE, 1), line("", 2, "", 2)])
        assert last.review_state == CANCELLED
        assert shop.figures("coffee") == (10, 0, 0, 10)
        assert events(shop, order.order_id) == [
            (CREATED, 6, 0),
            (CANCELLED_IN_PART, 3, orders.CANCEL_CAUSE_STOCK),
            (CANCELLED_AT_LAST, 3, 0),
        ]

    def test_again(self, shop):
        shop.set_stock("tea", 10)
        order = shop.create_order({"tea": 4})
        fields = {"request_id": new_id(), "lines": [line("", 1, "", 1)]}
        first = shop.cancel_answer(order.order_id, **fields)
        again = shop.cancel_answer(order.order_id, **fields)
        assert not first.is_replay and again.is_replay
        assert again.message == first.message
        assert shop.figures("tea") == (10, 0, 3, 7)
        fields["cause"] = orders.CANCEL_CAUSE_OTHER
        refused("IDEMPOTENCY_KEY_REUSED", shop.cancel, order.order_id, **fields)

    def test_what_is_cancelled_already(self, shop):
        shop.set_stock("tea", 10)
        order = shop.create_order({"tea": 4})
        request_id = new_id()
        shop.cancel(order.order_id, request_id=request_id)
        refusal = refused("ORDER_STATE_CONFLICT", shop.cancel, order.order_id)
        assert refusal.metadata["state"] == "CANCELLED"
        assert shop.cancel_answer(order.order_id, request_id=request_id).is_replay

    def test_more_than_is_left(self, shop):
        shop.set_stock("tea", 10)
        order = shop.create_order({"tea": 4})
        shop.cancel(order.order_id, [line("", 3, "", 1)])
        lines = [line("", 2, "", 1)]
        refusal = refused("EXCEEDS_RESERVATION", shop.cancel, order.order_id, lines)
        assert refusal.metadata["line"] == "1"
        assert (refusal.metadata["requested"], refusal.metadata["available"]) == ("2", "1")
        assert shop.figures("tea") == (10, 0, 1, 9)

    def test_a_line_that_is_not_there(self, shop):
        shop.set_stock("tea", 10)
        shop.set_stock("coffee", 10)
        order = shop.create_order({"tea": 4})
        refusal = refused(
            "EXCEEDS_RESERVATION", shop.cancel, order.order_id, [line("", 1, "", 9)]
        )
        assert refusal.metadata["available"] == "0" and refusal.metadata["line"] == "9"
        assert refusal.message.startswith(
            "line 9: the order has no line with this number; it has 1 line, "
        )
        order = shop.create_order({"tea": 1, "coffee": 2})
        request_id = new_id()
        for _ in range(2):
            refusal = refused(
                "EXCEEDS_RESERVATION", shop.cancel, order.order_id,
                [line("", 1, "", 1), line("", 1, "", 3)], request_id=request_id,
            )
            assert "line 3: the order has no line" in refusal.message
            assert "it has 2 lines" in refusal.message, "a replay too"

    def test_a_line_of_another_sku(self, shop):
        shop.set_stock("tea", 10)
        shop.set_stock("coffee", 10)
        order = shop.create_order({"tea": 4})
        lines = [line("coffee", 1, "", 1)]
        refused("INVALID_FIELD", shop.cancel, order.order_id, lines)

    def test_an_order_that_is_not_there(self, shop, other_shop):
        shop.set_stock("tea", 10)
        order = shop.create_order({"tea": 4})
        for call in (shop.cancel, shop.order, shop.timeline):
            refused("ORDER_NOT_FOUND", call, new_id())
        other_shop.set_stock("tea", 1)
        for call in (other_shop.cancel, other_shop.order, other_shop.timeline):
            refused("ORDER_NOT_FOUND", call, order.order_id)
        assert shop.order(order.order_id) == order

    def test_a_long_timeline(self, shop):
        """Memory keeps 64 events; the answer says that it isn't all."""
        shop.set_stock("tea", 100)
        order = shop.create_order({"tea": 100})
        for _ in range(80):
            shop.cancel(order.order_id, [line("", 1, "", 1)])
        timeline = shop.timeline(order.order_id)
        assert not timeline.complete
        assert 1 < len(timeline.events) <= 64
        assert shop.figures("tea") == (100, 0, 20, 80)


def test_from_reservation_keeps_what_a_reservation_granted(shop):
    shop.set_stock("tea", 3)
    shop.set_stock("coffee", 0)
    held = shop.reserve({"coffee": 1, "tea": 5}, fill_mode=PARTIAL)
    order = shop.create_order(mode=FROM_RESERVATION, reservation_ids=[held.reservation_id])
    assert taken(order) == {(2, "tea", WAREHOUSE): (3, 0)}
