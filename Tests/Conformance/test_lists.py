# SPDX-License-Identifier: Apache-2.0
"""Lists: filters, and pages over thousands of entries, each of them once."""

import pytest
from refusals import refused
from shop import (
    ACCEPTED,
    CANCELLED,
    CONFIRMED,
    EXPIRED,
    HELD,
    RELEASED,
    Shop,
    eventually,
    new_id,
)
from stockade.v1 import types_pb2 as types

# Reservations of 500 lines take room that goes by the ids.
SERVER_FLAGS = ("--ids-max=200k", "--legs-max=200k")

MANY = 2_500


def ids(reservations):
    return [each.reservation_id for each in reservations]


def order_ids(orders):
    return [each.order_id for each in orders]


@pytest.fixture(scope="module")
def crowd(server):
    """Many reservations of one brand beside many of another: {id: state}."""
    with Shop(server.address, brand=f"crowd-{new_id().hex()}") as shop:
        with Shop(server.address, brand=f"other-{new_id().hex()}") as other:
            for each in (shop, other):
                each.set_stock("tea", 10 * MANY)
                each.set_stock("coffee", 10 * MANY)
            states = {}
            for start in range(0, MANY, 500):
                items = [
                    shop.reserve_request(
                        {"tea" if number % 2 else "coffee": 1},
                        dealer=f"dealer-{number % 5}",
                        ttl_ms=86_400_000 if number % 3 else 43_200_000,
                    )
                    for number in range(start, start + 500)
                ]
                assert all(not each.reason for each in shop.reserve_batch(items))
                states.update({each.reservation_id: HELD for each in items})
                other.reserve_batch([other.reserve_request({"tea": 1}) for _ in range(500)])
            every = list(states)
            for number in range(0, 100):
                shop.confirm(every[number])
                states[every[number]] = CONFIRMED
            for number in range(100, 200):
                shop.release(every[number])
                states[every[number]] = RELEASED
            yield shop, states


class TestReservations:
    def test_all(self, crowd):
        shop, states = crowd
        found = shop.reservation_list()
        assert len(found) == MANY
        assert {each.reservation_id: each.state for each in found} == states
        for each in found[::100]:
            assert each == shop.reservation(each.reservation_id)

    @pytest.mark.parametrize("page_size", [1_000, 333, 7])
    def test_page_sizes(self, crowd, page_size):
        shop, states = crowd
        sizes, token, found = [], "", []
        while True:
            page = shop.reservation_page(page_size=page_size, page_token=token)
            found += ids(page.reservations)
            sizes.append(len(page.reservations))
            token = page.next_page_token
            if not token:
                break
        assert max(sizes) <= page_size
        assert len(found) == len(set(found)) == MANY
        assert set(found) == set(states)

    def test_the_default_page_size(self, crowd):
        shop, _ = crowd
        assert len(shop.reservation_page().reservations) <= 100

    @pytest.mark.parametrize("state", [HELD, CONFIRMED, RELEASED, EXPIRED])
    def test_by_state(self, crowd, state):
        shop, states = crowd
        found = shop.reservation_list(state=state, page_size=1_000)
        assert sorted(ids(found)) == sorted(id for id, each in states.items() if each == state)

    def test_by_dealer_and_sku(self, crowd):
        shop, states = crowd
        every = list(states)
        found = shop.reservation_list(dealer="dealer-3", page_size=1_000)
        assert sorted(ids(found)) == sorted(every[3::5])
        found = shop.reservation_list(sku="tea", page_size=1_000)
        assert sorted(ids(found)) == sorted(every[1::2])
        found = shop.reservation_list(sku="tea", dealer="dealer-3", state=HELD, page_size=1_000)
        expected = {*every[3::5]} & {*every[1::2]} & {*every[200:]}
        assert {*ids(found)} == expected
        assert shop.reservation_list(dealer="nobody") == []
        assert shop.reservation_list(sku="nothing") == []

    def test_by_deadline(self, crowd):
        shop, states = crowd
        every = list(states)
        one = shop.reservation(every[201])
        before = one.created_ms + 60_000_000
        found = shop.reservation_list(expiring_before_ms=before, page_size=1_000)
        assert sorted(ids(found)) == sorted(
            id for number, id in enumerate(every) if number % 3 == 0 and states[id] == HELD
        )
        assert all(each.deadline_ms < before for each in found)
        assert shop.reservation_list(expiring_before_ms=1) == []

    def test_of_an_unknown_brand(self, crowd):
        shop, _ = crowd
        assert shop.reservation_list(brand="nobody") == []

    def test_a_token_is_good_for_its_list_only(self, crowd):
        shop, _ = crowd
        token = shop.reservation_page(page_size=10, state=HELD).next_page_token
        assert token
        assert shop.reservation_page(page_size=20, state=HELD, page_token=token).reservations
        for fields in ({}, {"state": CONFIRMED}, {"state": HELD, "dealer": "dealer-3"}):
            refusal = refused("INVALID_FIELD", shop.reservation_page, page_token=token, **fields)
            assert refusal.metadata["field"] == "page_token"
        refused("INVALID_FIELD", shop.order_page, page_token=token)
        for bad in ("x", token[:-1], token + "0", token.upper() + "é", "2" + token[1:]):
            refused("INVALID_FIELD", shop.reservation_page, page_token=bad, state=HELD)
        changed = token[:5] + ("0" if token[5] != "0" else "1") + token[6:]
        refused("INVALID_FIELD", shop.reservation_page, page_token=changed, state=HELD)

    def test_what_is_due_is_listed_as_expired(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, ttl_ms=1_000)
        assert ids(shop.reservation_list(state=HELD)) == [held.reservation_id]
        eventually(lambda: ids(shop.reservation_list(state=EXPIRED)) == [held.reservation_id])
        assert shop.reservation_list(state=HELD) == []
        assert shop.figures("tea") == (10, 0, 0, 10)

    def test_a_page_of_wide_reservations_ends_early(self, shop):
        """Each of them takes tens of kilobytes: a thousand would outgrow an answer."""
        sku, warehouse = "s" * 64, "w" * 64
        shop.set_stock(sku, 100_000, warehouse)
        wanted = [types.Line(sku=sku, warehouse=warehouse, quantity=1)] * 500
        made = [shop.reserve(wanted).reservation_id for _ in range(100)]
        page = shop.reservation_page(page_size=1_000)
        assert 0 < len(page.reservations) < 100
        assert page.next_page_token
        assert page.ByteSize() < 2 << 20
        assert sorted(ids(shop.reservation_list(page_size=1_000))) == sorted(made)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("brand", ""),
            ("state", 99),
            ("state", -1),
            ("dealer", "d" * 65),
            ("sku", "te\na"),
            ("expiring_before_ms", -1),
            ("page_size", 1_001),
            ("page_size", 2**32 - 1),
            ("page_token", "t" * 5_000),
        ],
    )
    def test_bad_fields(self, shop, field, value):
        refusal = refused("INVALID_FIELD", shop.reservation_page, **{field: value})
        assert refusal.metadata["field"] == field


