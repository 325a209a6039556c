# SPDX-License-Identifier: Apache-2.0
"""How long what has ended is remembered: --retention after its last change, and not longer."""

import time

import pytest
from refusals import outcome, refused
from shop import HELD, RELEASED, eventually, new_id

SERVER_FLAGS = ("--retention=2s",)
RETENTION_SECONDS = 2


@pytest.fixture(autouse=True)
def stocked(shop):
    shop.set_stock("tea", 100)


def is_forgotten(shop, reservation_id):
    _, refusal = outcome(shop.reservation, reservation_id)
    assert refusal is None or refusal.reason == "RESERVATION_NOT_FOUND"
    return refusal is not None


def test_an_ended_reservation(shop):
    request = shop.reserve_request({"tea": 4})
    shop.call(shop.reservations.Reserve, request)
    shop.release(request.reservation_id)
    ended = time.monotonic()
    assert shop.call(shop.reservations.Reserve, request).is_replay
    eventually(lambda: is_forgotten(shop, request.reservation_id))
    assert time.monotonic() - ended > RETENTION_SECONDS - 0.1, "not early"

    answer = shop.call(shop.reservations.Reserve, request)
    assert not answer.is_replay, "the id is free again"
    assert answer.message.reservation.state == HELD
    assert shop.figures("tea") == (100, 4, 0, 96)


def test_an_expired_reservation(shop):
    held = shop.reserve({"tea": 4}, ttl_ms=1_000)
    eventually(lambda: is_forgotten(shop, held.reservation_id))
    assert time.time() * 1000 > held.deadline_ms + RETENTION_SECONDS * 1000 - 100
    assert shop.figures("tea") == (100, 0, 0, 100)


def test_a_living_reservation_stays(shop):
    held = shop.reserve({"tea": 4}, ttl_ms=60_000)
    time.sleep(RETENTION_SECONDS + 1)
    assert shop.reservation(held.reservation_id) == held
    assert shop.release(held.reservation_id).state == RELEASED


def test_an_order_that_has_not_ended_stays(shop):
    """The reservation is forgotten; its order, and so the order's id and stock, is not."""
    held = shop.reserve({"tea": 4})
    order_id = new_id()
    shop.confirm(held.reservation_id, order_id)
    eventually(lambda: is_forgotten(shop, held.reservation_id))
    refused("RESERVATION_NOT_FOUND", shop.confirm, held.reservation_id, order_id)
    other = shop.reserve({"tea": 1})
    refused("IDEMPOTENCY_KEY_REUSED", shop.confirm, other.reservation_id, order_id)
    assert shop.stock("tea").allocated == 4


def test_a_request_id(shop):
    request = shop.adjust_request("tea", 5)
    adjust = shop.inventory.AdjustStock
    shop.call(adjust, request)
    done = time.monotonic()
    assert shop.call(adjust, request).is_replay

    def happens_again():
        return not shop.call(adjust, request).is_replay

    eventually(happens_again)
    assert time.monotonic() - done > RETENTION_SECONDS - 0.1
    assert shop.stock("tea").on_hand == 110


def test_a_replay_is_no_change_and_prolongs_nothing(shop):
    request = shop.reserve_request({"tea": 4})
    shop.call(shop.reservations.Reserve, request)
    shop.release(request.reservation_id)

    def is_new():
        return not shop.call(shop.reservations.Reserve, request).is_replay

    eventually(is_new)
    assert shop.figures("tea") == (100, 4, 0, 96)
