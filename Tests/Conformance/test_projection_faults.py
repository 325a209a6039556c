# SPDX-License-Identifier: Apache-2.0
"""Postgres behind, when Postgres is away, broken, somebody else's: the sale goes on, always.

What goes away comes back, and then nothing is missing and nothing is there twice; what doesn't go
on by itself says what to do.
"""

import contextlib
import hashlib
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
import stockade_server
from commit_cutter import CommitCutter
from journal_file import JournalFiles
from postgres_cluster import QUICK_RECOVERY, PostgresCluster, PostgresFailure, environment
from postgres_tables import (
    DAMAGED,
    FAILED,
    OFF,
    TRYING,
    UNAVAILABLE,
    USAGE,
    WRITING,
    Tables,
    count_said,
    read_dump,
    resync,
    said,
    sell,
    stock_up,
)
from refusals import outcome, taken_apart
from shop import Shop, eventually, new_id
from stockade.v1 import inventory_service_pb2 as inventory
from stockade_server import StockadeServer, refused_start

# Calls for movements that wait at most (MovementLimits.queueMax).
MOVEMENTS_WAIT = 64

SEED = int(os.environ.get("FAULT_SEED", random.SystemRandom().randrange(1 << 32)))


@pytest.fixture(scope="module")
def cluster_of_this_module():
    with PostgresCluster(**QUICK_RECOVERY) as cluster:
        yield cluster


@pytest.fixture
def breakable(cluster_of_this_module):
    """A Postgres that a test may stop, kill and freeze; it is mended afterwards."""
    yield cluster_of_this_module
    cluster_of_this_module.thaw()
    if not cluster_of_this_module.is_alive:
        cluster_of_this_module.start()


@pytest.fixture
def tables(postgres):
    return Tables(postgres)


@pytest.fixture
def breakable_tables(breakable):
    return Tables(breakable)


@pytest.fixture
def selling(journal_server):
    """Starts a server that writes those tables, sells a little, and gives both it and its shop."""
    with contextlib.ExitStack() as shops:

        def start(tables, *flags, caught_up=True):
            server = journal_server(tables.flag, *flags)
            shop = shops.enter_context(Shop(server.address, "acme"))
            stock_up(shop)
            sell(shop)
            if caught_up:
                tables.catch_up(shop)
            return server, shop

        yield start


def ends_well(server, shop, tables):
    """It catches up, and then all is there once."""
    sell(shop)
    tables.catch_up(shop)
    assert count_said(server, OFF) == 0, server.log()
    server.stop()
    tables.are_right(server.data)


def stays_off(server, shop, words):
    """It says so, once, with what to do, and the sale goes on."""
    reason = said(server, OFF).group(1)
    assert re.search(words, reason), reason
    sell(shop)
    time.sleep(0.5)
    assert count_said(server, OFF) == 1, server.log()
    assert server.is_alive
    return reason


