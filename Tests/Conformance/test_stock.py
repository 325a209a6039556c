# SPDX-License-Identifier: Apache-2.0
"""Stock accounts: what SetStock, AdjustStock and GetStock answer and change."""

import time

import pytest
from refusals import CODE, refused
from shop import APPLIED, DEALER, STALE, new_id

TRILLION = 1_000_000_000_000
BILLION = 1_000_000_000


def test_set_stock_makes_the_account(shop):
    before_ms = time.time() * 1000
    answer = shop.set_stock("tea", 12)
    stock = answer.stock
    assert answer.result == APPLIED
    assert stock.key == shop.key("tea")
    assert (stock.on_hand, stock.held, stock.allocated, stock.available) == (12, 0, 0, 12)
    assert (stock.safety, stock.backorder_limit, stock.deficit) == (0, 0, 0)
    assert (stock.version, stock.source_version) == (1, 0)
    assert before_ms - 5_000 <= stock.updated_ms <= time.time() * 1000 + 5_000
    assert shop.stock("tea") == stock


def test_set_stock_writes_on_hand_only(shop):
    shop.set_stock("tea", 10)
    shop.confirm(shop.reserve({"tea": 3}).reservation_id)
    shop.reserve({"tea": 2})
    assert shop.figures("tea") == (10, 2, 3, 5)
    shop.set_stock("tea", 100)
    assert shop.figures("tea") == (100, 2, 3, 95)


@pytest.mark.parametrize("on_hand", [0, 1, BILLION + 1, TRILLION])
def test_on_hand_reaches_from_zero_to_a_trillion(shop, on_hand):
    assert shop.set_stock("tea", on_hand).stock.on_hand == on_hand


def test_accounts_differ_by_brand_sku_and_warehouse(shop, other_shop):
    shop.set_stock("tea", 1, "north")
    shop.set_stock("tea", 2, "south")
    shop.set_stock("Tea", 3, "north")
    other_shop.set_stock("tea", 4, "north")
    assert [
        shop.stock("tea", "north").on_hand,
        shop.stock("tea", "south").on_hand,
        shop.stock("Tea", "north").on_hand,
        other_shop.stock("tea", "north").on_hand,
    ] == [1, 2, 3, 4]


def test_codes_may_be_any_printable_ascii_of_1_to_64_characters(shop):
    for code in ("!", "a b", "~" * 64, "50%-off/x:y", " "):
        shop.set_stock(code, 7, code)
        assert shop.stock(code, code).on_hand == 7


class TestWhatIsNotThere:
    """SKU_NOT_FOUND if the brand or the SKU in it is unknown, else WAREHOUSE_NOT_FOUND."""

    def test_unknown_brand(self, shop):
        refusal = refused("SKU_NOT_FOUND", shop.stock, "tea")
        assert refusal.code == CODE.NOT_FOUND
        refused("SKU_NOT_FOUND", shop.adjust, "tea", 1)
        refused("SKU_NOT_FOUND", shop.reserve, {"tea": 1})

    def test_unknown_sku_in_a_known_brand(self, shop, other_shop):
        shop.set_stock("tea", 1)
        other_shop.set_stock("coffee", 1)
        refused("SKU_NOT_FOUND", shop.stock, "coffee")
        refused("SKU_NOT_FOUND", shop.adjust, "coffee", 1)
        refused("SKU_NOT_FOUND", shop.reserve, {"coffee": 1})

    def test_unknown_warehouse(self, shop):
        shop.set_stock("tea", 1, "north")
        refused("WAREHOUSE_NOT_FOUND", shop.stock, "tea", "south")
        refused("WAREHOUSE_NOT_FOUND", shop.adjust, "tea", 1, "south")
        refused("WAREHOUSE_NOT_FOUND", shop.reserve, [("tea", 1, "south")])

    def test_a_warehouse_of_another_sku(self, shop):
        shop.set_stock("tea", 1, "north")
        shop.set_stock("coffee", 1, "south")
        refused("WAREHOUSE_NOT_FOUND", shop.stock, "tea", "south")
        refused("WAREHOUSE_NOT_FOUND", shop.reserve, [("tea", 1, "south")])

    def test_only_set_stock_defines_codes(self, shop):
        """A refused call leaves no code behind that a later one would find."""
        shop.set_stock("tea", 1, "north")
        refused("SKU_NOT_FOUND", shop.adjust, "coffee", 1, "south")
        refused("SKU_NOT_FOUND", shop.reserve, [("coffee", 1, "south")])
        refused("SKU_NOT_FOUND", shop.stock, "coffee", "south")
        refused("WAREHOUSE_NOT_FOUND", shop.stock, "tea", "south")

    def test_any_well_formed_dealer_is_accepted(self, shop):
        shop.set_stock("tea", 2)
        assert shop.reserve({"tea": 1}, dealer="never seen before").dealer == "never seen before"
        assert shop.reserve({"tea": 1}, dealer="~" * 64).dealer == "~" * 64


