# SPDX-License-Identifier: Apache-2.0
"""The tables of one database, and a comparison of them with the journal that they are the image of.

The comparison reads what `stockade check --dump --all` writes, and shares nothing with the server
or with `stockade check --postgres`: a second opinion.
"""

import json
import re
import subprocess
import uuid
from collections import Counter

import stockade_server
from journal_check import check
from postgres_cluster import PostgresFailure
from shop import eventually

# A writer that was left alone for long tries again seldom.
CATCH_UP_SECONDS = 120

FAILED, USAGE, DAMAGED, UNAVAILABLE, FORBIDDEN = 1, 2, 3, 69, 78

STOCK = """
SELECT brand, sku, warehouse, account, on_hand, held, allocated, safety, version,
    coalesce(source_version, 0) AS source_version, seq AS last_sequence,
    floor(extract(epoch FROM changed_at) * 1000)::bigint AS last_change_ms
FROM stockade.stock
"""

HOLDS = """
SELECT replace(r.reservation_id::text, '-', '') AS reservation_id, r.brand, r.dealer, r.state,
    r.fill_mode, floor(extract(epoch FROM r.created_at) * 1000)::bigint AS created_ms,
    granted_seq AS created_sequence, deadline_tick, ended_tick,
    floor(extract(epoch FROM coalesce(r.ended_at, r.created_at)) * 1000)::bigint AS last_change_ms,
    coalesce(ended_seq, granted_seq) AS last_sequence,
    replace(r.order_id::text, '-', '') AS order_id,
    (SELECT json_agg(json_build_object(
        'line_number', l.line_number, 'sku', l.sku, 'warehouse', l.warehouse,
        'granted', l.granted, 'short', l.is_short, 'confirmed',
        -- Of an order of several reservations, whose lines have other numbers: all of it.
        CASE WHEN r.order_id IS NOT NULL AND m.reservation_id IS NULL THEN l.granted
            ELSE coalesce(o.quantity, 0) END
    )) FROM stockade.reservation_lines l LEFT JOIN stockade.order_lines o
        ON (o.brand, o.order_id, o.seq, o.line_number, o.warehouse)
        = (l.brand, r.order_id, r.ended_seq, l.line_number, l.warehouse)
    WHERE (l.brand, l.reservation_id, l.granted_seq)
        = (r.brand, r.reservation_id, r.granted_seq)) AS lines
FROM stockade.reservations r LEFT JOIN stockade.orders m
    ON (m.brand, m.order_id, m.seq) = (r.brand, r.order_id, r.ended_seq)
"""

ORDERS = """
SELECT replace(order_id::text, '-', '') AS order_id,
    replace(reservation_id::text, '-', '') AS reservation_id, brand, dealer, seq AS sequence,
    floor(extract(epoch FROM created_at) * 1000)::bigint AS created_ms,
    (SELECT json_agg(json_build_object(
        'line_number', l.line_number, 'sku', l.sku, 'warehouse', l.warehouse,
        'quantity', l.quantity, 'cancelled', l.cancelled
    )) FROM stockade.order_lines l
    WHERE (l.brand, l.order_id, l.seq) = (o.brand, o.order_id, o.seq)) AS lines
FROM stockade.orders o
"""

OUTCOMES = """
SELECT replace(request_id::text, '-', '') AS request_id, brand, call, sku, warehouse,
    seq AS sequence
FROM stockade.outcomes
"""

# Each change of an account makes its version one higher, and is a movement.
MOVEMENTS = """
SELECT brand, sku, warehouse, count(*) AS version, sum(on_hand_change) AS on_hand,
    sum(held_change) AS held, sum(allocated_change) AS allocated
FROM stockade.movements GROUP BY brand, sku, warehouse
"""