class TestAway:
    def test_absent_at_the_start(self, breakable, breakable_tables, selling):
        breakable.stop()
        server, shop = selling(breakable_tables, caught_up=False)
        said(server, TRYING)
        sell(shop, 50)
        breakable.start()
        ends_well(server, shop, breakable_tables)

    def test_never_there(self, selling, breakable, breakable_tables):
        """The end waits for it, but not for long."""
        breakable.stop()
        server, shop = selling(breakable_tables, caught_up=False)
        said(server, TRYING)
        sell(shop)
        server.stop()
        breakable.start()
        again = StockadeServer(breakable_tables.flag, data=server.data)
        with again, Shop(again.address, "acme") as shop:
            breakable_tables.catch_up(shop)
        breakable_tables.are_right(server.data)

    @pytest.mark.parametrize("how", ["stop", "kill"])
    def test_gone_and_back(self, breakable, breakable_tables, selling, how):
        server, shop = selling(breakable_tables)
        for _ in range(2):
            getattr(breakable, how)()
            told = count_said(server, TRYING)
            sell(shop, 50)
            eventually(lambda: count_said(server, TRYING) > told)
            breakable.start()
            sell(shop)
            breakable_tables.catch_up(shop)
        ends_well(server, shop, breakable_tables)

    def test_killed_while_it_is_written_to(self, breakable, breakable_tables, selling):
        server, shop = selling(breakable_tables)
        for _ in range(4):
            sell(shop, 20)
            breakable.kill()
            sell(shop, 5)
            breakable.start()
        ends_well(server, shop, breakable_tables)

    def test_frozen(self, breakable, breakable_tables, selling, is_full):
        """Connections stay, and nothing answers."""
        server, shop = selling(breakable_tables)
        breakable.freeze()
        sell(shop, 50)
        if is_full:  # until it gives up what it waits for
            said(server, TRYING)
            sell(shop, 50)
        breakable.thaw()
        ends_well(server, shop, breakable_tables)

    def test_more_ask_for_movements_than_may_wait(self, breakable, breakable_tables, selling):
        """Those that wait are told after their time, those beyond at once, and the sale goes on."""
        server, shop = selling(breakable_tables)
        list_movements = shop.inventory.ListMovements
        request = inventory.ListMovementsRequest(key=shop.key("tea"))
        assert shop.call(list_movements, request).message.movements
        breakable.freeze()
        calls = [list_movements.future(request, timeout=60) for _ in range(MOVEMENTS_WAIT + 20)]
        refusals = Counter(taken_apart(call.exception()).reason for call in calls)
        sell(shop)
        breakable.thaw()
        assert set(refusals) == {"OVERLOADED", "POSTGRES_UNAVAILABLE"}, refusals
        assert refusals["OVERLOADED"] <= 20 and refusals.total() == len(calls), refusals
        eventually(lambda: outcome(shop.call, list_movements, request)[0])
        ends_well(server, shop, breakable_tables)

    def test_frozen_at_the_start(self, breakable, breakable_tables, selling):
        breakable.freeze()
        server, shop = selling(breakable_tables, caught_up=False)
        said(server, r"warning\b.*postgres: .*; the sale begins without it")
        sell(shop)
        breakable.thaw()
        ends_well(server, shop, breakable_tables)

    def test_frozen_at_the_end(self, breakable, breakable_tables, selling):
        """A server that is asked to end does, whatever Postgres does."""
        server, shop = selling(breakable_tables)
        breakable.freeze()
        sell(shop, 50)
        server.stop()
        breakable.thaw()
        again = StockadeServer(breakable_tables.flag, data=server.data)
        with again, Shop(again.address, "acme") as shop:
            breakable_tables.catch_up(shop)
        breakable_tables.are_right(server.data)

    def test_its_sessions_ended(self, tables, selling):
        server, shop = selling(tables)
        for _ in range(5):
            sell(shop, 20)
            tables.disconnect()
        ends_well(server, shop, tables)