class TestOrders:
    def test_thousands(self, shop):
        shop.set_stock("tea", 5_000)
        requests = [
            shop.order_request({"tea": 1}, dealer=f"dealer-{number % 4}")
            for number in range(2_000)
        ]
        futures = [shop.orders.CreateOrder.future(each, timeout=60) for each in requests]
        made = [future.result().order for future in futures]
        for order in made[:50]:
            shop.cancel(order.order_id)
        every = order_ids(made)

        found = shop.order_list(page_size=300)
        assert sorted(order_ids(found)) == sorted(every)
        assert len(found) == 2_000
        for order in found[::100]:
            assert order == shop.order(order.order_id)
        found = shop.order_list(review_state=CANCELLED)
        assert sorted(order_ids(found)) == sorted(every[:50])
        found = shop.order_list(review_state=ACCEPTED, dealer="dealer-2", page_size=1_000)
        assert sorted(order_ids(found)) == sorted(
            id for number, id in enumerate(every) if number % 4 == 2 and number >= 50
        )
        for state in (types.ORDER_REVIEW_STATE_PENDING_REVIEW, types.ORDER_REVIEW_STATE_EXPIRED):
            assert shop.order_list(review_state=state) == []

        cut = sorted(order.created_ms for order in made)[1_000]
        early = shop.order_list(created_before_ms=cut, page_size=1_000)
        late = shop.order_list(created_after_ms=cut, page_size=1_000)
        assert len(early) + len(late) == 2_000
        assert all(order.created_ms < cut for order in early)
        assert all(order.created_ms >= cut for order in late)

    def test_another_brand_s_are_not_in_it(self, shop, other_shop):
        for each in (shop, other_shop):
            each.set_stock("tea", 5)
        order, other = shop.create_order({"tea": 1}), other_shop.create_order({"tea": 1})
        assert order_ids(shop.order_list()) == [order.order_id]
        assert order_ids(other_shop.order_list()) == [other.order_id]

    def test_wide_orders(self, shop):
        sku, warehouse = "s" * 64, "w" * 64
        shop.set_stock(sku, 100_000, warehouse)
        wanted = [types.Line(sku=sku, warehouse=warehouse, quantity=1)] * 500
        made = [shop.create_order(wanted).order_id for _ in range(40)]
        page = shop.order_page(page_size=1_000)
        assert 0 < len(page.orders) < 40 and page.next_page_token
        assert sorted(order_ids(shop.order_list(page_size=1_000))) == sorted(made)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("brand", ""),
            ("review_state", 99),
            ("dealer", "d" * 65),
            ("created_after_ms", -1),
            ("created_before_ms", -(2**63)),
            ("page_size", 1_001),
            ("page_token", "é"),
        ],
    )
    def test_bad_fields(self, shop, field, value):
        refusal = refused("INVALID_FIELD", shop.order_page, **{field: value})
        assert refusal.metadata["field"] == field
