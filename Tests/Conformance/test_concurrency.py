# SPDX-License-Identifier: Apache-2.0
"""Two at once: exactly one wins, and the figures show which."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from refusals import outcome
from shop import CONFIRMED, EXPIRED, RELEASED, Shop, new_id

CLIENTS = 8


@pytest.fixture
def clients(shop):
    """Connections of their own."""
    several = [Shop(shop.address, shop.brand) for _ in range(CLIENTS)]
    yield several
    for each in several:
        each.channel.close()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(max_workers=32) as threads:
        yield threads


def at_once(pool, calls):
    """Runs the calls at the same moment, as far as threads can; their outcomes, in order."""
    start = threading.Barrier(len(calls))

    def run(call):
        start.wait(timeout=30)
        return outcome(call)

    return [each.result(timeout=60) for each in [pool.submit(run, call) for call in calls]]


def test_confirm_against_release(shop, clients, pool):
    shop.set_stock("tea", 1_000)
    confirmed = released = 0
    for _ in range(60):
        held = shop.reserve({"tea": 1})
        (confirm, no_confirm), (release, no_release) = at_once(
            pool,
            [
                lambda: clients[0].confirm(held.reservation_id),
                lambda: clients[1].release(held.reservation_id),
            ],
        )
        state = shop.reservation(held.reservation_id).state
        if confirm:
            assert (confirm.state, state) == (CONFIRMED, CONFIRMED)
            assert release is None and no_release.reason == "ALREADY_CONFIRMED"
            confirmed += 1
        else:
            assert no_confirm.reason == "ALREADY_RELEASED"
            assert (release.state, state) == (RELEASED, RELEASED)
            released += 1
    assert confirmed + released == 60
    assert shop.figures("tea") == (1_000, 0, confirmed, 1_000 - confirmed)


def test_confirm_with_two_orders(shop, clients, pool):
    shop.set_stock("tea", 100)
    for _ in range(30):
        held = shop.reserve({"tea": 1})
        orders = [new_id() for _ in range(4)]
        results = at_once(
            pool,
            [
                lambda client=client, order=order: client.confirm(held.reservation_id, order)
                for client, order in zip(clients, orders)
            ],
        )
        winners = [order for order, (answer, _) in zip(orders, results) if answer]
        assert len(winners) == 1
        assert {refusal.reason for _, refusal in results if refusal} == {"ALREADY_CONFIRMED"}
        assert shop.reservation(held.reservation_id).order_id == winners[0]
    assert shop.figures("tea") == (100, 0, 30, 70)


def test_two_reservations_for_one_order_id(shop, clients, pool):
    shop.set_stock("tea", 1_000)
    for _ in range(30):
        order_id = new_id()
        held = [shop.reserve({"tea": 1}) for _ in range(4)]
        results = at_once(
            pool,
            [
                lambda client=client, each=each: client.confirm(each.reservation_id, order_id)
                for client, each in zip(clients, held)
            ],
        )
        assert sum(1 for answer, _ in results if answer) == 1
        assert {refusal.reason for _, refusal in results if refusal} == {"IDEMPOTENCY_KEY_REUSED"}
    assert shop.stock("tea").allocated == 30


def test_confirm_and_release_against_the_deadline(shop, clients, pool):
    """Of confirm, release and expiry exactly one wins."""
    shop.set_stock("tea", 100)
    held = [shop.reserve({"tea": 1}, ttl_ms=1_000) for _ in range(30)]
    last = max(each.deadline_ms for each in held)
    time.sleep(max(0, last / 1000 - time.time() - 0.03))
    results = at_once(
        pool,
        [
            lambda client=clients[at % CLIENTS], call=call, each=each: getattr(client, call)(
                each.reservation_id
            )
            for at, (each, call) in enumerate(
                (each, ("confirm", "release")[at % 2]) for at, each in enumerate(held)
            )
        ],
    )
    time.sleep(0.1)
    confirmed = 0
    for at, (each, (answer, refusal)) in enumerate(zip(held, results)):
        state = shop.reservation(each.reservation_id).state
        if at % 2 == 0:
            assert state == (CONFIRMED if answer else EXPIRED)
            assert answer or refusal.reason == "RESERVATION_EXPIRED"
            confirmed += state == CONFIRMED
        else:
            assert answer.state == state
            assert state in (RELEASED, EXPIRED)
    assert shop.figures("tea") == (100, 0, confirmed, 100 - confirmed)


def test_one_reserve_from_many_threads_is_one_effect(shop, clients, pool):
    shop.set_stock("tea", 1_000)
    for attempt in range(1, 16):
        request = shop.reserve_request({"tea": 3})
        results = at_once(
            pool,
            [
                lambda client=clients[at % CLIENTS]: client.call(
                    client.reservations.Reserve, request
                )
                for at in range(32)
            ],
        )
        answers = [answer for answer, _ in results]
        assert [refusal for _, refusal in results if refusal] == []
        assert sum(1 for answer in answers if not answer.is_replay) == 1
        assert len({answer.message.SerializeToString() for answer in answers}) == 1
        assert shop.stock("tea").held == 3 * attempt


def test_one_id_with_two_contents_is_granted_once(shop, clients, pool):
    shop.set_stock("tea", 1_000)
    held = 0
    for _ in range(15):
        reservation_id = new_id()
        quantities = [1, 2] * 8
        results = at_once(
            pool,
            [
                lambda client=clients[at % CLIENTS], quantity=quantity: client.reserve_answer(
                    {"tea": quantity}, reservation_id=reservation_id
                )
                for at, quantity in enumerate(quantities)
            ],
        )
        granted = {quantity for quantity, (answer, _) in zip(quantities, results) if answer}
        assert len(granted) == 1
        assert {refusal.reason for _, refusal in results if refusal} == {"IDEMPOTENCY_KEY_REUSED"}
        assert sum(1 for answer, _ in results if answer and not answer.is_replay) == 1
        held += granted.pop()
        assert shop.stock("tea").held == held


def test_one_adjustment_from_many_threads_is_one_effect(shop, clients, pool):
    shop.set_stock("tea", 0)
    for attempt in range(1, 11):
        request = shop.adjust_request("tea", 5)
        results = at_once(
            pool,
            [
                lambda client=clients[at % CLIENTS]: client.call(
                    client.inventory.AdjustStock, request
                )
                for at in range(16)
            ],
        )
        assert sum(1 for answer, _ in results if not answer.is_replay) == 1
        assert shop.stock("tea").on_hand == 5 * attempt


def test_one_account_made_by_many_at_once(shop, clients, pool):
    for attempt in range(15):
        sku = f"sku-{attempt}"
        results = at_once(
            pool,
            [
                lambda client=clients[at % CLIENTS], at=at: client.set_stock(sku, at)
                for at in range(16)
            ],
        )
        assert [refusal for _, refusal in results if refusal] == []
        versions = sorted(answer.stock.version for answer, _ in results)
        assert versions == list(range(1, 17))
        last = max(results, key=lambda result: result[0].stock.version)[0].stock
        assert shop.stock(sku) == last


def test_an_expected_version_lets_one_through(shop, clients, pool):
    shop.set_stock("tea", 0)
    for round_number in range(1, 11):
        version = shop.stock("tea").version
        results = at_once(
            pool,
            [
                lambda client=clients[at % CLIENTS]: client.adjust(
                    "tea", 1, expected_version=version
                )
                for at in range(16)
            ],
        )
        assert sum(1 for answer, _ in results if answer) == 1
        assert {refusal.reason for _, refusal in results if refusal} == {"VERSION_MISMATCH"}
        assert shop.stock("tea").on_hand == round_number


def test_release_against_its_own_reserve(shop, clients, pool):
    """Whichever comes first, nothing stays held."""
    shop.set_stock("tea", 1_000)
    for _ in range(60):
        reservation_id = new_id()
        (reserve, no_reserve), (release, no_release) = at_once(
            pool,
            [
                lambda: clients[0].reserve({"tea": 1}, reservation_id=reservation_id),
                lambda: clients[1].release(reservation_id),
            ],
        )
        if release:
            assert release.state == RELEASED
            assert reserve is not None
        else:
            assert no_release.reason == "RESERVATION_NOT_FOUND"
            assert reserve is None and no_reserve.reason == "ALREADY_RELEASED"
    assert shop.figures("tea") == (1_000, 0, 0, 1_000)


def test_crossing_baskets_neither_deadlock_nor_oversell(shop, clients, pool):
    skus = [f"sku-{at}" for at in range(6)]
    for sku in skus:
        shop.set_stock(sku, 40)

    def buy(client, at):
        granted = 0
        for step in range(40):
            order = skus[(at + step) % 6 :] + skus[: (at + step) % 6]
            order = order if at % 2 else order[::-1]
            answer, refusal = outcome(client.reserve, [(sku, 1) for sku in order])
            assert answer or refusal.reason == "INSUFFICIENT_STOCK"
            granted += bool(answer)
        return granted

    futures = [pool.submit(buy, clients[at % CLIENTS], at) for at in range(16)]
    assert sum(each.result(timeout=60) for each in futures) == 40
    for sku in skus:
        assert shop.figures(sku) == (40, 40, 0, 0)
