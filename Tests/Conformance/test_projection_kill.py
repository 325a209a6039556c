# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the server and of Postgres under load, again and again, in any order: in the end what
was acknowledged is in the tables, each once, and nothing else is."""

import os
import random
import time
import uuid
from collections import Counter

import pytest
from kill_ledger import Client
from postgres_cluster import QUICK_RECOVERY, PostgresCluster
from postgres_tables import OFF, Tables, count_said
from shop import CONFIRMED, HELD, RELEASED, Shop, eventually

# One seed decides what the clients do and when who dies; the rest is the machine's.
SEED = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(1 << 32)))

FLAGS = ("--journal-max=128MiB", "--accounts-max=10k", "--codes-max=20k", "--holds-max=200k",
         "--ids-max=1m", "--legs-max=1m")
STATES = {HELD: "HELD", CONFIRMED: "CONFIRMED", RELEASED: "RELEASED"}


@pytest.fixture(params=range(12))
def series(request, is_full):
    """Twelve series of 25 kills in the long run, one in the ordinary one."""
    if request.param and not is_full:
        pytest.skip("a further series of kills: --full")
    return request.param


class Killer:
    """Kills Postgres and starts it again while the clients go on, and at last the server."""

    def __init__(self, cluster, client, chance):
        self.cluster = cluster
        self.client = client
        self.chance = chance
        self.kills = Counter()

    def of(self, server, count):
        """What kills Postgres so often, and then the server."""

        def kill():
            for _ in range(count):
                self._kill_postgres()
                self._wait_for_answers(self.chance.randint(1, 200))
                self._begin_postgres()
                self._wait_for_answers(self.chance.randint(1, 400))
            server.kill()
            self.kills["server"] += 1

        return kill

    def _kill_postgres(self):
        # It may have found itself unable to start over a killed one's memory.
        if self.cluster.is_alive:
            self.cluster.kill()
            self.kills["postgres"] += 1

    def _begin_postgres(self):
        """Sometimes it is killed before it is up."""
        if self.chance.random() < 0.3:
            self.cluster.begin()
        else:
            self.mend()

    def mend(self):
        """Starts it, and again if what is left of the killed one is in the way."""

        def is_up():
            if not self.cluster.is_alive:
                self.cluster.begin()
            return self.cluster.is_ready

        eventually(is_up, seconds=60, every=0.05)

    def _wait_for_answers(self, more):
        """The sale goes on, whatever is dead."""
        wanted = self.client.totals[0] + more
        eventually(lambda: self.client.totals[0] >= wanted, seconds=60, every=0.002)


def test_under_load(journal_server, series):
    seed = SEED + series
    print(f"KILL_SEED={seed}")
    chance = random.Random(seed)
    client = Client(seed)
    with PostgresCluster(**QUICK_RECOVERY) as cluster:
        tables = Tables(cluster)
        killer = Killer(cluster, client, chance)
        server = journal_server(tables.flag, *FLAGS)
        client.stock_up(server.address)
        while killer.kills.total() < 25:
            client.run_until(
                server, chance.randint(20, 600), killer.of(server, chance.choice((0, 1, 2, 3, 4)))
            )
            assert count_said(server, OFF) == 0, server.log()
            server = journal_server.again(server)
            client.settle(server.address)
        killer.mend()
        client.audit(server.address)
        with Shop(server.address, client.brand) as shop:
            # Of an account that the books don't have.
            shop.set_stock("end", 1)
            tables.catch_up(shop, "end")
        server.stop()
        print(dict(killer.kills), *client.totals)
        assert killer.kills["server"] > 2 and killer.kills["postgres"] > 2
        counts = tables.are_right(server.data)
        print(counts)
        acknowledged_are_there(client, tables)


def acknowledged_are_there(client, tables):
    """What the clients were told, from their own books: each once, in the state that they know."""
    rows = Counter(
        (row["id"], row["state"], row["order_id"], int(row["granted"]), int(row["confirmed"]))
        for row in tables.rows(
            "SELECT reservation_id AS id, state, order_id, granted, coalesce(quantity, 0) "
            "AS confirmed FROM stockade.reservations "
            "JOIN stockade.reservation_lines USING (brand, reservation_id, granted_seq) "
            "LEFT JOIN stockade.order_lines USING (brand, order_id, line_number)"
        )
    )
    books = Counter(
        (
            str(uuid.UUID(bytes=hold.request.reservation_id)), STATES[hold.state],
            str(uuid.UUID(bytes=hold.order_id)) if hold.order_id else "", hold.granted,
            hold.confirmed,
        )
        for worker in client.workers for hold in worker.book.holds
    )
    assert books == rows
    orders = Counter(
        (row["id"], int(row["quantity"])) for row in tables.rows(
            "SELECT order_id AS id, quantity FROM stockade.orders "
            "JOIN stockade.order_lines USING (brand, order_id)")
    )
    assert orders == Counter(
        {(order_id, confirmed): 1 for _, _, order_id, _, confirmed in books if order_id}
    )
    refused = {
        str(uuid.UUID(bytes=request.reservation_id))
        for worker in client.workers for request in worker.book.refused
    }
    assert not refused & {row[0] for row in rows}


def test_killed_while_it_catches_up(journal_server, is_full):
    """A long journal and empty tables: the server dies in large batches."""
    print(f"KILL_SEED={SEED}")
    chance = random.Random(SEED)
    client = Client(SEED)
    with PostgresCluster(**QUICK_RECOVERY) as cluster:
        tables = Tables(cluster)
        server = journal_server(*FLAGS)
        client.stock_up(server.address)
        client.run_until(server, 20_000 if is_full else 4_000, server.kill)
        server = journal_server.again(server, tables.flag)
        for _ in range(20 if is_full else 4):
            time.sleep(chance.uniform(0, 0.3))
            server.kill()
            server = journal_server.again(server)
        client.settle(server.address)
        with Shop(server.address, client.brand) as shop:
            shop.set_stock("end", 1)
            tables.catch_up(shop, "end")
        server.stop()
        tables.are_right(server.data)
        acknowledged_are_there(client, tables)