ROWS_OF_NOTHING = """
SELECT (SELECT count(*) FROM stockade.reservation_lines WHERE (brand, reservation_id, granted_seq)
    NOT IN (SELECT brand, reservation_id, granted_seq FROM stockade.reservations))
    + (SELECT count(*) FROM stockade.order_lines WHERE (brand, order_id)
    NOT IN (SELECT brand, order_id FROM stockade.orders))
"""

CONTENT = ("codes", "dead_letters", "movements", "order_events", "order_lines", "orders",
           "outcomes", "reservation_lines", "reservations", "stock")


def read_dump(data):
    """The journal's state: its first line, and the other lines by kind."""
    ended = check(data, "--dump=-", "--all")
    assert ended.returncode == 0, ended.stderr
    journal, *rest = map(json.loads, ended.stdout.splitlines())
    kinds = {"account": [], "hold": [], "order": [], "outcome": []}
    for each in rest:
        kinds[each["kind"]].append(each)
    return journal, kinds


def keyed(rows, *names):
    """Rows by those fields, each once; lines in the order of their numbers."""
    found = {}
    for row in rows:
        if row.get("lines"):
            row["lines"].sort(key=lambda line: line["line_number"])
        key = tuple(row[name] for name in names)
        assert key not in found, f"twice: {row}"
        found[key] = row
    return found


def compare(what, expected, rows, *names):
    """The rows are the expected ones, in each field that both have a word for."""
    expected, rows = keyed(expected, *names), keyed(rows, *names)
    missing, besides = expected.keys() - rows.keys(), rows.keys() - expected.keys()
    assert not missing, f"{what}: {len(missing)} missing, such as {min(missing)}"
    assert not besides, f"{what}: {len(besides)} too many, such as {min(besides)}"
    for key, row in rows.items():
        for name, value in row.items():
            assert value == expected[key][name], f"{what} {key}: {name} is {value}, not as in " \
                f"the journal: {expected[key]}"


