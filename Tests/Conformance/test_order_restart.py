# SPDX-License-Identifier: Apache-2.0
"""Orders, policies, transfers and extended deadlines outlive the server: a killed one's successor
answers as it did."""

from refusals import refused
from shop import CANCELLED, HELD, Shop, line, new_id
from stockade.v1 import inventory_service_pb2 as inventory


def test_all_of_it_comes_back(journal_server):
    first = journal_server()
    with Shop(first.address, "brand") as shop:
        for warehouse in ("north", "south"):
            shop.set_stock("tea", 100, warehouse)
        policy_id, transfer_id, cancel_id, extend_id = (new_id() for _ in range(4))
        fields = {"safety": 3, "low_water": 4, "high_water": 5, "hold_ttl_ms": 70_000}
        shop.set_policy("tea", request_id=policy_id, **fields)
        shop.transfer("tea", 10, "north", "south", request_id=transfer_id)
        split = shop.order_request([line("tea", 150, "")])
        shop.call(shop.orders.CreateOrder, split)
        reservations = [shop.reserve([line("tea", 2, "north"), line("tea", 1, "")])]
        reservations += [shop.reserve({"tea": number}) for number in (1, 2)]
        joined = shop.order_request(
            reservation_ids=[each.reservation_id for each in reservations]
        )
        shop.call(shop.orders.CreateOrder, joined)
        partly = shop.create_order({"tea": 5})
        shop.cancel(partly.order_id, [line("", 2, "", 1)], request_id=cancel_id, cause=2)
        gone = shop.create_order({"tea": 5})
        shop.cancel(gone.order_id)
        held = shop.reserve({"tea": 1})
        extended = shop.extend(held.reservation_id, 3_600_000, request_id=extend_id)
        orders = [split.order_id, joined.order_id, partly.order_id, gone.order_id]
        before = [shop.order(each) for each in orders]
        timelines = [shop.timeline(each) for each in orders]
        stocks = [shop.stock("tea", warehouse) for warehouse in ("north", "south")]
        token = shop.order_page(page_size=1).next_page_token

    first.kill()
    second = journal_server.again(first)
    with Shop(second.address, "brand") as shop:
        assert [shop.order(each) for each in orders] == before
        assert [shop.timeline(each) for each in orders] == timelines
        assert [shop.stock("tea", each) for each in ("north", "south")] == stocks
        assert shop.policy("tea") == inventory.StockPolicy(**fields)

        # What was answered then is answered again.
        for request, order in ((split, before[0]), (joined, before[1])):
            again = shop.call(shop.orders.CreateOrder, request)
            assert again.is_replay and again.message.order == order
        again = shop.cancel_answer(
            partly.order_id, [line("", 2, "", 1)], request_id=cancel_id, cause=2
        )
        assert again.is_replay and again.message == before[2]
        assert shop.set_policy_answer("tea", request_id=policy_id, **fields).is_replay
        assert shop.transfer_answer(
            "tea", 10, "north", "south", request_id=transfer_id
        ).is_replay
        again = shop.extend_answer(held.reservation_id, 3_600_000, request_id=extend_id)
        assert again.is_replay and again.message.state == HELD
        assert again.message.deadline_ms >= extended.deadline_ms
        assert [shop.stock("tea", each) for each in ("north", "south")] == stocks

        # And life goes on.
        refused("ORDER_STATE_CONFLICT", shop.cancel, gone.order_id)
        assert shop.cancel(partly.order_id).review_state == CANCELLED
        found = shop.order_list(page_size=1)
        assert sorted(each.order_id for each in found) == sorted(orders)
        refusal = refused("INVALID_FIELD", shop.order_page, page_size=1, page_token=token)
        assert refusal.metadata["field"] == "page_token"