class TestUnwilling:
    def test_read_only(self, tables, selling):
        server, shop = selling(tables)
        owner = tables.cluster
        owner.run(f"ALTER DATABASE {tables.database} SET default_transaction_read_only = on")
        tables.disconnect()
        sell(shop, 50)
        said(server, TRYING)
        mark = tables.mark
        eventually(lambda: count_said(server, "postgres:") >= 2)
        sell(shop)
        assert tables.mark == mark
        owner.run(f"ALTER DATABASE {tables.database} RESET default_transaction_read_only")
        ends_well(server, shop, tables)
        assert tables.value("SELECT count(*) FROM stockade.dead_letters") == "0"

    def test_disk_full(self, selling):
        with small_disk() as place, PostgresCluster(parent=place) as cluster:
            tables = Tables(cluster)
            server, shop = selling(tables)
            ballast = place / "ballast"
            fill(ballast)

            def is_noticed():
                sell(shop, 20)
                return count_said(server, TRYING)

            eventually(is_noticed, seconds=120)
            sell(shop, 50)
            ballast.unlink()
            # Without room for its own log it may have ended.
            with contextlib.suppress(subprocess.TimeoutExpired):
                cluster.process.wait(2)
            if not cluster.is_alive:
                cluster.start()
            ends_well(server, shop, tables)

    def test_wrong_password(self, postgres, selling):
        writer = f"writer_{uuid.uuid4().hex[:12]}"
        postgres.run(f"CREATE ROLE {writer} LOGIN CREATEROLE PASSWORD 'before'")
        tables = Tables(postgres, writer)
        tables.conninfo = postgres.conninfo(tables.database, writer, password="right")
        server, shop = selling(tables, caught_up=False)
        assert "password" in said(server, TRYING).group(1)
        sell(shop)
        postgres.run(f"ALTER ROLE {writer} PASSWORD 'right'")
        ends_well(server, shop, tables)

    @pytest.mark.parametrize(
        "away, back",
        [
            ("REVOKE INSERT ON stockade.orders FROM {writer}",
             "GRANT INSERT ON stockade.orders TO {writer}"),
            ("REVOKE ALL ON SCHEMA stockade FROM {writer}",
             "GRANT ALL ON SCHEMA stockade TO {writer}"),
            ("ALTER TABLE stockade.orders RENAME TO orders_away",
             "ALTER TABLE stockade.orders_away RENAME TO orders"),
        ],
        ids=["right to a table", "right to all", "table"],
    )
    def test_something_taken_away(self, postgres, selling, away, back):
        """It is no record's fault, so none is buried."""
        writer = f"writer_{uuid.uuid4().hex[:12]}"
        postgres.run(f"CREATE ROLE {writer} LOGIN CREATEROLE")
        tables = Tables(postgres, writer)
        server, shop = selling(tables)
        tables.run(away.format(writer=writer))
        sell(shop, 20)
        said(server, TRYING)
        sell(shop, 20)
        assert tables.value("SELECT count(*) FROM stockade.dead_letters") == "0"
        tables.run(back.format(writer=writer))
        ends_well(server, shop, tables)

    def test_a_lock_in_the_way(self, tables, selling, is_full):
        """Somebody's transaction that is left lying."""
        server, shop = selling(tables)
        for table in ("stock", "state", "reservations"):
            with session(tables, f"BEGIN; LOCK TABLE stockade.{table} IN ACCESS EXCLUSIVE MODE;"):
                sell(shop, 20)
                if is_full:
                    said(server, TRYING)
                sell(shop, 20)
            tables.catch_up(shop)
        ends_well(server, shop, tables)

    def test_a_reader_that_takes_long(self, tables, selling):
        """What an analyst sees stays as it is, and the writer doesn't wait for it."""
        server, shop = selling(tables)
        with session(tables, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM stockade.stock;"
                             "SELECT * FROM stockade.movements;"):
            sell(shop, 20)
            tables.catch_up(shop)
        ends_well(server, shop, tables)

    def test_a_long_time_between(self, tables, selling, is_full):
        """Its connection lies idle, and then there is something to write again."""
        server, shop = selling(tables)
        time.sleep(75 if is_full else 1)
        ends_well(server, shop, tables)


class TestDays:
    def test_a_day_that_was_taken_away(self, tables, selling):
        """Its rows go to a new one, and none to the dead letters."""
        server, shop = selling(tables)
        day = tables.value("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')")
        tables.run(
            f"ALTER TABLE stockade.movements DETACH PARTITION stockade.movements_{day}; "
            f"ALTER TABLE stockade.movements_{day} RENAME TO kept")
        sell(shop, 5)
        tables.catch_up(shop)
        assert tables.value("SELECT count(*) FROM stockade.dead_letters") == "0"
        assert count_said(server, OFF) == 0, server.log()
        tables.run("INSERT INTO stockade.movements SELECT * FROM stockade.kept")
        server.stop()
        tables.are_right(server.data)


class TestTheSchema:
    @pytest.mark.parametrize(
        "change, words",
        [
            ("INSERT INTO stockade.schema_version SELECT max(version) + 1, 'later', 'x', now() "
             "FROM stockade.schema_version", "later"),
            ("UPDATE stockade.schema_version SET checksum = 'x'", "another text"),
        ],
        ids=["newer", "altered"],
    )
    def test_not_ours(self, tables, selling, change, words):
        server, shop = selling(tables)
        server.stop()
        tables.run(change)
        before = tables.content()
        again = StockadeServer(tables.flag, data=server.data)
        with again, Shop(again.address, "acme") as shop:
            stays_off(again, shop, words)
        assert tables.content() == before

    def test_somebody_elses(self, tables, selling):
        tables.run("CREATE SCHEMA stockade; CREATE TABLE stockade.stock (mine int)")
        server, shop = selling(tables, caught_up=False)
        stays_off(server, shop, "didn't make")
        server.stop()
        assert tables.value("SELECT count(*) FROM stockade.stock") == "0"

    def test_made_by_hand_before(self, tables, selling):
        ended = stockade_server.run("migrate", "up", "--postgres", tables.conninfo)
        assert ended.returncode == 0, ended
        server, shop = selling(tables)
        ends_well(server, shop, tables)

    def test_two_that_start_at_once(self, postgres, tmp_path):
        """Each its own journal and database, and one cluster: the role is both's."""
        places = [Tables(postgres) for _ in range(3)]
        servers = [
            StockadeServer(each.flag, data=tmp_path / f"data-{at}")
            for at, each in enumerate(places)
        ]
        with contextlib.ExitStack() as running:
            for server in servers:
                running.enter_context(server)
            for server, place in zip(servers, places, strict=True):
                with Shop(server.address, "acme") as shop:
                    stock_up(shop)
                    sell(shop)
                    place.catch_up(shop)
        for server, place in zip(servers, places, strict=True):
            place.are_right(server.data)