class Tables:
    """A database of its own in a cluster. `owner` is who the writer comes as."""

    def __init__(self, cluster, owner="postgres"):
        self.cluster = cluster
        self.database = f"db_{uuid.uuid4().hex[:12]}"
        cluster.create_database(self.database)
        if owner != "postgres":
            cluster.run(f"ALTER DATABASE {self.database} OWNER TO {owner}")
        self.conninfo = cluster.conninfo(self.database, owner)

    @property
    def flag(self):
        return f"--postgres={self.conninfo}"

    def run(self, sql):
        return self.cluster.run(sql, database=self.database)

    def rows(self, sql):
        return self.cluster.rows(sql, database=self.database)

    def value(self, sql):
        return self.cluster.value(sql, database=self.database)

    def objects(self, sql):
        """A query's rows with the types of JSON, which has all of our numbers exactly."""
        return [json.loads(row["j"]) for row in self.rows(f"SELECT to_json(q) AS j FROM ({sql}) q")]

    @property
    def mark(self):
        return int(self.value("SELECT applied_seq FROM stockade.state"))

    @property
    def epoch(self):
        return int(self.value("SELECT epoch FROM stockade.state"))

    def disconnect(self):
        """Ends whatever is connected to the database."""
        self.cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         f"WHERE datname = '{self.database}'")

    def content(self):
        """Every row of every table but `state`, to see that nothing was changed."""
        return {
            table: sorted(map(json.dumps, self.objects(f"SELECT * FROM stockade.{table}")))
            for table in CONTENT
        }

    # While a server runs

    def version(self, brand, sku):
        """The account's version here; 0 while it, the tables or Postgres aren't there."""
        try:
            found = self.rows(
                f"SELECT version FROM stockade.stock WHERE brand = '{brand}' AND sku = '{sku}'"
            )
        except (PostgresFailure, subprocess.TimeoutExpired):
            return 0
        return int(found[0]["version"]) if found else 0

    def catch_up(self, shop, sku="tea", seconds=CATCH_UP_SECONDS):
        """Until what was answered so far is here: a change that is made now is, and all of a
        journal up to a record is here or nothing of it."""
        version = shop.adjust(sku, 1).version
        eventually(lambda: self.version(shop.brand, sku) >= version, seconds, every=0.05)

    # Once it has stopped

    def compare(self, data, lacking=()):
        """The tables are the journal's image up to its end, but for the records `lacking`, which
        are in dead_letters."""
        journal, kinds = read_dump(data)
        state = self.objects("SELECT * FROM stockade.state")[0]
        assert state["applied_seq"] == journal["last_sequence"]
        assert state["journal"].replace("-", "") == journal["uuid"].replace("-", "")
        letters = self.objects("SELECT seq FROM stockade.dead_letters ORDER BY seq")
        assert [letter["seq"] for letter in letters] == sorted(lacking)

        rows = {"stock": self.objects(STOCK), "movements": self.objects(MOVEMENTS)}
        accounts = kinds["account"]
        if lacking:
            touched = {
                (row["brand"], row["sku"], row["warehouse"])
                for row in accounts if row["last_sequence"] in lacking
            }
            for name in rows:
                rows[name] = [row for row in rows[name] if account_key(row) not in touched]
            accounts = [row for row in accounts if account_key(row) not in touched]
        compare("stock", accounts, rows["stock"], "brand", "sku", "warehouse")
        if not lacking:
            compare("movements", accounts, rows["movements"], "brand", "sku", "warehouse")
        compare("reservations", (as_it_was(hold, lacking) for hold in kinds["hold"]
                if hold["created_sequence"] not in lacking), self.objects(HOLDS),
                "brand", "reservation_id", "created_sequence")
        compare("orders", (order for order in kinds["order"] if order["sequence"] not in lacking),
                self.objects(ORDERS), "brand", "order_id")
        compare("outcomes", (each for each in kinds["outcome"] if each["sequence"] not in lacking),
                self.objects(OUTCOMES), "brand", "request_id", "sequence")
        assert self.value(ROWS_OF_NOTHING) == "0"
        return {name: len(rows) for name, rows in kinds.items()}

    def check(self, data, *flags):
        """`stockade check --postgres`."""
        return check(data, self.flag, *flags)

    def are_right(self, data):
        """Both opinions: nothing is missing, nothing is there twice, and it is all here."""
        counts = self.compare(data)
        ended = self.check(data)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert re.search(r"postgres: up to record (\d+) of \1\b", ended.stdout), ended.stdout
        return counts


def account_key(row):
    return row["brand"], row["sku"], row["warehouse"]


def as_it_was(hold, lacking):
    """The hold without an end that is lacking."""
    if hold["last_sequence"] not in lacking:
        return hold
    lines = [{**line, "confirmed": 0} for line in hold["lines"]]
    return {
        **hold, "state": "HELD", "ended_tick": None, "order_id": None, "lines": lines,
        "last_sequence": hold["created_sequence"], "last_change_ms": hold["created_ms"],
    }


def resync(data, conninfo, *flags, seconds=120):
    return stockade_server.run(
        "resync", f"--data={data}", f"--postgres={conninfo}", *flags, seconds=seconds
    )


def said(server, pattern, seconds=CATCH_UP_SECONDS):
    """Waits until the server's log has it."""
    return eventually(lambda: re.search(pattern, server.log()), seconds)


def count_said(server, pattern):
    return Counter(re.findall(pattern, server.log())).total()


OFF = r"critical\b.*postgres: off: (.*); the sale goes on"
TRYING = r"warning\b.*postgres: (.*); trying again"
WRITING = r"info\b.*postgres: writing behind from record (\d+)"


def sell(shop, orders=3):
    """Orders and what else there is in a sale; every call is answered."""
    for _ in range(orders):
        held = shop.reserve({"tea": 2, "mug": 1})
        shop.confirm(held.reservation_id)
        shop.release(shop.reserve({"tea": 1}).reservation_id)
        shop.adjust("mug", 1)


def stock_up(shop):
    for sku in ("tea", "mug"):
        shop.set_stock(sku, 100_000)
