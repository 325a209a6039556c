# SPDX-License-Identifier: Apache-2.0
"""Postgres behind: what was sold is in the tables, once, and nothing else is."""

import re
import uuid

import pytest
import stockade_server
from postgres_cluster import PostgresFailure
from postgres_tables import (
    FORBIDDEN,
    OFF,
    TRYING,
    USAGE,
    WRITING,
    Tables,
    count_said,
    said,
    sell,
    stock_up,
)
from refusals import refused
from shop import CONFIRMED, EXPIRED, PARTIAL, STALE, Shop, eventually, line, new_id
from test_postgres_schema import QUERIES


@pytest.fixture
def tables(postgres):
    return Tables(postgres)


def everything(shop):
    """Each call in each way that it can end."""
    shop.set_stock("tea", 100)
    shop.set_stock("mug", 3, source_version=(1 << 64) - 2)
    assert shop.set_stock("mug", 9, source_version=7).result == STALE
    shop.set_stock("mug", 4, source_version=(1 << 64) - 1)
    shop.set_stock("tea", 50, "south")
    shop.set_stock("nothing", 0)
    shop.adjust("tea", 10)
    shop.adjust("tea", -1, "south")

    adjusting = shop.adjust_request("tea", 5)
    assert not shop.call(shop.inventory.AdjustStock, adjusting).is_replay
    assert shop.call(shop.inventory.AdjustStock, adjusting).is_replay

    whole = shop.reserve([("tea", 4), ("mug", 1), line("tea", 2, "south")], ttl_ms=3_600_000)
    shop.confirm(whole.reservation_id, new_id())
    partly = shop.reserve([("tea", 6), ("mug", 1)])
    confirmed = shop.confirm(partly.reservation_id, lines=[line("", 2, "", 1)])
    assert confirmed.state == CONFIRMED
    short = shop.reserve([("tea", 3), ("mug", 50), ("nothing", 1)], fill_mode=PARTIAL)
    assert [each.granted for each in short.lines] == [3, 3, 0]
    short_and_bought = shop.reserve([("tea", 1_000)], fill_mode=PARTIAL, dealer="dealer-2")
    shop.confirm(short_and_bought.reservation_id)
    shop.adjust("tea", 20)
    released = shop.reserve({"tea": 7})
    shop.release(released.reservation_id)
    assert shop.release_answer(released.reservation_id).is_replay
    shop.reserve({"tea": 1}, dealer="dealer-3", ttl_ms=3_600_000)

    asked = shop.reserve_request({"tea": 1})
    assert not shop.call(shop.reservations.Reserve, asked).is_replay
    assert shop.call(shop.reservations.Reserve, asked).is_replay
    order = new_id()
    assert not shop.confirm_answer(asked.reservation_id, order).is_replay
    assert shop.confirm_answer(asked.reservation_id, order).is_replay

    refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1_000})
    refused("INSUFFICIENT_STOCK", shop.reserve, [("tea", 1), ("nothing", 1)])
    refused("ALREADY_CONFIRMED", shop.release, asked.reservation_id)
    refused("SKU_NOT_FOUND", shop.reserve, {"never": 1})
    # Counted anew: less is there than was promised.
    shop.set_stock("tea", 1)
    assert shop.stock("tea").deficit > 0

    # Of the same account twice, and gone before anybody asks for it.
    ending = shop.reserve([line("tea", 1, "south"), line("tea", 2, "south")], ttl_ms=1_000)
    eventually(lambda: shop.reservation(ending.reservation_id).state == EXPIRED)
    return {"short": short, "order": order, "released": released, "ending": ending}


