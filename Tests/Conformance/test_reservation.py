# SPDX-License-Identifier: Apache-2.0
"""Reserve, Confirm, Release, GetReservation: who gets what, and what ends it."""

import time

import pytest
from refusals import CODE, refused
from shop import CONFIRMED, DEALER, HELD, RELEASED, WALL_STEP_MS, WAREHOUSE, line, new_id
from stockade.v1 import types_pb2 as types

DEFAULT_TTL_MS = 15 * 60 * 1000
DAY_MS = 24 * 3600 * 1000


class TestReserve:
    def test_a_grant(self, shop):
        shop.set_stock("tea", 10)
        reservation_id = new_id()
        before_ms = time.time() * 1000
        held = shop.reserve({"tea": 4}, reservation_id=reservation_id)
        assert held.reservation_id == reservation_id
        assert (held.brand, held.dealer) == (shop.brand, DEALER)
        assert held.state == HELD
        assert held.order_id == b""
        assert before_ms - 5_000 <= held.created_ms <= time.time() * 1000 + 5_000
        assert list(held.lines) == [
            types.LineResult(
                line_number=1,
                granted=4,
                allocations=[types.Allocation(warehouse=WAREHOUSE, quantity=4)],
            )
        ]
        assert shop.figures("tea") == (10, 4, 0, 6)

    def test_exactly_what_is_available(self, shop):
        shop.set_stock("tea", 10)
        shop.reserve({"tea": 10})
        assert shop.figures("tea") == (10, 10, 0, 0)

    def test_one_more_than_available(self, shop):
        shop.set_stock("tea", 10)
        refusal = refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 11})
        assert refusal.code == CODE.FAILED_PRECONDITION
        assert shop.figures("tea") == (10, 0, 0, 10)

    def test_held_and_allocated_are_not_available(self, shop):
        shop.set_stock("tea", 10)
        shop.confirm(shop.reserve({"tea": 4}).reservation_id)
        shop.reserve({"tea": 3})
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 4})
        shop.reserve({"tea": 3})
        assert shop.figures("tea") == (10, 6, 4, 0)

    def test_all_or_nothing_over_several_lines(self, shop):
        for sku in ("tea", "coffee", "cocoa"):
            shop.set_stock(sku, 5)
        refusal = refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 5, "coffee": 6, "cocoa": 7})
        assert refusal.metadata["line"] == "2"
        assert refusal.metadata["sku"] == "coffee"
        assert refusal.metadata["warehouse"] == WAREHOUSE
        assert refusal.metadata["requested"] == "6"
        assert refusal.metadata["available"] == "5"
        assert refusal.metadata["failing_lines"] == "2"
        for sku in ("tea", "coffee", "cocoa"):
            assert shop.figures(sku) == (5, 0, 0, 5)

    def test_lines_of_one_sku_are_summed(self, shop):
        shop.set_stock("tea", 10)
        refusal = refused("INSUFFICIENT_STOCK", shop.reserve, [("tea", 6), ("tea", 5)])
        assert refusal.metadata["available"] == "10"
        held = shop.reserve([("tea", 6), ("tea", 4)])
        assert [each.granted for each in held.lines] == [6, 4]
        assert shop.figures("tea") == (10, 10, 0, 0)

    def test_one_sku_in_two_warehouses_is_not_summed(self, shop):
        shop.set_stock("tea", 6, "north")
        shop.set_stock("tea", 4, "south")
        held = shop.reserve([("tea", 6, "north"), ("tea", 4, "south")])
        assert [each.allocations[0].warehouse for each in held.lines] == ["north", "south"]

    def test_500_lines(self, shop):
        shop.set_stock("tea", 500)
        shop.set_stock("coffee", 250)
        held = shop.reserve([("tea" if at % 2 else "coffee", 1) for at in range(500)])
        assert [each.line_number for each in held.lines] == list(range(1, 501))
        assert shop.figures("tea") == (500, 250, 0, 250)
        assert shop.figures("coffee") == (250, 250, 0, 0)
        assert shop.reservation(held.reservation_id) == held
        shop.confirm(held.reservation_id)
        assert shop.figures("tea") == (500, 0, 250, 250)

    def test_500_accounts_in_one_decision(self, shop):
        for at in range(500):
            shop.set_stock(f"sku-{at}", 1)
        held = shop.reserve([(f"sku-{at}", 1) for at in range(500)])
        refused("INSUFFICIENT_STOCK", shop.reserve, {"sku-499": 1})
        shop.release(held.reservation_id)
        assert shop.figures("sku-0") == shop.figures("sku-499") == (1, 0, 0, 1)

    def test_a_billion_units_in_a_line(self, shop):
        shop.set_stock("tea", 2_000_000_000)
        held = shop.reserve([("tea", 1_000_000_000), ("tea", 1_000_000_000)])
        assert [each.granted for each in held.lines] == [1_000_000_000] * 2
        assert shop.figures("tea") == (2_000_000_000, 2_000_000_000, 0, 0)

    def test_500_lines_of_a_billion_are_summed_without_overflow(self, shop):
        shop.set_stock("tea", 500_000_000_000)
        shop.reserve([("tea", 1_000_000_000)] * 500)
        assert shop.stock("tea").available == 0


