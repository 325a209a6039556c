# SPDX-License-Identifier: Apache-2.0
"""A journal that has no more room: what is new is refused, what ends goes on, nothing is lost."""

import contextlib
import os
import subprocess

import pytest
from journal_check import check_is_fine
from refusals import CODE, outcome, refused
from shop import CONFIRMED, HELD, RELEASED, Shop, eventually, line
from stockade_server import StockadeServer, refused_start

FULL = "JOURNAL_FULL"


def fill(shop, calls=20_000):
    """Reserves until it is refused; the reservations."""
    held = []
    for _ in range(calls):
        found, refusal = outcome(shop.reserve, {"tea": 1})
        if refusal:
            assert refusal.reason == FULL, refusal
            assert refusal.code == CODE.RESOURCE_EXHAUSTED
            return held
        held.append(found)
    raise AssertionError(f"{calls} reservations and still room")


def new_is_refused(shop):
    """Each kind of new thing; a small one may still fit once or twice where a large one doesn't."""
    for call in (
        lambda: shop.adjust("tea", 1),
        lambda: shop.set_stock("tea", 1_000_000),
        lambda: shop.set_stock("coffee", 1),
        lambda: shop.reserve({"tea": 1_000_000}),
    ):
        for _ in range(20):
            _, refusal = outcome(call)
            if refusal:
                break
        assert refusal and refusal.reason == FULL, refusal


def ends_go_on(shop, held):
    """Reads, and every reservation's end; half are confirmed, half released."""
    stock = shop.stock("tea")
    assert stock.held == len(held)
    for at, each in enumerate(held):
        assert shop.reservation(each.reservation_id).state == HELD
        if at % 2:
            assert shop.confirm(each.reservation_id).state == CONFIRMED
        else:
            assert shop.release(each.reservation_id).state == RELEASED
    assert shop.stock("tea").allocated == len(held) // 2
    assert shop.stock("tea").held == 0


def is_as_it_was(shop, held):
    for at, each in enumerate(held):
        expected = CONFIRMED if at % 2 else RELEASED
        assert shop.reservation(each.reservation_id).state == expected
    assert shop.stock("tea").allocated == len(held) // 2


class TestTheBudget:
    """--journal-max: what new reservations may make of the journal."""

    def test_full(self, journal_server):
        server = journal_server("--journal-max=1MiB")
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 1_000_000)
            held = fill(shop)
            new_is_refused(shop)
            ends_go_on(shop, held)
        server.kill()
        second = journal_server.again(server)
        with Shop(second.address, "brand") as shop:
            is_as_it_was(shop, held)
            new_is_refused(shop)
        second.kill()
        check_is_fine(server.data)
        third = journal_server.again(server, "--journal-max=64MiB")
        with Shop(third.address, "brand") as shop:
            shop.reserve({"tea": 1})
            is_as_it_was(shop, held)

    def test_full_of_large_ones_that_live(self, journal_server):
        """Their ends still fit after a restart: what is set aside is counted anew."""
        server = journal_server("--journal-max=1MiB")
        lines = [line(f"sku-{at}", 1) for at in range(100)]
        held = []
        with Shop(server.address, "brand") as shop:
            for each in lines:
                shop.set_stock(each.sku, 1_000)
            for _ in range(1_000):
                found, refusal = outcome(shop.reserve, lines)
                if refusal:
                    assert refusal.reason == FULL
                    break
                held.append(found)
        server.kill()
        second = journal_server.again(server)
        with Shop(second.address, "brand") as shop:
            refused(FULL, shop.reserve, lines)
            for at, each in enumerate(held):
                (shop.confirm if at % 2 else shop.release)(each.reservation_id)
            assert shop.stock("sku-0").allocated == len(held) // 2
            assert len(held) > 10

    def test_expiries_go_on(self, journal_server):
        server = journal_server("--journal-max=1MiB")
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 1_000_000)
            shop.reserve({"tea": 5}, ttl_ms=2_000)
            held = fill(shop)
            eventually(lambda: shop.stock("tea").held == len(held))


# A disk of its own.


@pytest.fixture
def disk(tmp_path):
    """A file system of 64 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "stockade-test", str(place)],
        capture_output=True, text=True, check=False,
    ) if os.geteuid() == 0 else None
    if mounted is None or mounted.returncode != 0:
        pytest.skip(f"may not mount: {mounted.stderr if mounted else 'not root'}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(place, name, leave=0):
    """Writes a file of everything that is free, but for `leave` bytes."""
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize - leave
    file = place / name
    with file.open("wb") as out, contextlib.suppress(OSError):
        left = free
        while left > 0:
            left -= out.write(bytes(min(left, 1 << 20)))
    return file


class TestAFullDisk:
    def test_full_and_free_again(self, disk, journal_server):
        # The default --journal-max: it is the disk that ends first.
        server = journal_server("--journal-max=8GiB", data=disk / "data")
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 1_000_000)
            ballast = fill_up(disk, "ballast")
            eventually(lambda: outcome(shop.reserve, {"tea": 1})[1], every=0.001, seconds=60)
            new_is_refused(shop)
            full = shop.stock("tea")
            assert full.held > 0 and full.on_hand == 1_000_000
            ballast.unlink()
            eventually(lambda: outcome(shop.reserve, {"tea": 1})[0], seconds=30, every=0.1)
            before = shop.stock("tea")
        server.kill()
        second = journal_server.again(server)
        with Shop(second.address, "brand") as shop:
            assert shop.stock("tea") == before
        second.kill()
        check_is_fine(server.data)

    def test_ends_go_on_while_it_is_full(self, disk, journal_server):
        server = journal_server("--journal-max=8GiB", data=disk / "data")
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 1_000_000)
            held = [shop.reserve({"tea": 1}) for _ in range(300)]
            request = shop.reserve_request({"tea": 1})
            fill_up(disk, "ballast")
            more = []

            def is_full():
                found, refusal = outcome(shop.reserve, {"tea": 1})
                if found:
                    more.append(found)
                return refusal and refusal.reason == FULL

            eventually(is_full, seconds=60, every=0)
            held += more
            new_is_refused(shop)
            refused(FULL, shop.call, shop.reservations.Reserve, request)
            ends_go_on(shop, held)
        server.kill()
        second = journal_server.again(server)
        with Shop(second.address, "brand") as shop:
            is_as_it_was(shop, held)
        second.kill()
        check_is_fine(server.data)

    def test_no_room_for_a_start(self, disk):
        fill_up(disk, "ballast", leave=3 << 20)
        ended = refused_start(disk / "data")
        assert ended.returncode == 78, ended
        assert "space" in ended.stderr and str(disk) in ended.stderr
        (disk / "ballast").unlink()
        with StockadeServer(data=disk / "data") as server:
            with Shop(server.address, "brand") as shop:
                shop.set_stock("tea", 1)

    def test_a_restart_on_a_full_disk(self, disk, journal_server):
        """What was acknowledged can be read and ended, though nothing new begins."""
        server = journal_server(data=disk / "data")
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 100)
            held = [shop.reserve({"tea": 1}) for _ in range(20)]
        server.kill()
        fill_up(disk, "ballast")
        second = journal_server.again(server)
        with Shop(second.address, "brand") as shop:
            ends_go_on(shop, held)
