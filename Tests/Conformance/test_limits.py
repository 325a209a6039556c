# SPDX-License-Identifier: Apache-2.0
"""Tables have a size. Full is a refusal with a reason, never growth, and ends still work."""

import time
import uuid

import pytest
from refusals import CODE, outcome, refused
from shop import CONFIRMED, DEALER, EXPIRED, HELD, RELEASED, Shop, eventually, new_id

UNITS = 1_000_000


@pytest.fixture
def crowded(start_server):
    """A shop on a server with the given flags."""
    shops = []

    def start(*flags):
        server = start_server(*flags)
        shops.append(Shop(server.address, brand=f"brand-{uuid.uuid4().hex[:12]}"))
        return shops[-1]

    yield start
    for shop in shops:
        shop.channel.close()


def fill(shop, most, reason, ttl_ms=600_000):
    """Reserves one by one until refused for `reason`; what was granted."""
    granted = []
    for _ in range(most + 1):
        answer, refusal = outcome(shop.reserve, {"tea": 1}, ttl_ms=ttl_ms)
        if refusal:
            assert refusal.reason == reason
            assert refusal.code == CODE.RESOURCE_EXHAUSTED
            assert refusal.metadata["limit"]
            return granted
        granted.append(answer)
    raise AssertionError(f"more than {most} were granted")


class TestHolds:
    MOST = 50

    @pytest.fixture
    def shop(self, crowded):
        shop = crowded(f"--holds-max={self.MOST}")
        shop.set_stock("tea", UNITS)
        return shop

    def test_too_many(self, shop):
        assert len(fill(shop, self.MOST, "TOO_MANY_HOLDS")) == self.MOST
        assert shop.figures("tea") == (UNITS, self.MOST, 0, UNITS - self.MOST)

    def test_room_returns_with_each_end(self, shop):
        granted = fill(shop, self.MOST, "TOO_MANY_HOLDS")
        shop.confirm(granted[0].reservation_id)
        shop.reserve({"tea": 1})
        refused("TOO_MANY_HOLDS", shop.reserve, {"tea": 1})
        shop.release(granted[1].reservation_id)
        shop.reserve({"tea": 1}, ttl_ms=1_000)
        refused("TOO_MANY_HOLDS", shop.reserve, {"tea": 1})
        eventually(lambda: outcome(shop.reserve, {"tea": 1})[0])

    def test_nothing_else_is_disturbed(self, shop):
        request = shop.reserve_request({"tea": 1})
        shop.call(shop.reservations.Reserve, request)
        granted = fill(shop, self.MOST, "TOO_MANY_HOLDS")
        assert shop.call(shop.reservations.Reserve, request).is_replay
        assert shop.reservation(granted[0].reservation_id).state == HELD
        shop.set_stock("coffee", 1)
        assert shop.adjust("tea", 1).on_hand == UNITS + 1
        assert shop.confirm(granted[0].reservation_id).state == CONFIRMED
        assert shop.release(granted[1].reservation_id).state == RELEASED

    def test_what_was_refused_for_room_may_come_again(self, shop):
        """It isn't remembered: the same id is granted once there is room."""
        granted = fill(shop, self.MOST, "TOO_MANY_HOLDS")
        request = shop.reserve_request({"tea": 1})
        refused("TOO_MANY_HOLDS", shop.call, shop.reservations.Reserve, request)
        shop.release(granted[0].reservation_id)
        assert not shop.call(shop.reservations.Reserve, request).is_replay


class TestIds:
    MOST = 100

    @pytest.fixture
    def shop(self, crowded):
        shop = crowded(f"--ids-max={self.MOST}")
        shop.set_stock("tea", UNITS)
        return shop

    def test_full(self, shop):
        """A grant takes the room of its order too, so half as many fit."""
        granted = fill(shop, self.MOST, "ID_TABLE_FULL")
        assert self.MOST // 2 - 5 <= len(granted) <= self.MOST // 2
        assert shop.stock("tea").held == len(granted)

    def test_ends_never_find_it_full(self, shop):
        granted = fill(shop, self.MOST, "ID_TABLE_FULL")
        half = len(granted) // 2
        for each in granted[:half]:
            assert shop.confirm(each.reservation_id).state == CONFIRMED
        for each in granted[half:]:
            assert shop.release(each.reservation_id).state == RELEASED
        assert shop.figures("tea") == (UNITS, 0, half, UNITS - half)

    def test_nothing_is_evicted_early(self, shop):
        request = shop.reserve_request({"tea": 1})
        first = shop.call(shop.reservations.Reserve, request)
        shop.release(request.reservation_id)
        fill(shop, self.MOST, "ID_TABLE_FULL")
        again = shop.call(shop.reservations.Reserve, request)
        assert again.is_replay
        assert again.message.reservation.lines == first.message.reservation.lines

    def test_stock_changes_need_an_id_too(self, shop):
        answer = fill(shop, self.MOST, "ID_TABLE_FULL")
        for _ in range(self.MOST):
            _, refusal = outcome(shop.adjust, "tea", 1)
            if refusal:
                break
        assert refusal.reason == "ID_TABLE_FULL"
        before = shop.stock("tea")
        refused("ID_TABLE_FULL", shop.set_stock, "tea", 5)
        refused("ID_TABLE_FULL", shop.adjust, "tea", -1)
        assert shop.stock("tea") == before
        assert shop.release(answer[0].reservation_id).state == RELEASED

    def test_expiry_never_finds_it_full(self, shop):
        held = shop.reserve({"tea": 1}, ttl_ms=1_000)
        granted = len(fill(shop, self.MOST, "ID_TABLE_FULL"))
        eventually(lambda: shop.stock("tea").held == granted)
        assert shop.reservation(held.reservation_id).state == EXPIRED

    def test_room_of_the_order_returns_when_there_will_be_none(self, shop):
        granted = fill(shop, self.MOST, "ID_TABLE_FULL")
        for each in granted[:4]:
            shop.release(each.reservation_id)
        shop.reserve({"tea": 1})

    def test_room_of_the_id_returns_after_the_retention(self, crowded):
        """When its deadline has passed too, where that lies further ahead than the retention."""
        shop = crowded(f"--ids-max={self.MOST}", "--retention=1s")
        shop.set_stock("tea", UNITS)
        granted = fill(shop, self.MOST, "ID_TABLE_FULL", ttl_ms=1_000)
        for each in granted:
            shop.release(each.reservation_id)
        eventually(lambda: outcome(shop.reservation, granted[-1].reservation_id)[1])
        time.sleep(0.2)  # the wheel's turns
        again = fill(shop, self.MOST, "ID_TABLE_FULL")
        assert len(again) >= len(granted), "all of it came back"