class TestLineNumbers:
    @pytest.fixture(autouse=True)
    def stocked(self, shop):
        shop.set_stock("tea", 100)

    def test_all_zero_are_numbered_from_one(self, shop):
        held = shop.reserve([line("tea", each) for each in (1, 2, 3)])
        assert [(each.line_number, each.granted) for each in held.lines] == [(1, 1), (2, 2), (3, 3)]

    def test_given_ones_are_kept_in_the_order_given(self, shop):
        numbers = (70, 3, 4_294_967_295)
        held = shop.reserve([line("tea", 1, number=number) for number in numbers])
        assert tuple(each.line_number for each in held.lines) == numbers

    @pytest.mark.parametrize("numbers", [(1, 1), (5, 6, 5), (0, 1), (1, 0), (2, 0, 3)])
    def test_else_they_are_refused(self, shop, numbers):
        wanted = [line("tea", 1, number=number) for number in numbers]
        refused("INVALID_FIELD", shop.reserve, wanted)
        assert shop.stock("tea").held == 0


class TestTimeToLive:
    @pytest.fixture(autouse=True)
    def stocked(self, shop):
        shop.set_stock("tea", 10)

    @pytest.mark.parametrize(
        "ttl_ms, lasts_ms",
        [(0, DEFAULT_TTL_MS), (1_000, 1_000), (60_000, 60_000), (DAY_MS, DAY_MS)],
    )
    def test_the_deadline(self, shop, ttl_ms, lasts_ms):
        held = shop.reserve({"tea": 1}, ttl_ms=ttl_ms)
        assert abs(held.deadline_ms - held.created_ms - lasts_ms) <= WALL_STEP_MS

    @pytest.mark.parametrize("ttl_ms", [1, 999, DAY_MS + 1, 2**32 - 1])
    def test_outside_its_range(self, shop, ttl_ms):
        refusal = refused("INVALID_FIELD", shop.reserve, {"tea": 1}, ttl_ms=ttl_ms)
        assert "ttl_ms" in refusal.message
        assert shop.stock("tea").held == 0


