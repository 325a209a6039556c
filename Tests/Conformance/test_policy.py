# SPDX-License-Identifier: Apache-2.0
"""How accounts are sold: policies, transfers, and reservations that live longer."""

import pytest
from refusals import CODE, outcome, refused
from shop import EXPIRED, HELD, WALL_STEP_MS, eventually, line, new_id
from stockade.v1 import inventory_service_pb2 as inventory

TRILLION = 10**12
DAY_MS = 86_400_000


class TestPolicy:
    FIELDS = {
        "safety": 3,
        "backorder_limit": 4,
        "low_water": 5,
        "high_water": 6,
        "hold_ttl_ms": 60_000,
    }

    def test_all_of_it(self, shop):
        shop.set_stock("tea", 10)
        assert shop.policy("tea") == inventory.StockPolicy()
        answer = shop.set_policy("tea", **self.FIELDS)
        assert answer.policy == inventory.StockPolicy(**self.FIELDS)
        assert shop.policy("tea") == answer.policy
        assert answer.stock == shop.stock("tea")
        assert (answer.stock.safety, answer.stock.backorder_limit) == (3, 4)
        assert (answer.stock.on_hand, answer.stock.available) == (10, 7)
        assert answer.stock.version == 2

    def test_what_is_left_out_is_0(self, shop):
        shop.set_stock("tea", 10)
        shop.set_policy("tea", **self.FIELDS)
        shop.set_policy("tea", low_water=1, high_water=1)
        assert shop.policy("tea") == inventory.StockPolicy(low_water=1, high_water=1)

    def test_again(self, shop):
        shop.set_stock("tea", 10)
        request_id = new_id()
        first = shop.set_policy_answer("tea", request_id=request_id, safety=3)
        again = shop.set_policy_answer("tea", request_id=request_id, safety=3)
        assert not first.is_replay and again.is_replay and again.message == first.message
        refused("IDEMPOTENCY_KEY_REUSED", shop.set_policy, "tea", request_id=request_id, safety=4)
        assert shop.stock("tea").version == 2

    def test_the_floor_is_never_sold(self, shop):
        shop.set_stock("tea", 10)
        shop.set_policy("tea", safety=8)
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 3})
        held = shop.reserve({"tea": 2})
        stock = shop.set_policy("tea", safety=10).stock
        assert (stock.available, stock.deficit) == (-2, 0)
        shop.confirm(held.reservation_id)

    def test_the_time_to_live_that_a_reserve_leaves_open(self, shop):
        for sku, ttl_ms in (("tea", 60_000), ("coffee", 30_000), ("cocoa", 0)):
            shop.set_stock(sku, 10)
            shop.set_policy(sku, hold_ttl_ms=ttl_ms)

        def lives(*skus, **fields):
            held = shop.reserve([(sku, 1) for sku in skus], **fields)
            return held.deadline_ms - held.created_ms

        assert abs(lives("tea") - 60_000) <= WALL_STEP_MS
        assert abs(lives("tea", "coffee", "cocoa") - 30_000) <= WALL_STEP_MS
        assert abs(lives("cocoa") - 15 * 60_000) <= WALL_STEP_MS
        assert abs(lives("tea", ttl_ms=5_000) - 5_000) <= WALL_STEP_MS

    def test_what_does_not_exist(self, shop):
        refused("SKU_NOT_FOUND", shop.set_policy, "tea", safety=1)
        shop.set_stock("tea", 1)
        refused("WAREHOUSE_NOT_FOUND", shop.set_policy, "tea", "mars", safety=1)

    @pytest.mark.parametrize("field", ["safety", "backorder_limit", "low_water", "high_water"])
    @pytest.mark.parametrize("value", [-1, TRILLION + 1, -(2**63), 2**63 - 1])
    def test_bad_figures(self, shop, field, value):
        shop.set_stock("tea", 1)
        refusal = refused("QTY_OUT_OF_RANGE", shop.set_policy, "tea", **{field: value})
        assert refusal.metadata["field"] == field

    def test_bad_water_marks(self, shop):
        shop.set_stock("tea", 1)
        refusal = refused("INVALID_FIELD", shop.set_policy, "tea", low_water=2, high_water=1)
        assert refusal.metadata["field"] == "low_water"

    @pytest.mark.parametrize("ttl_ms", [1, 999, DAY_MS + 1, 2**32 - 1])
    def test_bad_time_to_live(self, shop, ttl_ms):
        shop.set_stock("tea", 1)
        refusal = refused("INVALID_FIELD", shop.set_policy, "tea", hold_ttl_ms=ttl_ms)
        assert refusal.metadata["field"] == "hold_ttl_ms"

    def test_bad_ids_and_keys(self, shop):
        assert refused("INVALID_FIELD", shop.set_policy, "tea", request_id=b"").metadata[
            "field"
        ] == "request_id"
        assert refused("INVALID_FIELD", shop.set_policy, "").metadata["field"] == "key.sku"


