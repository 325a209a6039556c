# SPDX-License-Identifier: Apache-2.0
"""BatchReserve and BatchGetStock: the call is OK, and each item has its own result."""

import pytest
from refusals import refused
from shop import DEALER, HELD, PARTIAL, WAREHOUSE, line, lines_of, new_id
from stockade.v1 import reservation_service_pb2 as reservation
from stockade.v1 import types_pb2 as types

GRANTED = types.REASON_UNSPECIFIED


def item(shop, wanted, **fields):
    return shop.reserve_request(wanted, **fields)


class TestBatchReserve:
    def test_each_item_is_decided_on_its_own(self, shop):
        shop.set_stock("tea", 5)
        items = [
            item(shop, {"tea": 3}),
            item(shop, {"tea": 3}),
            item(shop, {"coffee": 1}),
            item(shop, {"tea": 3}, fill_mode=PARTIAL),
            item(shop, {"tea": 1}),
        ]
        results = shop.reserve_batch(items)
        assert [each.reason for each in results] == [
            GRANTED,
            types.REASON_INSUFFICIENT_STOCK,
            types.REASON_SKU_NOT_FOUND,
            GRANTED,
            types.REASON_INSUFFICIENT_STOCK,
        ]
        assert [each.HasField("reservation") for each in results] == [
            True, False, False, True, False,
        ]
        first, short = results[0].reservation, results[1]
        assert first.reservation_id == items[0].reservation_id
        assert (first.state, first.dealer) == (HELD, DEALER)
        assert first == shop.reservation(first.reservation_id)
        assert results[0].message == ""
        assert (short.line_number, short.requested, short.available) == (1, 3, 2)
        assert "2 available" in short.message
        assert results[3].reservation.lines[0].granted == 2
        assert shop.figures("tea") == (5, 5, 0, 0)

    def test_again(self, shop):
        shop.set_stock("tea", 5)
        items = [item(shop, {"tea": 3}), item(shop, {"tea": 3}), item(shop, {"tea": 1})]
        first = shop.reserve_batch(items)
        assert not any(each.replayed for each in first)
        again = shop.reserve_batch(items)
        assert all(each.replayed for each in again)
        assert [each.reason for each in again] == [each.reason for each in first]
        assert again[0].reservation == first[0].reservation
        assert shop.figures("tea") == (5, 4, 0, 1)

    def test_an_item_and_a_reserve_are_the_same_thing(self, shop):
        shop.set_stock("tea", 5)
        one, two = item(shop, {"tea": 1}), item(shop, {"tea": 2})
        held = shop.call(shop.reservations.Reserve, one).message.reservation
        results = shop.reserve_batch([one, two])
        assert results[0].replayed and results[0].reservation == held
        again = shop.call(shop.reservations.Reserve, two)
        assert again.is_replay and again.message.reservation == results[1].reservation

    def test_the_same_id_twice(self, shop):
        shop.set_stock("tea", 5)
        one = item(shop, {"tea": 1})
        other = item(shop, {"tea": 2}, reservation_id=one.reservation_id)
        results = shop.reserve_batch([one, one, other])
        assert [each.replayed for each in results] == [False, True, False]
        assert results[2].reason == types.REASON_IDEMPOTENCY_KEY_REUSED
        assert shop.figures("tea") == (5, 1, 0, 4)

    def test_brands_together(self, shop, other_shop):
        shop.set_stock("tea", 5)
        other_shop.set_stock("tea", 7)
        results = shop.reserve_batch([item(shop, {"tea": 5}), item(other_shop, {"tea": 7})])
        assert [each.reservation.brand for each in results] == [shop.brand, other_shop.brand]
        assert other_shop.figures("tea") == (7, 7, 0, 0)

    @pytest.mark.parametrize(
        ("field", "fields"),
        [
            ("reservation_id", {"reservation_id": b""}),
            ("brand", {"brand": ""}),
            ("dealer", {"dealer": "d" * 65}),
            ("lines", {"wanted": []}),
            ("lines", {"wanted": [("tea", 1)] * 501}),
            ("lines[1].quantity", {"wanted": [("tea", 1), ("tea", 0)]}),
            ("lines[1].sku", {"wanted": [line("tea", 1), line("", 1)]}),
            ("ttl_ms", {"ttl_ms": 1}),
            ("fill_mode", {"fill_mode": 99}),
            ("region", {"region": "r" * 65}),
        ],
    )
    def test_a_bad_item_names_its_field(self, shop, field, fields):
        shop.set_stock("tea", 5)
        fields = dict(fields)
        bad = item(shop, fields.pop("wanted", {"tea": 1}), **fields)
        results = shop.reserve_batch([item(shop, {"tea": 1}), bad, item(shop, {"tea": 2})])
        assert [each.HasField("reservation") for each in results] == [True, False, True]
        assert results[1].field == f"items[1].{field}"
        assert results[1].message.startswith(f"items[1].{field}: ")
        expected = "QTY_OUT_OF_RANGE" if "quantity" in field else "INVALID_FIELD"
        assert types.Reason.Name(results[1].reason) == f"REASON_{expected}"
        assert shop.figures("tea") == (5, 3, 0, 2)

    def test_as_many_as_there_may_be(self, shop):
        shop.set_stock("tea", 10_000)
        items = [item(shop, [("tea", 1)] * 10) for _ in range(1_000)]
        results = shop.reserve_batch(items)
        assert [each.reservation.reservation_id for each in results] == [
            each.reservation_id for each in items
        ]
        assert all(len(each.reservation.lines) == 10 for each in results)
        assert shop.figures("tea") == (10_000, 10_000, 0, 0)

    def test_with_the_longest_codes(self, shop):
        sku, warehouse = "s" * 64, "w" * 64
        shop.set_stock(sku, 10_000, warehouse)
        wanted = [line(sku, 1, warehouse, number) for number in range(2**32 - 10, 2**32)]
        items = [item(shop, wanted, dealer="d" * 64) for _ in range(1_000)]
        results = shop.reserve_batch(items)
        assert all(each.reason == GRANTED for each in results)
        assert shop.figures(sku, warehouse) == (10_000, 10_000, 0, 0)

    def test_an_answer_without_room_decides_no_more(self, shop):
        """A line that is spread over many warehouses answers with far more than it asks for."""
        for number in range(60):
            shop.set_stock("tea", 1, f"{number:02}".ljust(64, "w"))
        shop.set_stock("coffee", 1)
        wide = item(shop, [line("tea", 60, "")])
        last = item(shop, {"coffee": 1})
        results = shop.reserve_batch([wide] * 999 + [last])
        told = sum(each.reason == GRANTED for each in results)
        assert 300 < told < 999
        for each in results[:told]:
            assert len(each.reservation.lines[0].allocations) == 60
        for each in results[told:]:
            assert each.reason == types.REASON_BATCH_TOO_LARGE
            assert "nothing was decided" in each.message
        assert shop.figures("coffee") == (1, 0, 0, 1)
        assert shop.reserve_batch([last])[0].reservation.state == HELD

    def test_too_many(self, shop):
        shop.set_stock("tea", 10)
        items = [item(shop, {"tea": 1}) for _ in range(1_001)]
        refusal = refused("BATCH_TOO_LARGE", shop.reserve_batch, items)
        assert refusal.metadata["limit"] == "1000"
        assert refusal.metadata["field"] == "items"
        items = [item(shop, [("tea", 1)] * 500) for _ in range(21)]
        refusal = refused("BATCH_TOO_LARGE", shop.reserve_batch, items)
        assert refusal.metadata["limit"] == "10000"
        assert shop.figures("tea") == (10, 0, 0, 10)

    def test_none(self, shop):
        refusal = refused("INVALID_FIELD", shop.reserve_batch, [])
        assert refusal.metadata["field"] == "items"

    def test_an_empty_item(self, shop):
        results = shop.reserve_batch([reservation.ReserveRequest()])
        assert results[0].reason == types.REASON_INVALID_FIELD
        assert results[0].field == "items[0].reservation_id"


