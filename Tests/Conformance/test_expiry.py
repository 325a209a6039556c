# SPDX-License-Identifier: Apache-2.0
"""Deadlines: what the clock ends. Nothing here says how fast, only that it comes, and not early."""

import time

import pytest
from refusals import CODE, refused
from shop import EXPIRED, HELD, PARTIAL, eventually, new_id

SHORTEST_MS = 1_000
# Sleeping to the deadline by our clock may end a little before it by the server's.
SLACK_SECONDS = 0.1


def sleep_past(held):
    """Until the deadline has passed for sure, and no wheel's turn is being waited for."""
    time.sleep(max(0, held.deadline_ms / 1000 - time.time()) + SLACK_SECONDS)


@pytest.fixture(autouse=True)
def stocked(shop):
    shop.set_stock("tea", 10)


def hold(shop, wanted, **fields):
    return shop.reserve(wanted, ttl_ms=SHORTEST_MS, **fields)


def test_stock_comes_back_without_anyone_asking_for_the_hold(shop):
    hold(shop, {"tea": 4})
    assert shop.stock("tea").held == 4
    eventually(lambda: shop.stock("tea").held == 0)
    assert shop.figures("tea") == (10, 0, 0, 10)


def test_not_before_its_deadline(shop):
    held = hold(shop, {"tea": 4})
    while time.time() < held.deadline_ms / 1000 - SLACK_SECONDS:
        asked = time.time()
        state = shop.reservation(held.reservation_id).state
        assert state == HELD, f"{held.deadline_ms / 1000 - asked:.3f} s early"
        time.sleep(0.05)


def test_the_reservation_says_expired_with_what_was_granted(shop):
    held = hold(shop, {"tea": 4})
    sleep_past(held)
    expired = shop.reservation(held.reservation_id)
    assert expired.state == EXPIRED
    assert expired.lines == held.lines
    assert expired.order_id == b""
    assert expired.deadline_ms == 0


def test_confirm_at_or_after_the_deadline(shop):
    held = hold(shop, {"tea": 4})
    sleep_past(held)
    refusal = refused("RESERVATION_EXPIRED", shop.confirm, held.reservation_id)
    assert refusal.code == CODE.FAILED_PRECONDITION
    assert refusal.metadata["state"] == "EXPIRED"
    assert shop.figures("tea") == (10, 0, 0, 10)


def test_confirm_before_the_deadline_stays(shop):
    held = hold(shop, {"tea": 4})
    shop.confirm(held.reservation_id)
    sleep_past(held)
    assert shop.figures("tea") == (10, 0, 4, 6)


def test_release_of_expired_is_fine(shop):
    held = hold(shop, {"tea": 4})
    sleep_past(held)
    assert shop.release(held.reservation_id).state == EXPIRED
    assert shop.release(held.reservation_id).state == EXPIRED
    assert shop.figures("tea") == (10, 0, 0, 10)


def test_released_does_not_expire(shop):
    held = hold(shop, {"tea": 4})
    shop.release(held.reservation_id)
    version = shop.stock("tea").version
    sleep_past(held)
    assert shop.stock("tea").version == version


def test_a_replay_says_expired(shop):
    request = shop.reserve_request({"tea": 4}, ttl_ms=SHORTEST_MS)
    first = shop.call(shop.reservations.Reserve, request).message.reservation
    sleep_past(first)
    again = shop.call(shop.reservations.Reserve, request)
    assert again.is_replay
    assert again.message.reservation.state == EXPIRED
    assert again.message.reservation.lines == first.lines
    assert shop.figures("tea") == (10, 0, 0, 10)


def test_a_reserve_that_is_short_collects_what_is_due(shop):
    """What is due belongs to whoever asks next, not to the wheel's next turn."""
    holds = [hold(shop, {"tea": 1}) for _ in range(10)]
    refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1})
    time.sleep(max(0, holds[-1].deadline_ms / 1000 - time.time()) + 0.01)
    eventually_granted = shop.reserve({"tea": 10}, fill_mode=PARTIAL)
    assert eventually_granted.lines[0].granted >= 9, "only the clocks' difference may keep one"


def test_partial_collects_too(shop):
    held = hold(shop, {"tea": 10})
    sleep_past(held)
    assert shop.reserve({"tea": 10}, fill_mode=PARTIAL).lines[0].granted == 10


def test_many_at_once(shop):
    """More than one turn of the wheel may take."""
    shop.set_stock("tea", 3_000)
    ids = [new_id() for _ in range(1_500)]
    calls = [
        shop.reservations.Reserve.future(
            shop.reserve_request({"tea": 2}, reservation_id=each, ttl_ms=SHORTEST_MS), timeout=20
        )
        for each in ids
    ]
    held = [call.result().reservation for call in calls]
    eventually(lambda: shop.stock("tea").held == 0)
    assert shop.figures("tea") == (3_000, 0, 0, 3_000)
    assert shop.reservation(held[-1].reservation_id).state == EXPIRED


def test_several_lines_come_back_together(shop):
    shop.set_stock("coffee", 10)
    held = hold(shop, [("tea", 1), ("coffee", 2), ("tea", 3)])
    eventually(lambda: shop.stock("tea").held == 0)
    assert shop.reservation(held.reservation_id).state == EXPIRED
    assert shop.figures("tea") == shop.figures("coffee") == (10, 0, 0, 10)