class TestConfirm:
    @pytest.fixture
    def held(self, shop):
        shop.set_stock("tea", 10)
        shop.set_stock("coffee", 10)
        return shop.reserve({"tea": 4, "coffee": 6})

    def test_all_of_it(self, shop, held):
        order_id = new_id()
        confirmed = shop.confirm(held.reservation_id, order_id)
        assert confirmed.state == CONFIRMED
        assert confirmed.order_id == order_id
        assert confirmed.lines == held.lines, "a reservation keeps what was granted"
        assert (confirmed.created_ms, confirmed.dealer) == (held.created_ms, DEALER)
        assert shop.figures("tea") == (10, 0, 4, 6)
        assert shop.figures("coffee") == (10, 0, 6, 4)
        assert shop.reservation(held.reservation_id) == confirmed

    def test_a_part_returns_the_rest_at_once(self, shop, held):
        confirmed = shop.confirm(held.reservation_id, lines=[line("", 3, "", number=2)])
        assert confirmed.state == CONFIRMED
        assert [each.granted for each in confirmed.lines] == [4, 6]
        assert shop.figures("tea") == (10, 0, 0, 10)
        assert shop.figures("coffee") == (10, 0, 3, 7)

    def test_lines_match_by_number_in_any_order(self, shop, held):
        lines = [line("coffee", 1, number=2), line("tea", 2, number=1)]
        shop.confirm(held.reservation_id, lines=lines)
        assert shop.figures("tea") == (10, 0, 2, 8)
        assert shop.figures("coffee") == (10, 0, 1, 9)

    def test_lines_without_numbers_are_numbered_from_one(self, shop, held):
        shop.confirm(held.reservation_id, lines=[line("", 2, ""), line("", 1, "")])
        assert shop.figures("tea") == (10, 0, 2, 8)
        assert shop.figures("coffee") == (10, 0, 1, 9)

    def test_sku_and_warehouse_are_empty_or_equal(self, shop, held):
        confirm = shop.confirm
        for wrong in (line("coffee", 1, number=1), line("tea", 1, "south", number=1)):
            refused("INVALID_FIELD", confirm, held.reservation_id, lines=[wrong])
        assert shop.reservation(held.reservation_id).state == HELD
        confirm(held.reservation_id, lines=[line("tea", 1, "", 1), line("", 1, WAREHOUSE, 2)])

    def test_more_than_held_changes_nothing(self, shop, held):
        lines = [line("tea", 4, number=1), line("coffee", 7, number=2)]
        refusal = refused("EXCEEDS_RESERVATION", shop.confirm, held.reservation_id, lines=lines)
        assert refusal.code == CODE.FAILED_PRECONDITION
        assert refusal.metadata["line"] == "2"
        assert refusal.metadata["requested"] == "7"
        assert refusal.metadata["available"] == "6"
        assert refusal.metadata["failing_lines"] == "1"
        assert shop.reservation(held.reservation_id) == held
        assert shop.figures("tea") == (10, 4, 0, 6)
        shop.confirm(held.reservation_id)

    def test_a_line_that_is_not_in_the_reservation(self, shop, held):
        lines = [line("tea", 1, number=9)]
        refused("EXCEEDS_RESERVATION", shop.confirm, held.reservation_id, lines=lines)
        assert shop.reservation(held.reservation_id) == held

    @pytest.mark.parametrize("numbers", [(1, 1), (0, 1)])
    def test_line_numbers_are_unique(self, shop, held, numbers):
        lines = [line("", 1, "", number) for number in numbers]
        refused("INVALID_FIELD", shop.confirm, held.reservation_id, lines=lines)
        assert shop.reservation(held.reservation_id) == held

    def test_with_another_order(self, shop, held):
        order_id = new_id()
        shop.confirm(held.reservation_id, order_id)
        refusal = refused("ALREADY_CONFIRMED", shop.confirm, held.reservation_id)
        assert refusal.code == CODE.FAILED_PRECONDITION
        assert refusal.metadata["state"] == "CONFIRMED"
        assert shop.reservation(held.reservation_id).order_id == order_id
        assert shop.figures("tea") == (10, 0, 4, 6)

    def test_with_the_same_order_and_other_quantities(self, shop, held):
        order_id = new_id()
        shop.confirm(held.reservation_id, order_id, lines=[line("", 2, "", 1)])
        for other in ([], [line("", 1, "", 1)], [line("", 2, "", 1), line("", 1, "", 2)]):
            refused(
                "ALREADY_CONFIRMED", shop.confirm, held.reservation_id, order_id, lines=other
            )
        assert shop.figures("tea") == (10, 0, 2, 8)

    def test_an_order_id_that_exists(self, shop, held):
        order_id = new_id()
        other = shop.reserve({"tea": 1})
        shop.confirm(other.reservation_id, order_id)
        refusal = refused("IDEMPOTENCY_KEY_REUSED", shop.confirm, held.reservation_id, order_id)
        assert refusal.code == CODE.INVALID_ARGUMENT
        assert shop.reservation(held.reservation_id).state == HELD
        shop.confirm(held.reservation_id)

    def test_of_released(self, shop, held):
        shop.release(held.reservation_id)
        refusal = refused("ALREADY_RELEASED", shop.confirm, held.reservation_id)
        assert refusal.code == CODE.FAILED_PRECONDITION
        assert refusal.metadata["state"] == "RELEASED"
        assert shop.figures("tea") == (10, 0, 0, 10)

    def test_of_what_is_not_there(self, shop):
        refused("RESERVATION_NOT_FOUND", shop.confirm, new_id())
        shop.set_stock("tea", 1)
        refusal = refused("RESERVATION_NOT_FOUND", shop.confirm, new_id())
        assert refusal.code == CODE.NOT_FOUND

    def test_a_refused_confirm_is_not_remembered(self, shop, held):
        order_id = new_id()
        too_much = [line("", 5, "", 1)]
        refused(
            "EXCEEDS_RESERVATION", shop.confirm, held.reservation_id, order_id, lines=too_much
        )
        assert shop.confirm(held.reservation_id, order_id).state == CONFIRMED