class TestASale:
    def test_all_of_it(self, journal_server, tables):
        server = journal_server(tables.flag)
        with Shop(server.address, "acme") as shop:
            made = everything(shop)
            with Shop(server.address, "other") as other:
                stock_up(other)
                sell(other)
            tables.catch_up(shop)
        assert int(said(server, WRITING).group(1)) == 1
        server.stop()
        counts = tables.are_right(server.data)
        assert counts["account"] == 6 and counts["order"] == 7

        state = {row["id"]: row["state"] for row in tables.rows(
            "SELECT replace(reservation_id::text, '-', '') AS id, state FROM stockade.reservations"
        )}
        assert state[made["released"].reservation_id.hex()] == "RELEASED"
        assert state[made["ending"].reservation_id.hex()] == "EXPIRED"
        assert state[made["short"].reservation_id.hex()] == "HELD"
        order = uuid.UUID(bytes=made["order"])
        assert tables.value(f"SELECT dealer FROM stockade.orders WHERE order_id = '{order}'") \
            == "dealer-1"

    def test_what_analysts_ask(self, journal_server, tables):
        server = journal_server(tables.flag)
        with Shop(server.address, "acme") as shop:
            everything(shop)
            tables.catch_up(shop, "mug")
        # Beside the writer, which still runs.
        tables.run(f"CREATE ROLE anna_{tables.database} LOGIN;"
                   f"GRANT stockade_reader TO anna_{tables.database}")
        answers = {
            about: tables.cluster.rows(
                query, database=tables.database, user=f"anna_{tables.database}")
            for about, query in QUERIES
        }
        for about, rows in answers.items():
            assert bool(rows) != ("no rows" in about.lower()), (about, rows)
        assert sum("no rows" in about.lower() for about in answers) == 2
        with pytest.raises(PostgresFailure, match="42501"):
            tables.cluster.run("DELETE FROM stockade.orders", database=tables.database,
                               user=f"anna_{tables.database}")

        for row in tables.rows("SELECT tableoid::regclass AS part, "
                               "to_char(at AT TIME ZONE 'UTC', 'YYYYMMDD') AS day "
                               "FROM stockade.movements"):
            assert row["part"] == f"stockade.movements_{row['day']}"

    def test_what_is_idle_is_at_the_end(self, journal_server, tables):
        """Without a sale nothing is late."""
        server = journal_server(tables.flag)
        with Shop(server.address, "acme") as shop:
            stock_up(shop)
            sell(shop)
            tables.catch_up(shop)
        marks = tables.mark, tables.epoch
        server.kill()
        tables.are_right(server.data)
        assert (tables.mark, tables.epoch) == marks


class TestGoingOn:
    def test_restarts(self, journal_server, tables):
        server = journal_server(tables.flag)
        marks, epochs = [], []
        for end in ("stop", "kill", "stop"):
            with Shop(server.address, "acme") as shop:
                stock_up(shop)
                sell(shop)
                tables.catch_up(shop)
            marks.append(tables.mark)
            epochs.append(tables.epoch)
            getattr(server, end)()
            server = journal_server.again(server)
            assert int(said(server, WRITING).group(1)) == marks[-1] + 1
        server.stop()
        assert marks == sorted(set(marks)) and epochs == sorted(set(epochs))
        tables.are_right(server.data)

    def test_from_the_beginning(self, journal_server, tables):
        """A journal that was there before the tables."""
        server = journal_server()
        with Shop(server.address, "acme") as shop:
            everything(shop)
            stock_up(shop)
            sell(shop, 300)
        server.stop()
        server = journal_server.again(server, tables.flag)
        with Shop(server.address, "acme") as shop:
            tables.catch_up(shop)
        server.stop()
        tables.are_right(server.data)

    def test_with_and_without(self, journal_server, tables):
        server = journal_server(tables.flag)
        with Shop(server.address, "acme") as shop:
            stock_up(shop)
            sell(shop)
            tables.catch_up(shop)
        server.stop()
        without = stockade_server.StockadeServer(data=server.data)
        with without, Shop(without.address, "acme") as shop:
            sell(shop)
        ended = tables.check(server.data)
        assert ended.returncode == 0, "to be behind is no fault"
        behind = re.search(r"postgres: up to record (\d+) of (\d+)\b.* (\d+) behind", ended.stdout)
        applied, last, count = map(int, behind.groups())
        assert count == last - applied > 0 and applied == tables.mark
        server = journal_server.again(server)
        with Shop(server.address, "acme") as shop:
            sell(shop)
            tables.catch_up(shop)
        server.stop()
        tables.are_right(server.data)

    def test_the_end_waits_for_the_tables(self, journal_server, tables):
        """SIGTERM right after the last answer."""
        server = journal_server(tables.flag)
        with Shop(server.address, "acme") as shop:
            stock_up(shop)
            sell(shop, 100)
        server.stop()
        tables.are_right(server.data)


class TestTheCommandLine:
    def test_memory_mode(self, tables):
        ended = stockade_server.run(
            "serve", "--mode=memory", "--listen=127.0.0.1:0", tables.flag)
        assert ended.returncode in (USAGE, FORBIDDEN), ended
        assert "postgres" in ended.stderr and "memory" in ended.stderr, ended.stderr
        assert ended.stdout == ""

    @pytest.mark.parametrize("words", ["password=hunter2 x", "nonsense=hunter2"])
    def test_a_string_that_is_none(self, tmp_path, words):
        ended = stockade_server.refused_start(tmp_path / "data", f"--postgres={words}")
        assert ended.returncode in (USAGE, FORBIDDEN), ended
        assert "hunter2" not in ended.stderr + ended.stdout

    def test_the_password_is_not_said(self, journal_server, postgres):
        place = postgres.conninfo("none", "nobody", password="hunter2")
        server = journal_server(f"--postgres={place}")
        said(server, TRYING)
        with Shop(server.address, "acme") as shop:
            stock_up(shop)
            sell(shop)
        assert "hunter2" not in server.log()
        assert count_said(server, OFF) == 0
