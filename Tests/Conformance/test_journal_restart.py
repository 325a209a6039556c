# SPDX-License-Identifier: Apache-2.0
"""A restart on the same data: whatever was answered is there, however the server ended."""

import os
import re
import signal
import subprocess
import time

import pytest
import stockade_server
from refusals import refused
from shop import (
    APPLIED,
    CONFIRMED,
    EXPIRED,
    HELD,
    PARTIAL,
    RELEASED,
    STALE,
    Shop,
    eventually,
    line,
    new_id,
)
from stockade_server import refused_start

FORBIDDEN = 78
USAGE = 2


@pytest.fixture(params=["SIGTERM", "kill -9"])
def restarted(request, journal_server):
    """Ends a server in one of two ways and starts another on its data."""

    def restart(server, *flags):
        if request.param == "SIGTERM":
            server.stop()
        else:
            server.kill()
        return journal_server.again(server, *flags)

    return restart


def epoch_of(server):
    return int(re.search(r"epoch (\d+) begins", server.log()).group(1))


def same_but_deadline(before, after):
    """Whether two reservations agree field by field; a deadline may only have moved back."""
    assert after.deadline_ms >= before.deadline_ms
    moved = type(after)()
    moved.CopyFrom(after)
    moved.deadline_ms = before.deadline_ms
    assert moved == before


class TestWhatWasAnswered:
    def test_reservations_in_each_state(self, journal_server, restarted):
        first = journal_server()
        with Shop(first.address, "brand") as shop:
            shop.set_stock("tea", 100)
            shop.set_stock("coffee", 3)
            held = shop.reserve([("tea", 4), ("coffee", 2)], dealer="dealer-7", ttl_ms=600_000)
            partial = shop.reserve([("tea", 1), ("coffee", 9)], fill_mode=PARTIAL)
            confirmed = shop.reserve({"tea": 8})
            shop.confirm(confirmed.reservation_id)
            partly = shop.reserve({"tea": 6})
            shop.confirm(partly.reservation_id, lines=[line("", 2, "", 1)])
            released = shop.reserve({"tea": 16})
            shop.release(released.reservation_id)
            expired = shop.reserve({"tea": 32}, ttl_ms=1_000)
            eventually(lambda: shop.reservation(expired.reservation_id).state == EXPIRED)
            ids = [
                each.reservation_id
                for each in (held, partial, confirmed, partly, released, expired)
            ]
            before = [shop.reservation(each) for each in ids]
            assert [each.state for each in before] == [
                HELD, HELD, CONFIRMED, CONFIRMED, RELEASED, EXPIRED,
            ]
            stock = [shop.stock("tea"), shop.stock("coffee")]
        second = restarted(first)
        with Shop(second.address, "brand") as shop:
            for earlier, later in zip(before, [shop.reservation(each) for each in ids]):
                same_but_deadline(earlier, later)
            assert [shop.stock("tea"), shop.stock("coffee")] == stock

    def test_ids_and_contents(self, journal_server, restarted):
        first = journal_server()
        order_id = new_id()
        with Shop(first.address, "brand") as shop:
            shop.set_stock("tea", 100)
            request = shop.reserve_request({"tea": 4}, client_reference="PO-1")
            granted = shop.call(shop.reservations.Reserve, request).message.reservation
            other = shop.reserve({"tea": 1})
            confirm = shop.confirm(granted.reservation_id, order_id)
            unknown = new_id()
            refused("RESERVATION_NOT_FOUND", shop.release, unknown)
        second = restarted(first)
        with Shop(second.address, "brand") as shop:
            again = shop.call(shop.reservations.Reserve, request)
            assert again.is_replay
            assert again.message.reservation.lines == granted.lines
            assert again.message.reservation.created_ms == granted.created_ms
            confirmed_again = shop.confirm_answer(granted.reservation_id, order_id)
            assert confirmed_again.is_replay
            same_but_deadline(confirm, confirmed_again.message)
            request.client_reference = "PO-2"
            refused(
                "IDEMPOTENCY_KEY_REUSED", shop.call, shop.reservations.Reserve, request
            )
            refused("ALREADY_CONFIRMED", shop.confirm, granted.reservation_id, new_id())
            refused("IDEMPOTENCY_KEY_REUSED", shop.confirm, other.reservation_id, order_id)
            assert shop.figures("tea") == (100, 1, 4, 95)

    def test_stock_and_the_outcomes_of_request_ids(self, journal_server, restarted):
        first = journal_server()
        with Shop(first.address, "brand") as shop:
            put = shop.set_stock_request("tea", 50, source_version=7)
            assert shop.call(shop.inventory.SetStock, put).message.result == APPLIED
            add = shop.adjust_request("tea", 5)
            shop.call(shop.inventory.AdjustStock, add)
            before = shop.stock("tea")
            assert (before.version, before.source_version) == (2, 7)
        second = restarted(first)
        with Shop(second.address, "brand") as shop:
            assert shop.stock("tea") == before
            for stub, request in (
                (shop.inventory.SetStock, put),
                (shop.inventory.AdjustStock, add),
            ):
                answer = shop.call(stub, request)
                assert answer.is_replay
                assert answer.message.stock == before
            put.on_hand = 51
            refused("IDEMPOTENCY_KEY_REUSED", shop.call, shop.inventory.SetStock, put)
            add.delta = 6
            refused("IDEMPOTENCY_KEY_REUSED", shop.call, shop.inventory.AdjustStock, add)
            assert shop.set_stock("tea", 1, source_version=7).result == STALE
            assert shop.stock("tea") == before
            shop.adjust("tea", 1, expected_version=2)

    def test_codes(self, journal_server, restarted):
        """Many brands, SKUs, warehouses and dealers, of every length."""
        first = journal_server()
        skus = ["s", "S" * 64, "~!" + "x" * 40, *(f"sku-{at}" for at in range(40))]
        with Shop(first.address, "a brand") as shop, Shop(first.address, "b") as other:
            for at, sku in enumerate(skus):
                shop.set_stock(sku, at + 1, warehouse=f"hall-{at % 5}")
                other.set_stock(sku, 1_000 + at)
            held = shop.reserve([line("s", 1, "hall-0")], dealer="dealer/7")
        second = restarted(first)
        with Shop(second.address, "a brand") as shop, Shop(second.address, "b") as other:
            for at, sku in enumerate(skus):
                assert shop.stock(sku, f"hall-{at % 5}").on_hand == at + 1
                assert other.stock(sku).on_hand == 1_000 + at
            refused("SKU_NOT_FOUND", shop.stock, "unheard-of", "hall-0")
            assert shop.reservation(held.reservation_id).dealer == "dealer/7"
            refused("RESERVATION_NOT_FOUND", other.reservation, held.reservation_id)

    def test_over_several_restarts(self, journal_server, restarted):
        server = journal_server()
        ids = []
        for at in range(1, 5):
            with Shop(server.address, "brand") as shop:
                if at == 1:
                    shop.set_stock("tea", 100)
                ids.append(shop.reserve({"tea": at}).reservation_id)
                assert shop.stock("tea").held == sum(range(at + 1))
                assert shop.stock("tea").version == at + 1
                assert [shop.reservation(each).state for each in ids] == [HELD] * at
            server = restarted(server)
        with Shop(server.address, "brand") as shop:
            for each in ids:
                shop.release(each)
            assert shop.figures("tea") == (100, 0, 0, 100)

    def test_an_empty_journal(self, journal_server, restarted):
        second = restarted(journal_server())
        with Shop(second.address, "brand") as shop:
            assert shop.set_stock("tea", 1).stock.version == 1

    def test_each_start_is_an_epoch_of_its_own(self, journal_server, restarted):
        server = journal_server()
        for epoch in range(1, 4):
            assert epoch_of(server) == epoch
            server = restarted(server)