class TestVersions:
    def test_each_change_adds_one(self, shop):
        def version():
            return shop.stock("tea").version

        assert shop.set_stock("tea", 10).stock.version == 1
        assert shop.set_stock("tea", 10).stock.version == 2, "the same figure is a change too"
        assert shop.adjust("tea", 5).version == 3
        first = shop.reserve({"tea": 1})
        assert version() == 4
        shop.confirm(first.reservation_id)
        assert version() == 5
        second = shop.reserve({"tea": 1})
        shop.release(second.reservation_id)
        assert version() == 7

    def test_reads_refusals_and_replays_add_nothing(self, shop):
        shop.set_stock("tea", 1)
        held = shop.reserve_request({"tea": 1})
        shop.call(shop.reservations.Reserve, held)
        version = shop.stock("tea").version
        assert shop.call(shop.reservations.Reserve, held).is_replay
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1})
        refused("INSUFFICIENT_STOCK", shop.adjust, "tea", -2)
        refused("VERSION_MISMATCH", shop.adjust, "tea", 1, expected_version=version + 1)
        assert shop.stock("tea").version == version

    def test_an_expected_version_must_match(self, shop):
        version = shop.set_stock("tea", 10).stock.version
        assert shop.adjust("tea", 1, expected_version=version).on_hand == 11
        refusal = refused("VERSION_MISMATCH", shop.adjust, "tea", 1, expected_version=version)
        assert refusal.code == CODE.ABORTED
        assert shop.stock("tea").on_hand == 11


class TestSourceVersions:
    def test_older_or_equal_is_stale_and_changes_nothing(self, shop):
        shop.set_stock("tea", 10, source="erp", source_version=5)
        before = shop.stock("tea")
        for version in (5, 4, 1):
            answer = shop.set_stock("tea", 99, source="erp", source_version=version)
            assert answer.result == STALE
            assert answer.stock == before
        assert shop.stock("tea") == before

    def test_higher_is_applied(self, shop):
        shop.set_stock("tea", 10, source_version=5)
        answer = shop.set_stock("tea", 20, source_version=6)
        assert answer.result == APPLIED
        assert (answer.stock.on_hand, answer.stock.source_version) == (20, 6)

    def test_another_source_must_still_bring_a_higher_version(self, shop):
        shop.set_stock("tea", 10, source="erp", source_version=5)
        assert shop.set_stock("tea", 20, source="wms", source_version=5).result == STALE
        assert shop.set_stock("tea", 20, source="wms", source_version=6).result == APPLIED

    def test_zero_is_always_applied_and_leaves_the_stored_version(self, shop):
        shop.set_stock("tea", 10, source_version=5)
        answer = shop.set_stock("tea", 3)
        assert answer.result == APPLIED
        assert (answer.stock.on_hand, answer.stock.source_version) == (3, 5)
        assert shop.set_stock("tea", 4, source_version=5).result == STALE

    def test_the_largest_version(self, shop):
        largest = 2**64 - 1
        assert shop.set_stock("tea", 1, source_version=largest).stock.source_version == largest
        assert shop.set_stock("tea", 2, source_version=largest).result == STALE

    def test_stale_leaves_no_trace(self, shop):
        """Not even its request id: it may come again with other content."""
        shop.set_stock("tea", 10, source_version=5)
        request_id = new_id()
        assert shop.set_stock("tea", 7, source_version=4, request_id=request_id).result == STALE
        answer = shop.set_stock_answer("tea", 8, source_version=6, request_id=request_id)
        assert answer.message.result == APPLIED
        assert not answer.is_replay