class TestRelease:
    def test_gives_it_back(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        released = shop.release(held.reservation_id, cause="changed my mind")
        assert released.state == RELEASED
        assert released.lines == held.lines
        assert released.order_id == b""
        assert shop.figures("tea") == (10, 0, 0, 10)
        assert shop.reservation(held.reservation_id) == released

    def test_again_is_fine(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        first = shop.release(held.reservation_id)
        version = shop.stock("tea").version
        assert shop.release(held.reservation_id) == first
        assert shop.release(held.reservation_id, cause="another reason").state == RELEASED
        assert shop.stock("tea").version == version

    def test_of_confirmed(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        shop.confirm(held.reservation_id)
        refusal = refused("ALREADY_CONFIRMED", shop.release, held.reservation_id)
        assert refusal.metadata["state"] == "CONFIRMED"
        assert shop.figures("tea") == (10, 0, 4, 6)

    def test_that_overtakes_its_reserve(self, shop):
        """A client that gave up must not leave stock held."""
        shop.set_stock("tea", 10)
        reservation_id = new_id()
        refused("RESERVATION_NOT_FOUND", shop.release, reservation_id)
        for _ in range(2):
            refusal = refused(
                "ALREADY_RELEASED", shop.reserve, {"tea": 1}, reservation_id=reservation_id
            )
            assert refusal.code == CODE.FAILED_PRECONDITION
        refused("RESERVATION_NOT_FOUND", shop.release, reservation_id)
        refused("RESERVATION_NOT_FOUND", shop.reservation, reservation_id)
        assert shop.figures("tea") == (10, 0, 0, 10)

    def test_that_overtakes_knows_no_content_and_wins_over_a_refusal(self, shop):
        shop.set_stock("tea", 1)
        reservation_id = new_id()
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 2}, reservation_id=reservation_id)
        refused("RESERVATION_NOT_FOUND", shop.release, reservation_id)
        for quantity in (2, 1):
            refused(
                "ALREADY_RELEASED", shop.reserve, {"tea": quantity}, reservation_id=reservation_id
            )

    def test_that_overtakes_in_another_brand_is_another_id(self, shop, other_shop):
        shop.set_stock("tea", 1)
        other_shop.set_stock("tea", 1)
        reservation_id = new_id()
        refused("RESERVATION_NOT_FOUND", other_shop.release, reservation_id)
        assert shop.reserve({"tea": 1}, reservation_id=reservation_id).state == HELD


class TestGetReservation:
    def test_reads_without_changing(self, shop):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        version = shop.stock("tea").version
        assert shop.reservation(held.reservation_id) == held
        assert shop.stock("tea").version == version

    def test_of_what_is_not_there(self, shop):
        refused("RESERVATION_NOT_FOUND", shop.reservation, new_id())
        shop.set_stock("tea", 10)
        refusal = refused("RESERVATION_NOT_FOUND", shop.reservation, new_id())
        assert refusal.code == CODE.NOT_FOUND

    def test_of_another_brand(self, shop, other_shop):
        shop.set_stock("tea", 10)
        other_shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        for call in (other_shop.reservation, other_shop.confirm, other_shop.release):
            refused("RESERVATION_NOT_FOUND", call, held.reservation_id)
        assert shop.reservation(held.reservation_id) == held


def test_what_ended_says_no_deadline(shop):
    shop.set_stock("tea", 10)
    released = shop.release(shop.reserve({"tea": 1}).reservation_id)
    confirmed = shop.confirm(shop.reserve({"tea": 1}).reservation_id)
    assert (released.deadline_ms, confirmed.deadline_ms) == (0, 0)