class TestLegs:
    def test_holds_of_many_lines_share_the_room_of_the_ids(self, crowded):
        """However it is counted, what isn't there is refused and nothing breaks."""
        shop = crowded("--ids-max=200", "--legs-max=20k")
        shop.set_stock("tea", UNITS)
        granted = []
        for _ in range(200):
            answer, refusal = outcome(shop.reserve, [("tea", 1)] * 500)
            if refusal:
                break
            granted.append(answer)
        assert refusal is not None and refusal.code == CODE.RESOURCE_EXHAUSTED
        assert refusal.metadata["limit"] == "legs-max"
        assert shop.stock("tea").held == 500 * len(granted)
        for at, each in enumerate(granted):
            (shop.confirm if at % 2 else shop.release)(each.reservation_id)
        assert shop.stock("tea").held == 0
        shop.reserve([("tea", 1)] * 2)


class TestAccounts:
    MOST = 5

    @pytest.fixture
    def shop(self, crowded):
        return crowded(f"--accounts-max={self.MOST}")

    def test_full(self, shop):
        for at in range(self.MOST):
            shop.set_stock(f"sku-{at}", 10)
        refusal = refused("TABLE_FULL", shop.set_stock, "sku-x", 10)
        assert refusal.code == CODE.RESOURCE_EXHAUSTED
        assert refusal.metadata["limit"]
        refused("TABLE_FULL", shop.set_stock, "sku-0", 10, "south")

    def test_nothing_else_is_disturbed(self, shop):
        for at in range(self.MOST):
            shop.set_stock(f"sku-{at}", 10)
        refused("TABLE_FULL", shop.set_stock, "sku-x", 10)
        refused("WAREHOUSE_NOT_FOUND", shop.stock, "sku-0", "south")
        for at in range(self.MOST):
            shop.set_stock(f"sku-{at}", 20)
            shop.confirm(shop.reserve({f"sku-{at}": 1}).reservation_id)
            assert shop.figures(f"sku-{at}") == (20, 0, 1, 19)

    def test_the_refused_request_may_come_again(self, shop):
        for at in range(self.MOST):
            shop.set_stock(f"sku-{at}", 10)
        request_id = new_id()
        refused("TABLE_FULL", shop.set_stock, "sku-x", 10, request_id=request_id)
        answer = shop.set_stock_answer("sku-0", 11, request_id=request_id)
        assert not answer.is_replay


class TestCodes:
    def test_full_for_skus(self, crowded):
        shop = crowded("--codes-max=10")
        made = 0
        for at in range(11):
            answer, refusal = outcome(shop.set_stock, f"sku-{at}", 10)
            if refusal:
                break
            made += bool(answer)
        assert refusal.reason == "TABLE_FULL"
        assert refusal.metadata["limit"]
        assert 1 <= made <= 8, "a brand and a warehouse are codes too"
        assert shop.set_stock("sku-0", 11).stock.on_hand == 11
        assert shop.stock(f"sku-{made - 1}").on_hand == 10
        refused("SKU_NOT_FOUND", shop.stock, f"sku-{made}")

    def test_full_for_dealers(self, crowded):
        shop = crowded("--codes-max=10")
        shop.set_stock("tea", 100)
        served = []
        for at in range(11):
            answer, refusal = outcome(shop.reserve, {"tea": 1}, dealer=f"dealer-{at}")
            if refusal:
                break
            served.append(answer.dealer)
        assert refusal.reason == "TABLE_FULL"
        assert refusal.metadata["limit"]
        assert served
        assert shop.stock("tea").held == len(served)
        shop.reserve({"tea": 1}, dealer=served[0])

    def test_full_for_a_second_brand(self, crowded):
        shop = crowded("--codes-max=5")
        shop.set_stock("tea", 100)
        shop.reserve({"tea": 1}, dealer=DEALER)
        with Shop(shop.address, brand="another") as another:
            refused("TABLE_FULL", another.set_stock, "coffee", 1)
            refused("SKU_NOT_FOUND", another.stock, "coffee")
        shop.reserve({"tea": 1}, dealer=DEALER)