class TestAdjust:
    def test_up_and_down(self, shop):
        shop.set_stock("tea", 10)
        assert shop.adjust("tea", 5, reason="found a box").on_hand == 15
        assert shop.adjust("tea", -15, reason="lost it").on_hand == 0

    def test_by_a_billion_at_most(self, shop):
        shop.set_stock("tea", 0)
        assert shop.adjust("tea", BILLION).on_hand == BILLION
        assert shop.adjust("tea", -BILLION).on_hand == 0

    def test_below_zero_is_refused(self, shop):
        shop.set_stock("tea", 10)
        refusal = refused("INSUFFICIENT_STOCK", shop.adjust, "tea", -11)
        assert refusal.metadata["on_hand"] == "10"
        assert refusal.metadata["requested"] == "11"
        assert shop.stock("tea").on_hand == 10

    def test_above_a_trillion_is_refused(self, shop):
        before = shop.set_stock("tea", TRILLION).stock
        refused("QTY_OUT_OF_RANGE", shop.adjust, "tea", 1)
        assert shop.stock("tea") == before


class TestCorrections:
    """A pallet fell: it is applied, shown as a deficit, and what was granted is honoured."""

    @pytest.fixture(params=["set", "adjust"])
    def correct(self, request, shop):
        if request.param == "set":
            return lambda on_hand: shop.set_stock("tea", on_hand).stock
        return lambda on_hand: shop.adjust("tea", on_hand - shop.stock("tea").on_hand)

    def test_below_what_was_granted(self, shop, correct):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 4})
        shop.confirm(shop.reserve({"tea": 5}).reservation_id)
        stock = correct(3)
        assert (stock.on_hand, stock.held, stock.allocated) == (3, 4, 5)
        assert (stock.available, stock.deficit) == (-6, 6)

        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1})
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1}, fill_mode="FILL_MODE_PARTIAL")
        shop.confirm(held.reservation_id)
        assert shop.figures("tea") == (3, 0, 9, -6)

    def test_nothing_is_granted_until_it_is_made_good(self, shop, correct):
        shop.set_stock("tea", 10)
        shop.reserve({"tea": 8})
        correct(7)
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1})
        correct(8)
        refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1})
        correct(9)
        shop.reserve({"tea": 1})
        assert shop.figures("tea") == (9, 9, 0, 0)

    def test_a_release_makes_good_too(self, shop, correct):
        shop.set_stock("tea", 10)
        held = shop.reserve({"tea": 10})
        assert correct(4).deficit == 6
        shop.release(held.reservation_id)
        assert shop.figures("tea") == (4, 0, 0, 4)
        assert shop.stock("tea").deficit == 0


def test_who_asks_after_a_reply_sees_its_effects_on_any_connection(shop):
    with shop.again() as elsewhere:
        for on_hand in range(1, 30):
            shop.set_stock("tea", on_hand)
            assert elsewhere.stock("tea").on_hand == on_hand
            held = elsewhere.reserve({"tea": 1}, dealer=DEALER)
            assert shop.stock("tea").held == 1
            elsewhere.release(held.reservation_id)
            assert shop.stock("tea").held == 0