class TestTime:
    def test_a_deadline_goes_on_and_downtime_does_not_count(self, journal_server, restarted):
        first = journal_server()
        with Shop(first.address, "brand") as shop:
            shop.set_stock("tea", 10)
            held = shop.reserve({"tea": 1}, ttl_ms=4_000)
            other = shop.reserve({"tea": 2}, ttl_ms=60_000)
        ended = time.time()
        second = restarted(first)
        down = time.time() - ended
        with Shop(second.address, "brand") as shop:
            found = shop.reservation(held.reservation_id)
            assert found.state == HELD and found.created_ms == held.created_ms
            assert found.deadline_ms >= held.deadline_ms
            assert found.deadline_ms <= held.deadline_ms + down * 1000 + 2_500
            eventually(lambda: shop.reservation(held.reservation_id).state == EXPIRED)
            assert time.time() * 1000 >= held.deadline_ms - 50
            assert shop.figures("tea") == (10, 2, 0, 8)
        third = restarted(second)
        with Shop(third.address, "brand") as shop:
            assert shop.reservation(held.reservation_id).state == EXPIRED
            assert shop.reservation(other.reservation_id).state == HELD
            refused("RESERVATION_EXPIRED", shop.confirm, held.reservation_id)

    def test_what_outlived_its_retention_is_forgotten(self, journal_server, restarted):
        first = journal_server("--retention=1s")
        with Shop(first.address, "brand") as shop:
            shop.set_stock("tea", 10)
            living = shop.reserve({"tea": 1})
            request = shop.adjust_request("tea", 5)
            shop.call(shop.inventory.AdjustStock, request)
            eventually(
                lambda: not shop.call(shop.inventory.AdjustStock, request).is_replay, every=0.2
            )
            stock = shop.stock("tea")
        second = restarted(first)
        with Shop(second.address, "brand") as shop:
            assert shop.stock("tea") == stock
            assert shop.reservation(living.reservation_id).state == HELD