class TestTransfer:
    @pytest.fixture(autouse=True)
    def two(self, shop):
        shop.set_stock("tea", 10, "north")
        shop.set_stock("tea", 1, "south")

    def test_moves(self, shop):
        source, target = shop.transfer("tea", 4, "north", "south")
        assert source == shop.stock("tea", "north")
        assert target == shop.stock("tea", "south")
        assert (source.on_hand, target.on_hand) == (6, 5)
        assert (source.version, target.version) == (2, 2)

    def test_again(self, shop):
        request_id = new_id()
        first = shop.transfer_answer("tea", 4, "north", "south", request_id=request_id)
        again = shop.transfer_answer("tea", 4, "north", "south", request_id=request_id)
        assert again.is_replay and again.message == first.message
        refused(
            "IDEMPOTENCY_KEY_REUSED",
            shop.transfer,
            "tea",
            5,
            "north",
            "south",
            request_id=request_id,
        )
        assert shop.figures("tea", "south") == (5, 0, 0, 5)

    def test_only_from_available(self, shop):
        shop.reserve([line("tea", 7, "north")])
        fields = {"request_id": new_id()}
        refusal = refused("INSUFFICIENT_STOCK", shop.transfer, "tea", 4, "north", "south", **fields)
        assert refusal.metadata["warehouse"] == "north"
        assert (refusal.metadata["requested"], refusal.metadata["available"]) == ("4", "3")
        again = refused("INSUFFICIENT_STOCK", shop.transfer, "tea", 4, "north", "south", **fields)
        assert again.is_replay
        shop.transfer("tea", 3, "north", "south")
        assert shop.figures("tea", "north") == (7, 7, 0, 0)

    def test_too_much_in_one_place(self, shop):
        shop.set_stock("tea", TRILLION, "south")
        refusal = refused("QTY_OUT_OF_RANGE", shop.transfer, "tea", 1, "north", "south")
        assert refusal.metadata["warehouse"] == "south"
        assert shop.figures("tea", "north") == (10, 0, 0, 10)

    @pytest.mark.parametrize(("source", "target", "missing"), [
        ("mars", "north", "mars"),
        ("north", "mars", "mars"),
    ])
    def test_what_does_not_exist(self, shop, source, target, missing):
        refusal = refused("WAREHOUSE_NOT_FOUND", shop.transfer, "tea", 1, source, target)
        assert refusal.metadata["warehouse"] == missing
        refused("SKU_NOT_FOUND", shop.transfer, "coffee", 1, "north", "south")

    def test_bad_fields(self, shop):
        def field(call, *arguments, because="INVALID_FIELD", **fields):
            return refused(because, call, *arguments, **fields).metadata["field"]

        assert field(shop.transfer, "tea", 1, "north", "north") == "to_warehouse"
        assert field(shop.transfer, "tea", 1, "", "north") == "from_warehouse"
        assert field(shop.transfer, "tea", 1, "north", "") == "to_warehouse"
        assert field(shop.transfer, "", 1, "north", "south") == "sku"
        assert field(shop.transfer, "tea", 1, "north", "south", brand="") == "brand"
        assert field(shop.transfer, "tea", 1, "north", "south", request_id=bytes(16)) == (
            "request_id"
        )
        for quantity in (0, -1, 10**9 + 1):
            assert (
                field(shop.transfer, "tea", quantity, "north", "south", because="QTY_OUT_OF_RANGE")
                == "quantity"
            )