class TestALostAnswer:
    def test_of_a_commit(self, postgres, selling, is_full):
        """It was committed, and the writer wasn't told: again and again."""
        print(f"FAULT_SEED={SEED}")
        writer = f"writer_{uuid.uuid4().hex[:12]}"
        postgres.run(f"CREATE ROLE {writer} LOGIN CREATEROLE PASSWORD 'secret'")
        tables = Tables(postgres, writer)
        with CommitCutter(postgres.port, SEED, cuts_max=200 if is_full else 15) as cutter:
            tables.conninfo = (f"host=127.0.0.1 port={cutter.port} dbname={tables.database} "
                               f"user={writer} password=secret")
            server, shop = selling(tables, caught_up=False)

            def are_cut():
                sell(shop, 1)
                return cutter.cuts == cutter.cuts_max

            eventually(are_cut, seconds=600, every=0.05)
            sell(shop)
            tables.catch_up(shop)
            assert count_said(server, OFF) == 0, server.log()
            server.stop()
        tables.conninfo = postgres.conninfo(tables.database, writer)
        tables.are_right(server.data)


class TestPoison:
    def bury(self, shop, number):
        """An order that the table won't take, between two that it will."""
        sell(shop, 1)
        held = shop.reserve({"tea": 1}, dealer="poison", ttl_ms=3_600_000)
        order = new_id()
        shop.confirm(held.reservation_id, order)
        sell(shop, number)

    @pytest.mark.parametrize("late", [False, True], ids=["small batches", "one large batch"])
    def test_one_record_each(self, breakable, breakable_tables, selling, late):
        """Exactly those that are refused are put aside, in order; their neighbours are there."""
        tables = breakable_tables
        server, shop = selling(tables)
        tables.run("ALTER TABLE stockade.orders ADD CONSTRAINT nobody CHECK (dealer <> 'poison')")
        if late:
            breakable.stop()
        for number in range(6):
            self.bury(shop, number)
        if late:
            breakable.start()
        sell(shop)
        tables.catch_up(shop, "mug")
        assert count_said(server, OFF) == 0
        server.stop()
        _, kinds = read_dump(server.data)
        refused = [each["sequence"] for each in kinds["order"] if each["dealer"] == "poison"]
        assert len(refused) == 6
        tables.compare(server.data, lacking=refused)

        letters = tables.objects("SELECT seq, epoch, sqlstate, message, body, at "
                                 "FROM stockade.dead_letters ORDER BY seq")
        journal = JournalFiles(server.data)
        written = b"".join(bytes(journal.bytes_of(each)) for each in range(journal.begun()))
        for letter in letters:
            assert letter["sqlstate"] == "23514" and "nobody" in letter["message"]
            assert letter["epoch"] == tables.epoch
            assert bytes.fromhex(letter["body"].removeprefix(r"\x")) in written
        ended = tables.check(server.data)
        assert ended.returncode == FAILED, "a dead letter is a difference"
        assert "violation postgres" in ended.stdout + ended.stderr

        # What was refused is found again in the journal.
        tables.run("ALTER TABLE stockade.orders DROP CONSTRAINT nobody")
        ended = resync(server.data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(server.data)

    def test_it_is_said(self, tables, selling):
        server, shop = selling(tables)
        tables.run("ALTER TABLE stockade.orders ADD CONSTRAINT nobody CHECK (dealer <> 'poison')")
        self.bury(shop, 1)
        said(server, r"(critical|error|warning)\b.*postgres: .*dead.letter")
        tables.catch_up(shop, "mug")

    def test_all_about_one_account(self, tables, selling):
        """Nothing about an account is taken: its reservation is there as little as its end."""
        server, shop = selling(tables)
        tables.run("ALTER TABLE stockade.movements ADD CONSTRAINT nothing CHECK (sku <> 'poison')")
        shop.set_stock("poison", 10)
        held = shop.reserve({"poison": 2, "tea": 1}, ttl_ms=3_600_000)
        sell(shop)
        shop.confirm(held.reservation_id)
        sell(shop)
        shop.adjust("poison", 1)
        tables.catch_up(shop)
        server.stop()
        letters = tables.objects("SELECT seq FROM stockade.dead_letters")
        assert len(letters) == 4
        assert tables.value("SELECT count(*) FROM stockade.stock WHERE sku = 'poison'") == "0"
        count = "SELECT count(*) FROM stockade.{} WHERE sku = 'poison'"
        for table in ("movements", "outcomes", "reservation_lines", "order_lines"):
            assert tables.value(count.format(table)) == "0", table
        # Two thirds of `sell` end in an order, and each of those is there.
        _, kinds = read_dump(server.data)
        assert int(tables.value("SELECT count(*) FROM stockade.orders")) == len(kinds["order"]) - 1


class TestWhoMayWrite:
    def files(self, data):
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((Path(data) / "journal").iterdir())
        }

    def copied(self, server, tmp_path):
        """The data of a server that has stopped, once more."""
        copy = tmp_path / "copy"
        shutil.copytree(server.data, copy)
        return copy

    def test_the_one_that_was_overtaken(self, tables, selling, tmp_path):
        """A restored copy is started while the first still runs."""
        server, shop = selling(tables)
        server.stop()
        copy = self.copied(server, tmp_path)
        first = StockadeServer(tables.flag, data=server.data)
        with first, Shop(first.address, "acme") as shop:
            eventually(lambda: re.search(WRITING, first.log()))
            # Nothing may come between: what the first one writes the copy doesn't have.
            second = StockadeServer(tables.flag, data=copy)
            with second, Shop(second.address, "acme") as other:
                sell(other, 5)
                tables.catch_up(other)
                epoch = tables.epoch
                held = shop.reserve({"tea": 1}, dealer="stale")
                shop.confirm(held.reservation_id)
                stays_off(first, shop, "another server took these tables over")
                sell(other, 5)
                tables.catch_up(other)
                assert tables.epoch == epoch
        for table in ("orders", "reservations"):
            count = tables.value(f"SELECT count(*) FROM stockade.{table} WHERE dealer = 'stale'")
            assert count == "0"
        tables.are_right(copy)

    def test_another_journals_tables(self, tables, selling, tmp_path):
        first, shop = selling(tables)
        first.stop()
        before = tables.content(), tables.mark, tables.epoch
        second = StockadeServer(tables.flag, data=tmp_path / "second")
        with second, Shop(second.address, "other") as shop:
            stock_up(shop)
            stays_off(second, shop, "stockade resync")
        assert (tables.content(), tables.mark, tables.epoch) == before
        tables.are_right(first.data)
        assert tables.check(second.data).returncode != 0

        ended = resync(second.data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(second.data)
        again = second.successor()
        with again, Shop(again.address, "other") as shop:
            ends_well(again, shop, tables)

    def test_a_journal_that_was_set_back(self, tables, selling, tmp_path):
        """An older copy of the disk: to go on would give numbers that are taken."""
        server, shop = selling(tables)
        server.stop()
        copy = self.copied(server, tmp_path)
        again = StockadeServer(tables.flag, data=server.data)
        with again, Shop(again.address, "acme") as shop:
            sell(shop)
            tables.catch_up(shop)
        before = tables.content(), tables.mark, tables.epoch
        files = self.files(copy)
        ended = refused_start(copy, tables.flag)
        assert ended.returncode == DAMAGED, ended
        assert ended.stdout == "", "it never said that it is ready"
        assert "stockade resync" in ended.stderr
        assert (tables.content(), tables.mark, tables.epoch) == before
        assert self.files(copy) == files, "a start that is refused writes nothing"

        # The one who gives the newer records up says so.
        ended = resync(copy, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(copy)

    def test_a_journal_that_was_set_back_and_nobody_could_tell(
        self, breakable, breakable_tables, selling, tmp_path
    ):
        """Postgres was away when the server started; later it is found out."""
        tables = breakable_tables
        server, shop = selling(tables)
        server.stop()
        copy = self.copied(server, tmp_path)
        again = StockadeServer(tables.flag, data=server.data)
        with again, Shop(again.address, "acme") as shop:
            sell(shop, 100)
            tables.catch_up(shop)
        before = tables.content()
        breakable.stop()
        late = StockadeServer(tables.flag, data=copy)
        with late, Shop(late.address, "acme") as shop:
            said(late, TRYING)
            breakable.start()
            stays_off(late, shop, "stockade resync")
        assert tables.content() == before

    def test_a_journal_that_was_set_back_and_has_grown_since(
        self, breakable, breakable_tables, selling, tmp_path
    ):
        """When Postgres comes back the journal is longer than the mark, and still another one."""
        tables = breakable_tables
        server, shop = selling(tables)
        server.stop()
        copy = self.copied(server, tmp_path)
        again = StockadeServer(tables.flag, data=server.data)
        with again, Shop(again.address, "acme") as shop:
            sell(shop, 5)
            tables.catch_up(shop)
        before, mark = tables.content(), int(tables.mark)
        breakable.stop()
        late = StockadeServer(tables.flag, data=copy)
        with late, Shop(late.address, "acme") as shop:
            said(late, TRYING)
            sell(shop, 50)
            breakable.start()
            stays_off(late, shop, "stockade resync")
        assert tables.content() == before
        _, kinds = read_dump(copy)
        assert max(each["last_sequence"] for each in kinds["account"]) > mark

    def test_an_epoch_above_which_there_is_none(self, tables, selling):
        """A number that somebody wrote there must not end the sale."""
        server, shop = selling(tables)
        server.stop()
        tables.run(f"UPDATE stockade.state SET epoch = {2**63 - 1}")
        again = server.successor(tables.flag)
        with again, Shop(again.address, "acme") as shop:
            stays_off(again, shop, "epoch")
        tables.run("UPDATE stockade.state SET epoch = 0")
        ended = resync(server.data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(server.data)

    @pytest.mark.parametrize("change", [-5, 1_000_000], ids=["back", "forward"])
    def test_a_mark_that_moved(self, tables, selling, change):
        """A backup of the database was played back, or somebody's hand was in it."""
        server, shop = selling(tables)
        sell(shop, 5)
        tables.catch_up(shop)
        tables.run(f"UPDATE stockade.state SET applied_seq = applied_seq + {change}")
        before = tables.content()
        sell(shop)
        stays_off(server, shop, "stockade resync")
        assert tables.content() == before
        server.stop()
        ended = resync(server.data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(server.data)


@pytest.fixture(scope="module")
def damaged(postgres, tmp_path_factory):
    """A stopped server's tables, and its data."""
    tables = Tables(postgres)
    data = tmp_path_factory.mktemp("resync") / "data"
    with StockadeServer(tables.flag, data=data) as server:
        with Shop(server.address, "acme") as shop:
            stock_up(shop)
            sell(shop, 10)
            tables.catch_up(shop)
    return tables, data


class TestResync:
    def test_only_when_asked_twice(self, tables, selling):
        server, shop = selling(tables)
        server.stop()
        before = tables.content(), tables.mark, tables.epoch
        ended = resync(server.data, tables.conninfo)
        assert ended.returncode == USAGE, ended
        assert "--yes" in ended.stderr
        assert (tables.content(), tables.mark, tables.epoch) == before

    def test_not_beside_a_server(self, tables, selling):
        server, shop = selling(tables)
        ended = resync(server.data, tables.conninfo, "--yes")
        assert ended.returncode == UNAVAILABLE, ended
        ends_well(server, shop, tables)

    def test_without_postgres(self, breakable, breakable_tables, selling):
        server, shop = selling(breakable_tables)
        server.stop()
        breakable.stop()
        ended = resync(server.data, breakable_tables.conninfo, "--yes")
        assert ended.returncode in (FAILED, UNAVAILABLE), ended
        assert breakable_tables.check(server.data).returncode == UNAVAILABLE

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE stockade.stock SET on_hand = on_hand + 1 WHERE sku = 'tea'",
            "DELETE FROM stockade.orders WHERE seq = (SELECT min(seq) FROM stockade.orders)",
            "UPDATE stockade.order_lines SET quantity = 7 WHERE sku = 'tea'",
            "DELETE FROM stockade.movements WHERE seq = (SELECT max(seq) FROM stockade.movements)",
            "UPDATE stockade.reservations SET state = 'HELD' WHERE state = 'RELEASED'",
            "DELETE FROM stockade.outcomes WHERE seq = (SELECT max(seq) FROM stockade.outcomes)",
            "DELETE FROM stockade.codes WHERE text = 'mug'",
            "INSERT INTO stockade.dead_letters VALUES (1, 1, '22000', 'x', '', now())",
        ],
        ids=["stock", "orders", "order_lines", "movements", "reservations", "outcomes", "codes",
             "dead_letters"],
    )
    def test_what_was_changed_by_hand(self, damaged, damage):
        """It is found, and written anew."""
        tables, data = damaged
        tables.run(damage)
        ended = tables.check(data)
        assert ended.returncode == FAILED, ended
        assert "violation postgres" in ended.stdout + ended.stderr
        ended = resync(data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(data)

    def test_killed_and_run_again(self, tables, selling, is_full):
        print(f"FAULT_SEED={SEED}")
        chance = random.Random(SEED)
        server, shop = selling(tables)
        sell(shop, 300)
        tables.catch_up(shop)
        server.stop()
        right = tables.content()
        for _ in range(40 if is_full else 6):
            running = begin_resync(server, tables)
            try:
                code = running.wait(chance.uniform(0.01, 0.25))
                assert code == 0
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
        ended = resync(server.data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(server.data)
        again = tables.content()
        for table in right:
            assert again[table] == right[table], table

    def test_killed_and_a_server_started(self, tables, selling):
        """What a resync that died has left, the server goes on from."""
        server, shop = selling(tables)
        sell(shop, 600)
        tables.catch_up(shop)
        server.stop()
        whole = int(tables.mark)
        with session(
            tables, "BEGIN; LOCK TABLE stockade.dead_letters IN SHARE MODE;"
        ):
            running = begin_resync(server, tables)
            eventually(lambda: tables.value(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())") != "0")
        # It has its lock now. It dies once the tables are empty, or a little later.
        eventually(lambda: int(tables.mark) < whole or running.poll() is not None)
        running.kill()
        running.wait()
        again = server.successor(tables.flag)
        with again, Shop(again.address, "acme") as shop:
            ends_well(again, shop, tables)

    def test_killed_in_the_middle(self, tables, selling):
        """Something is in its way when it dies; a server that starts then leaves no gap."""
        server, shop = selling(tables)
        sell(shop, 50)
        server.stop()
        with session(tables, "BEGIN; LOCK TABLE stockade.orders IN SHARE MODE;"):
            running = begin_resync(server, tables)
            try:
                eventually(lambda: tables.value(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())") != "0")
            finally:
                running.kill()
                running.wait()
        ended = resync(server.data, tables.conninfo, "--yes")
        assert ended.returncode == 0, ended
        tables.are_right(server.data)


def begin_resync(server, tables):
    """The command, under way."""
    return subprocess.Popen(
        stockade_server.command("resync", f"--data={server.data}", tables.flag, "--yes"),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment(),
    )


@contextlib.contextmanager
def session(tables, sql):
    """Somebody's psql that has said this and stays."""
    with subprocess.Popen(
        ["psql", "-X", "-q", "-t", "-A", tables.cluster.conninfo(tables.database)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(), bufsize=1,
    ) as psql:
        try:
            psql.stdin.write(sql + "\n\\echo said\n")
            for said_back in psql.stdout:
                if said_back == "said\n":
                    break
            else:
                raise PostgresFailure("psql ended")
            yield psql
        finally:
            psql.kill()


@contextlib.contextmanager
def small_disk(mib=112):
    """A file system that is soon full, where this user may make one."""
    place = Path(tempfile.mkdtemp(prefix="stockade-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0755", "tmpfs", place],
        capture_output=True, text=True, check=False,
    )
    try:
        if mounted.returncode != 0:
            pytest.skip(f"may not mount a small disk: {mounted.stderr.strip()}")
        yield place
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", place], check=False)
        place.rmdir()


def fill(file):
    """Writes until there is no room."""
    with file.open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(1 << 16))