class TestBatchGetStock:
    def test_in_the_order_asked(self, shop):
        for number in range(20):
            shop.set_stock(f"sku-{number}", number)
        keys = [types.StockKey(sku=f"sku-{n}", warehouse=WAREHOUSE) for n in reversed(range(20))]
        results = shop.stocks(keys)
        assert [each.stock for each in results] == [
            shop.stock(f"sku-{n}") for n in reversed(range(20))
        ]
        assert all(each.reason == GRANTED and not each.message for each in results)

    def test_each_key_has_its_own_result(self, shop, other_shop):
        shop.set_stock("tea", 5)
        other_shop.set_stock("coffee", 5)
        results = shop.stocks(
            [
                shop.key("tea"),
                shop.key("coffee"),
                shop.key("tea", "mars"),
                other_shop.key("coffee"),
                types.StockKey(sku="te\x01a", warehouse=WAREHOUSE),
                shop.key("tea"),
            ]
        )
        assert [types.Reason.Name(each.reason).removeprefix("REASON_") for each in results] == [
            "UNSPECIFIED",
            "SKU_NOT_FOUND",
            "WAREHOUSE_NOT_FOUND",
            "INVALID_FIELD",
            "INVALID_FIELD",
            "UNSPECIFIED",
        ]
        assert [each.field for each in results] == ["", "", "", "keys[3].brand", "keys[4].sku", ""]
        assert results[0].stock == results[5].stock == shop.stock("tea")
        assert not results[1].HasField("stock") and results[1].message

    def test_as_many_as_there_may_be(self, shop):
        shop.set_stock("tea", 5)
        results = shop.stocks([shop.key("tea")] * 1_000)
        assert len(results) == 1_000
        refusal = refused("BATCH_TOO_LARGE", shop.stocks, [shop.key("tea")] * 1_001)
        assert (refusal.metadata["limit"], refusal.metadata["field"]) == ("1000", "keys")

    def test_none(self, shop):
        assert refused("INVALID_FIELD", shop.stocks, []).metadata["field"] == "keys"
        key = types.StockKey(sku="tea", warehouse=WAREHOUSE)
        assert refused("INVALID_FIELD", shop.stocks, [key], brand="").metadata["field"] == "brand"


def test_one_call_s_decisions_are_its_own(shop):
    """A batch beside single calls: the sum is exact."""
    shop.set_stock("tea", 100)
    futures = []
    for _ in range(10):
        request = reservation.BatchReserveRequest(
            items=[item(shop, {"tea": 1}) for _ in range(10)]
        )
        futures.append(shop.reservations.BatchReserve.future(request, timeout=20))
        single = shop.reserve_request(lines_of({"tea": 1}), reservation_id=new_id())
        futures.append(shop.reservations.Reserve.future(single, timeout=20))
    granted = 0
    for future in futures:
        if future.exception() is None:
            answer = future.result()
            results = getattr(answer, "results", None)
            granted += 1 if results is None else sum(each.reason == GRANTED for each in results)
    assert granted == 100
    assert shop.figures("tea") == (100, 100, 0, 0)