class TestExtend:
    def test_later(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, ttl_ms=60_000)
        longer = shop.extend(held.reservation_id, 120_000)
        # Deadlines count ticks, which begin between two of the wall clock's milliseconds.
        assert longer.deadline_ms >= held.created_ms + 120_000 - 2
        held.deadline_ms = longer.deadline_ms
        assert longer == held == shop.reservation(held.reservation_id)

    def test_never_earlier(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, ttl_ms=60_000)
        assert shop.extend(held.reservation_id, 1_000) == held

    def test_again(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, ttl_ms=60_000)
        request_id = new_id()
        first = shop.extend_answer(held.reservation_id, 120_000, request_id=request_id)
        again = shop.extend_answer(held.reservation_id, 120_000, request_id=request_id)
        assert not first.is_replay and again.is_replay and again.message == first.message
        refused(
            "IDEMPOTENCY_KEY_REUSED",
            shop.extend,
            held.reservation_id,
            120_001,
            request_id=request_id,
        )

    def test_outlives_its_first_deadline(self, shop):
        shop.set_stock("tea", 10)
        extended = shop.reserve({"tea": 1}, ttl_ms=1_500)
        left = shop.reserve({"tea": 2}, ttl_ms=1_500)
        shop.extend(extended.reservation_id, 60_000)
        eventually(lambda: shop.figures("tea") == (10, 1, 0, 9))
        assert shop.reservation(left.reservation_id).state == EXPIRED
        assert shop.reservation(extended.reservation_id).state == HELD

    def test_beyond_a_day(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 1}, ttl_ms=60_000)
        # In the very millisecond in which it was made, a day from now is still allowed.
        refusal = eventually(lambda: outcome(shop.extend, held.reservation_id, DAY_MS)[1])
        assert refusal.reason == "INVALID_FIELD"
        assert refusal.code == CODE.INVALID_ARGUMENT
        assert refusal.metadata["field"] == "ttl_ms"
        assert "86400000" in refusal.metadata["limit"]
        assert not refusal.is_replay

    def test_what_has_ended(self, shop):
        shop.set_stock("tea", 10)
        confirmed, released = shop.reserve({"tea": 1}), shop.reserve({"tea": 1})
        expired = shop.reserve({"tea": 1}, ttl_ms=1_000)
        shop.confirm(confirmed.reservation_id)
        shop.release(released.reservation_id)
        eventually(lambda: shop.figures("tea") == (10, 0, 1, 9))
        for held, reason, state in (
            (confirmed, "ALREADY_CONFIRMED", "CONFIRMED"),
            (released, "ALREADY_RELEASED", "RELEASED"),
            (expired, "RESERVATION_EXPIRED", "EXPIRED"),
        ):
            refusal = refused(reason, shop.extend, held.reservation_id, 60_000)
            assert refusal.metadata["state"] == state
        refused("RESERVATION_NOT_FOUND", shop.extend, new_id(), 60_000)

    @pytest.mark.parametrize("ttl_ms", [0, 1, 999, DAY_MS + 1, 2**32 - 1])
    def test_bad_time_to_live(self, shop, ttl_ms):
        refusal = refused("INVALID_FIELD", shop.extend, new_id(), ttl_ms)
        assert refusal.metadata["field"] == "ttl_ms"


class TestMovements:
    def request(self, shop, **fields):
        return inventory.ListMovementsRequest(key=shop.key("tea"), **fields)

    def test_without_postgres(self, shop):
        shop.set_stock("tea", 1)
        call = shop.inventory.ListMovements
        refusal = refused("POSTGRES_UNAVAILABLE", shop.call, call, self.request(shop))
        assert refusal.code == CODE.UNAVAILABLE
        assert "Postgres" in refusal.message

    def test_bad_fields(self, shop):
        call = shop.inventory.ListMovements
        for field, request in (
            ("key", inventory.ListMovementsRequest()),
            ("page_size", self.request(shop, page_size=1_001)),
            ("page_token", self.request(shop, page_token="no token")),
        ):
            assert refused("INVALID_FIELD", shop.call, call, request).metadata["field"] == field
