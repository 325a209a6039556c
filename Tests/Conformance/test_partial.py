# SPDX-License-Identifier: Apache-2.0
"""Fill mode PARTIAL: what is there, in line order."""

import pytest
from refusals import refused
from shop import CONFIRMED, PARTIAL, RELEASED, WAREHOUSE, line
from stockade.v1 import types_pb2 as types


def short(number, granted, available):
    """A line that got less than it asked for."""
    allocations = [types.Allocation(warehouse=WAREHOUSE, quantity=granted)] if granted else []
    return types.LineResult(
        line_number=number,
        granted=granted,
        available=available,
        reason=types.REASON_INSUFFICIENT_STOCK,
        allocations=allocations,
    )


def full(number, granted):
    """A line that got all it asked for."""
    return types.LineResult(
        line_number=number,
        granted=granted,
        allocations=[types.Allocation(warehouse=WAREHOUSE, quantity=granted)],
    )


def test_what_is_there(shop):
    shop.set_stock("tea", 7)
    held = shop.reserve({"tea": 10}, fill_mode=PARTIAL)
    assert list(held.lines) == [short(1, granted=7, available=7)]
    assert shop.figures("tea") == (7, 7, 0, 0)


def test_all_when_it_is_there(shop):
    shop.set_stock("tea", 7)
    held = shop.reserve({"tea": 7}, fill_mode=PARTIAL)
    assert list(held.lines) == [full(1, 7)]


def test_in_line_order(shop):
    shop.set_stock("tea", 10)
    held = shop.reserve([("tea", 6), ("tea", 6), ("tea", 1)], fill_mode=PARTIAL)
    assert list(held.lines) == [full(1, 6), short(2, 4, 4), short(3, 0, 0)]
    assert shop.figures("tea") == (10, 10, 0, 0)


def test_line_order_is_the_order_given_not_the_numbers(shop):
    shop.set_stock("tea", 5)
    held = shop.reserve([line("tea", 4, number=9), line("tea", 4, number=2)], fill_mode=PARTIAL)
    assert list(held.lines) == [full(9, 4), short(2, 1, 1)]


def test_each_sku_for_itself(shop):
    shop.set_stock("tea", 5)
    shop.set_stock("coffee", 0)
    shop.set_stock("cocoa", 2)
    held = shop.reserve({"tea": 5, "coffee": 3, "cocoa": 3}, fill_mode=PARTIAL)
    assert list(held.lines) == [full(1, 5), short(2, 0, 0), short(3, 2, 2)]
    assert shop.figures("coffee") == (0, 0, 0, 0)


def test_nothing_at_all_is_refused(shop):
    shop.set_stock("tea", 0)
    shop.set_stock("coffee", 0)
    refusal = refused(
        "INSUFFICIENT_STOCK", shop.reserve, {"tea": 1, "coffee": 1}, fill_mode=PARTIAL
    )
    assert refusal.metadata["available"] == "0"


def test_what_does_not_exist_is_refused_all_the_same(shop):
    shop.set_stock("tea", 5)
    refused("SKU_NOT_FOUND", shop.reserve, {"tea": 1, "coffee": 1}, fill_mode=PARTIAL)
    refused(
        "WAREHOUSE_NOT_FOUND",
        shop.reserve,
        [("tea", 1), ("tea", 1, "south")],
        fill_mode=PARTIAL,
    )
    assert shop.figures("tea") == (5, 0, 0, 5)


@pytest.fixture
def held(shop):
    shop.set_stock("tea", 3)
    shop.set_stock("coffee", 5)
    return shop.reserve([("tea", 4), ("tea", 1), ("coffee", 5)], fill_mode=PARTIAL)


def test_confirm_takes_what_was_granted(shop, held):
    confirmed = shop.confirm(held.reservation_id)
    assert confirmed.state == CONFIRMED
    assert confirmed.lines == held.lines
    assert shop.figures("tea") == (3, 0, 3, 0)
    assert shop.figures("coffee") == (5, 0, 5, 0)


def test_confirm_takes_no_more_than_granted(shop, held):
    refused(
        "EXCEEDS_RESERVATION", shop.confirm, held.reservation_id, lines=[line("tea", 4, number=1)]
    )
    refused(
        "EXCEEDS_RESERVATION", shop.confirm, held.reservation_id, lines=[line("tea", 1, number=2)]
    )
    shop.confirm(held.reservation_id, lines=[line("tea", 3, number=1)])
    assert shop.figures("tea") == (3, 0, 3, 0)
    assert shop.figures("coffee") == (5, 0, 0, 5)


def test_release_gives_back_what_was_granted(shop, held):
    assert shop.release(held.reservation_id).state == RELEASED
    assert shop.figures("tea") == (3, 0, 0, 3)


def test_a_replay_says_what_was_granted_then(shop):
    shop.set_stock("tea", 3)
    request = shop.reserve_request([("tea", 4), ("tea", 1)], fill_mode=PARTIAL)
    first = shop.call(shop.reservations.Reserve, request)
    shop.set_stock("tea", 100)
    again = shop.call(shop.reservations.Reserve, request)
    assert again.is_replay
    assert [each.granted for each in again.message.reservation.lines] == [3, 0]
    assert [each.reason for each in again.message.reservation.lines] == [
        each.reason for each in first.message.reservation.lines
    ]
    assert shop.figures("tea") == (100, 3, 0, 97)
    assert list(shop.reservation(request.reservation_id).lines) == list(
        again.message.reservation.lines
    )