class TestBoundsSmallerThanTheJournal:
    @pytest.fixture
    def data(self, journal_server, tmp_path):
        server = journal_server("--retention=1h")
        with Shop(server.address, "brand") as shop:
            for at in range(40):
                shop.set_stock(f"sku-{at}", 10)
            for at in range(40):
                shop.reserve({f"sku-{at}": 1}, dealer=f"dealer-{at}")
        server.stop()
        return server

    @pytest.mark.parametrize(
        "flag", ["--accounts-max=20", "--codes-max=30", "--holds-max=20", "--ids-max=40"]
    )
    def test_names_the_flag_and_changes_nothing(self, data, flag, journal_server):
        ended = refused_start(data.data, flag)
        assert ended.returncode == FORBIDDEN, ended
        assert ended.stdout == ""
        assert flag.partition("=")[0] in ended.stderr
        assert re.search(r"at least \d+", ended.stderr), ended.stderr
        again = journal_server.again(data)
        with Shop(again.address, "brand") as shop:
            assert all(shop.stock(f"sku-{at}").held == 1 for at in range(40))


class TestTheDirectory:
    def test_a_second_server_on_the_same_data(self, journal_server):
        first = journal_server()
        with Shop(first.address, "brand") as shop:
            shop.set_stock("tea", 1)
            ended = refused_start(first.data)
            assert ended.returncode == FORBIDDEN, ended
            assert ended.stdout == ""
            assert str(first.data) in ended.stderr and "use" in ended.stderr
            assert shop.stock("tea").on_hand == 1, "the first one serves on"

    def test_no_data_directory_named(self, tmp_path):
        ended = stockade_server.run(
            "serve", "--mode=journal", "--listen=127.0.0.1:0", directory=tmp_path
        )
        assert ended.returncode in (FORBIDDEN, USAGE), ended
        assert ended.stdout == ""
        assert "--data" in ended.stderr
        assert list(tmp_path.iterdir()) == []

    def test_a_file_in_its_place(self, tmp_path):
        file = tmp_path / "data"
        file.write_text("not a directory")
        ended = refused_start(file)
        assert ended.returncode == FORBIDDEN, ended
        assert str(file) in ended.stderr
        assert file.read_text() == "not a directory"

    def test_a_parent_that_is_not_there(self, tmp_path):
        ended = refused_start(tmp_path / "no" / "such" / "place")
        assert ended.returncode == FORBIDDEN, ended
        assert "no/such/place" in ended.stderr

    def test_one_that_can_not_be_written(self, tmp_path):
        """root may write anywhere but on a file system that nobody may write."""
        data = tmp_path / "data"
        data.mkdir(mode=0o500)
        place = data
        if os.geteuid() == 0:
            place = "/proc/stockade-data"
        ended = refused_start(place)
        assert ended.returncode == FORBIDDEN, ended
        assert ended.stdout == ""
        assert str(place) in ended.stderr

    def test_a_relative_path(self, tmp_path, journal_server):
        first = journal_server(data="here", directory=tmp_path)
        with Shop(first.address, "brand") as shop:
            shop.set_stock("tea", 3)
        first.kill()
        assert (tmp_path / "here" / "journal").is_dir()
        second = journal_server.again(first)
        with Shop(second.address, "brand") as shop:
            assert shop.stock("tea").on_hand == 3

    def test_the_lock_goes_with_the_process(self, journal_server):
        """A lock file that is left lying doesn't stop a start."""
        first = journal_server()
        first.kill()
        assert (first.data / "lock").exists()
        journal_server.again(first)

    def test_other_peoples_files_are_left_alone(self, journal_server):
        first = journal_server()
        first.stop()
        for name in ("notes.txt", "journal/notes.txt", "journal/0000000000000000.seg.bak"):
            (first.data / name).write_text("mine")
        journal_server.again(first)
        for name in ("notes.txt", "journal/notes.txt", "journal/0000000000000000.seg.bak"):
            assert (first.data / name).read_text() == "mine"


def test_ready_comes_after_the_replay(journal_server):
    """Whoever saw the ready line may ask at once; a health check says SERVING then."""
    first = journal_server()
    with Shop(first.address, "brand") as shop:
        shop.set_stock("tea", 10_000)
        calls = [
            shop.reservations.Reserve.future(shop.reserve_request({"tea": 1}), timeout=20)
            for _ in range(2_000)
        ]
        for each in calls:
            each.result()
    first.kill()
    second = journal_server.again(first)
    replayed = re.search(r"replayed (\d+) records", second.log())
    assert replayed and int(replayed.group(1)) >= 2_001
    with Shop(second.address, "brand") as shop:
        assert shop.figures("tea") == (10_000, 2_000, 0, 8_000)


def test_a_signal_during_the_start(journal_server, tmp_path):
    """It ends or serves and drains; either way the data is whole."""
    server = journal_server()
    with Shop(server.address, "brand") as shop:
        shop.set_stock("tea", 1)
    server.stop()
    for _ in range(5):
        early = server.successor().begin()
        early.process.send_signal(signal.SIGTERM)
        try:
            early.process.wait(20)
        except subprocess.TimeoutExpired:
            early.kill()
            raise
        early.process.stdout.close()
    last = journal_server.again(server)
    with Shop(last.address, "brand") as shop:
        assert shop.stock("tea").on_hand == 1
