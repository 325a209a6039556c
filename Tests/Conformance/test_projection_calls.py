# SPDX-License-Identifier: Apache-2.0
"""Postgres behind the calls that make and cancel orders, move deadlines, set policies and transfer:
what a client was told is what analysts read."""

import re
import uuid

import pytest
from postgres_tables import Tables
from shop import CANCELLED, Shop, line, new_id
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import order_service_pb2 as order


@pytest.fixture
def tables(postgres):
    return Tables(postgres)


def text(client_id):
    return str(uuid.UUID(bytes=client_id))


def sell(shop):
    """Each of the calls, in each way that it can change something."""
    shop.set_stock("tea", 100)
    shop.set_stock("tea", 50, "south")
    shop.set_stock("mug", 30)
    shop.set_policy("tea", safety=5, low_water=10, high_water=20, hold_ttl_ms=60_000)
    shop.set_policy("tea", safety=4, low_water=10, high_water=20)
    shop.transfer("tea", 7, "north", "south")
    made = {"at once": shop.create_order([("tea", 3), ("mug", 2)])}
    # More than any warehouse has: it is taken from both.
    made["split"] = shop.create_order([line("tea", 95, "", 1)])
    shop.cancel(made["split"].order_id, [line("", 1, "", 1)], cause=order.CANCEL_CAUSE_DEALER)
    shop.cancel(made["at once"].order_id, [line("", 2, "", 1)], cause=order.CANCEL_CAUSE_STOCK)
    cancelled = shop.cancel(made["at once"].order_id, cause=order.CANCEL_CAUSE_FRAUD)
    assert cancelled.review_state == CANCELLED
    one = shop.reserve({"mug": 1})
    two = [shop.reserve({"tea": 1, "mug": 2}), shop.reserve([line("tea", 2, "", 4)])]
    shop.extend(two[0].reservation_id, 120_000)
    made["of one"] = shop.create_order(reservation_ids=[one.reservation_id])
    made["of two"] = shop.create_order(reservation_ids=[each.reservation_id for each in two])
    kept = shop.reserve({"mug": 1}, ttl_ms=60_000)
    shop.extend(kept.reservation_id, 3_600_000)
    confirmed = shop.reserve({"mug": 3})
    made["confirmed"] = shop.order(shop.confirm(confirmed.reservation_id, new_id()).order_id)
    shop.cancel(made["confirmed"].order_id)
    return made, kept, two


@pytest.fixture
def sale(journal_server, tables):
    server = journal_server(tables.flag)
    with Shop(server.address, "acme") as shop:
        made, kept, two = sell(shop)
        orders = {name: shop.order(each.order_id) for name, each in made.items()}
        events = {name: shop.timeline(each.order_id).events for name, each in made.items()}
        held = shop.reservation(kept.reservation_id)
        tables.catch_up(shop, "mug")
        yield server, shop, orders, events, held, two


class TestWhatWasTold:
    def test_the_tables_have_it(self, tables, sale):
        server, _, orders, events, held, two = sale
        for name, each in orders.items():
            (row,) = tables.rows("SELECT * FROM stockade.orders WHERE order_id = "
                                 f"'{text(each.order_id)}'")
            state = "CANCELLED" if each.review_state == CANCELLED else "ACCEPTED"
            assert row["review_state"] == state, name
            assert row["fulfilment_state"] == ("CANCELLED" if state == "CANCELLED" else "ALLOCATED")
            lines = tables.rows(
                "SELECT line_number, sku, sum(quantity) AS quantity, sum(cancelled) AS cancelled "
                f"FROM stockade.order_lines WHERE order_id = '{text(each.order_id)}' "
                "GROUP BY line_number, sku ORDER BY line_number")
            assert sum(int(row["quantity"]) for row in lines) == sum(
                one.quantity for one in each.lines), name
            assert sum(int(row["cancelled"]) for row in lines) == sum(
                one.cancelled for one in each.lines), name
            timeline = tables.rows(
                "SELECT seq, kind, units FROM stockade.order_timeline WHERE order_id = "
                f"'{text(each.order_id)}' ORDER BY seq")
            assert [(int(row["seq"]), int(row["units"])) for row in timeline] == [
                (event.sequence, event.units) for event in events[name]], name
            kinds = [order.OrderEventKind.Name(event.kind).removeprefix("ORDER_EVENT_KIND_")
                     for event in events[name]]
            assert [row["kind"] for row in timeline] == kinds, name
        reservations = tables.rows("SELECT reservation_id, order_id FROM stockade.reservations")
        of = {row["reservation_id"]: row["order_id"] for row in reservations}
        for each in two:
            assert of[text(each.reservation_id)] == text(orders["of two"].order_id)
        (row,) = tables.rows("SELECT ttl_ms FROM stockade.reservations WHERE reservation_id = "
                             f"'{text(held.reservation_id)}'")
        lasts = held.deadline_ms - held.created_ms
        # Deadlines count ticks, which begin between two of the wall clock's milliseconds.
        assert abs(int(row["ttl_ms"]) - lasts) <= 2
        (row,) = tables.rows("SELECT safety, low_water, high_water, hold_ttl_ms FROM "
                             "stockade.stock WHERE sku = 'tea' AND warehouse = 'north'")
        assert row == {"safety": "4", "low_water": "10", "high_water": "20", "hold_ttl_ms": "0"}
        server.stop()
        ended = tables.check(server.data)
        assert ended.returncode == 0, ended
        assert re.search(r"postgres: up to record (\d+) of \1\b", ended.stdout), ended.stdout


class TestListMovements:
    def page(self, shop, token="", size=0, first=0, sku="tea"):
        request = inventory.ListMovementsRequest(
            key=shop.key(sku), from_sequence=first, page_size=size, page_token=token)
        return shop.call(shop.inventory.ListMovements, request).message

    def test_as_the_table_has_them(self, tables, sale):
        shop = sale[1]
        rows = tables.rows("SELECT seq, kind, on_hand_change, held_change, "
                           "allocated_change, safety_change, reference FROM stockade.movements "
                           "WHERE sku = 'tea' AND warehouse = 'north' ORDER BY seq")
        changes = ("on_hand_change", "held_change", "allocated_change", "safety_change")
        expected = [
            (int(row["seq"]), f"MOVEMENT_KIND_{row['kind']}", row["reference"],
             *(int(row[name]) for name in changes)) for row in rows
        ]
        assert len(expected) > 5
        # Two policies: five units are kept back, then four.
        assert [each[-1] for each in expected if each[1] == "MOVEMENT_KIND_POLICY"] == [5, -1]

        def told(page):
            return [
                (each.sequence, inventory.MovementKind.Name(each.kind), text(each.reference),
                 *(getattr(each, name) for name in changes)) for each in page.movements
            ]

        whole = self.page(shop)
        assert told(whole) == expected and not whole.next_page_token
        assert whole.complete_to_sequence >= expected[-1][0]
        found, token = [], ""
        while True:
            page = self.page(shop, token, size=2)
            found += told(page)
            token = page.next_page_token
            if not token:
                break
        assert found == expected
        later = self.page(shop, first=expected[3][0])
        assert told(later) == expected[3:]
