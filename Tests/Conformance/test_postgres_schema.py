# SPDX-License-Identifier: Apache-2.0
"""The tables that the sale is read from: made, verified, taken away, commented, readable."""

import hashlib
import re
import subprocess
import sys
import uuid

import pytest
import stockade_server
from postgres_cluster import PostgresFailure, environment
from stockade_server import ROOT

FAILED, USAGE, FORBIDDEN = 1, 2, 78

README = ROOT / "Protocols/postgres/README.md"
QUERIES = re.findall(r"^([^\n]+)\n\n```sql\n(.*?)```$", README.read_text(), re.M | re.S)

TABLES = {
    "codes", "dead_letters", "movements", "order_events", "order_lines", "orders", "outcomes",
    "reservation_lines", "reservations", "schema_version", "state", "stock",
}
VIEWS = {"order_timeline"}
MIGRATIONS = [
    file.read_text() for file in sorted((ROOT / "Protocols/postgres").glob("*.up.sql"))
]

# Two accounts, a reservation that became an order, one that is held, one that ended. As the first
# migration has the tables; `LATER_ROWS` has what came with later ones.
A, B, C, ORDER = (str(uuid.UUID(int=number)) for number in (1, 2, 3, 9))
ROWS = f"""
INSERT INTO stockade.state VALUES (0, '{uuid.UUID(int=7)}', 1, 6, 5000, now(), now());
INSERT INTO stockade.codes VALUES (0, 1, 0, 'acme', 1);
INSERT INTO stockade.stock VALUES
    ('acme', 'tea', 'north', 0, 10, 2, 3, 0, 4, 0, 6, now()),
    ('acme', 'mug', 'north', 1, 1, 0, 2, 0, 2, 18446744073709551615, 5, now());
DO $$
DECLARE day timestamptz := date_trunc('day', now(), 'UTC');
BEGIN
    EXECUTE format(
        'CREATE TABLE stockade.movements_%s PARTITION OF stockade.movements '
        'FOR VALUES FROM (%L) TO (%L)',
        to_char(day AT TIME ZONE 'UTC', 'YYYYMMDD'), day, day + interval '1 day');
END $$;
INSERT INTO stockade.movements VALUES
    (2, 0, now(), 'SET', 'acme', 'tea', 'north', 10, 0, 0, '{A}'),
    (3, 0, now(), 'RESERVE', 'acme', 'tea', 'north', 0, 5, 0, '{A}'),
    (4, 0, now(), 'CONFIRM', 'acme', 'tea', 'north', 0, -3, 3, '{A}'),
    (5, 0, now(), 'SET', 'acme', 'mug', 'north', 1, 0, 2, '{B}');
INSERT INTO stockade.outcomes VALUES ('acme', '{A}', 'SetStock', 'tea', 'north', 2, now());
INSERT INTO stockade.reservations VALUES
    ('acme', '{A}', 3, 'd1', 'PARTIAL', 'CONFIRMED', now(), 60000, 61000, 4, now(), 2000,
     '{ORDER}'),
    ('acme', '{B}', 5, 'd1', 'ALL_OR_NOTHING', 'HELD', now(), 60000, 62000, NULL, NULL, NULL, NULL),
    ('acme', '{C}', 6, 'd2', 'ALL_OR_NOTHING', 'EXPIRED', now(), 1000, 3000, 7, now(), 3000, NULL);
INSERT INTO stockade.reservation_lines VALUES
    ('acme', '{A}', 3, 1, 'tea', 'north', 5, true),
    ('acme', '{B}', 5, 1, 'tea', 'north', 2, false);
INSERT INTO stockade.orders VALUES
    ('acme', '{ORDER}', 'd1', '{A}', 'ACCEPTED', 'ALLOCATED', 'UNPAID', now(), 4);
INSERT INTO stockade.order_lines VALUES ('acme', '{ORDER}', 1, 'tea', 'north', 3);
"""

# An order made at once, of a line that was split, of which one unit was cancelled.
AT_ONCE = str(uuid.UUID(int=10))
LATER_ROWS = f"""
INSERT INTO stockade.stock VALUES
    ('acme', 'tea', 'south', 2, 9, 0, 4, 1, 3, NULL, 8, now(), 5, 2, 4, 60000);
INSERT INTO stockade.movements VALUES
    (6, 0, now(), 'SET', 'acme', 'tea', 'south', 9, 0, 0, '{A}', 2, 0),
    (7, 0, now(), 'POLICY', 'acme', 'tea', 'south', 0, 0, 0, '{A}', 2, 1),
    (8, 0, now(), 'ORDER', 'acme', 'tea', 'south', 0, 0, 5, '{AT_ONCE}', 2, 0),
    (9, 0, now(), 'CANCEL', 'acme', 'tea', 'south', 0, 0, -1, '{AT_ONCE}', 2, 0);
INSERT INTO stockade.orders VALUES
    ('acme', '{AT_ONCE}', 'd2', NULL, 'ACCEPTED', 'ALLOCATED', 'UNPAID', now(), 8, now(), 9);
INSERT INTO stockade.order_lines VALUES
    ('acme', '{AT_ONCE}', 1, 'tea', 'north', 1, 8, 0),
    ('acme', '{AT_ONCE}', 1, 'tea', 'south', 4, 8, 1);
INSERT INTO stockade.order_events VALUES
    ('acme', '{AT_ONCE}', 8, 9, now(), 'CANCELLED_IN_PART', 'ACCEPTED', 'ACCEPTED', 'DEALER', 1,
     '{B}');
INSERT INTO stockade.outcomes VALUES
    ('acme', '{B}', 'CancelOrder', NULL, NULL, 9, now(), NULL, '{AT_ONCE}'),
    ('acme', '{C}', 'TransferStock', 'tea', 'north', 10, now(), 'south', NULL);
"""


def migrate(command, conninfo, *flags, seconds=60):
    return subprocess.run(
        stockade_server.command("migrate", command, "--postgres", conninfo, *flags),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False,
        env=environment(),
    )


@pytest.fixture
def database(postgres):
    """A new database's name."""
    name = f"db_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    return name


@pytest.fixture
def place(postgres, database):
    return postgres.conninfo(database)


def first_tables(postgres, database):
    """The first migration's tables with some rows in them, as an older server left them."""
    checksum = hashlib.sha256(MIGRATIONS[0].encode()).hexdigest()
    postgres.run(MIGRATIONS[0], database=database)
    postgres.run("INSERT INTO stockade.schema_version VALUES (1, 'initial', "
                 f"'{checksum}', now())", database=database)
    postgres.run(ROWS, database=database)


@pytest.fixture
def tables(postgres, database, place):
    """A database with the tables, and some rows in them."""
    first_tables(postgres, database)
    ended = migrate("up", place)
    assert ended.returncode == 0, ended
    postgres.run(LATER_ROWS, database=database)
    return database


def first_content(postgres, database):
    """The rows, as far as the first version has them."""
    tables = {
        "stock": "account", "movements": "seq, line", "outcomes": "seq", "reservations":
        "granted_seq", "reservation_lines": "granted_seq, line_number", "orders": "seq",
        "order_lines": "line_number", "codes": "number", "state": "grp",
    }
    newer = {"backorder_limit", "low_water", "high_water", "hold_ttl_ms", "account", "safety_change",
             "to_warehouse", "reference", "updated_at", "last_seq", "cancelled"}
    found = {}
    for table, order in tables.items():
        rows = postgres.rows(f"SELECT * FROM stockade.{table} ORDER BY {order}", database=database)
        left_out = newer - ({"reference"} if table == "movements" else set())
        left_out = left_out - ({"account"} if table == "stock" else set())
        left_out = left_out | ({"seq"} if table == "order_lines" else set())
        left_out = left_out - ({"updated_at"} if table == "state" else set())
        found[table] = [{k: v for k, v in row.items() if k not in left_out} for row in rows]
    return found


def table_names(postgres, database):
    rows = postgres.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'stockade'", database=database
    )
    return {row["tablename"] for row in rows}


class TestMigrating:
    def test_up_down_up(self, postgres, database, place):
        for _ in range(2):
            ended = migrate("up", place)
            assert (ended.returncode, ended.stderr) == (0, ""), ended
            assert "1 initial" in ended.stdout and "2 orders" in ended.stdout
            assert table_names(postgres, database) == TABLES
            assert migrate("verify", place).returncode == 0
            postgres.run(re.sub(r"INSERT INTO stockade.movements.*?;", "", LATER_ROWS, flags=re.S),
                         database=database)
            for _ in MIGRATIONS:
                ended = migrate("down", place, "--yes")
                assert (ended.returncode, ended.stderr) == (0, ""), ended
            assert table_names(postgres, database) == set()
            left = postgres.value(
                "SELECT count(*) FROM pg_namespace WHERE nspname = 'stockade'", database=database
            )
            assert left == "0"
        assert migrate("down", place, "--yes").returncode == FAILED, "there is nothing left"

    def test_rows_of_the_first_version_stay_right(self, postgres, database, place):
        first_tables(postgres, database)
        before = first_content(postgres, database)
        assert migrate("verify", place).returncode == FORBIDDEN
        ended = migrate("up", place)
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        assert migrate("verify", place).returncode == 0
        assert first_content(postgres, database) == before
        new = "SELECT m.account = s.account AND m.safety_change = 0 AS fits FROM " \
            "stockade.movements m JOIN stockade.stock s USING (brand, sku, warehouse)"
        assert [row["fits"] for row in postgres.rows(new, database=database)] == ["t"] * 4
        assert postgres.rows(
            "SELECT o.updated_at = o.created_at AS at, o.last_seq, l.seq, l.cancelled "
            "FROM stockade.orders o JOIN stockade.order_lines l USING (brand, order_id)",
            database=database,
        ) == [{"at": "t", "last_seq": "4", "seq": "4", "cancelled": "0"}]
        # What has no place in the first version goes with the second.
        postgres.run(LATER_ROWS, database=database)
        ended = migrate("down", place, "--yes")
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        postgres.run("DELETE FROM stockade.movements WHERE warehouse = 'south'; "
                     "DELETE FROM stockade.stock WHERE account = 2", database=database)
        assert first_content(postgres, database) == before

    def test_a_request_has_its_form(self, postgres, tables):
        for values in (
            "'SetStock', NULL, 'north', 11, now(), NULL, NULL",
            "'Extend', 'tea', 'north', 11, now(), NULL, NULL",
            "'CancelOrder', NULL, NULL, 11, now(), NULL, NULL",
            "'TransferStock', 'tea', 'north', 11, now(), NULL, NULL",
            "'Reserve', 'tea', 'north', 11, now(), NULL, NULL",
        ):
            with pytest.raises(PostgresFailure, match="23514"):
                postgres.run(f"INSERT INTO stockade.outcomes VALUES ('acme', '{A}', {values})",
                             database=tables)

    def test_up_twice_does_nothing(self, tables, place):
        ended = migrate("up", place)
        assert ended.returncode == 0
        assert "nothing to do" in ended.stdout

    def test_status(self, place):
        before = migrate("status", place)
        assert (before.returncode, before.stderr) == (0, "")
        assert "1 initial  to be run" in before.stdout
        assert migrate("up", place).returncode == 0
        after = migrate("status", place)
        assert re.search(r"1 initial  applied \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", after.stdout)

    def test_plan_is_what_up_runs(self, postgres, database, place):
        plan = migrate("plan", place)
        assert plan.returncode == 0
        assert table_names(postgres, database) == set(), "it changes nothing"
        postgres.run(plan.stdout, database=database)
        assert table_names(postgres, database) == TABLES

    def test_two_at_once(self, place):
        both = [
            subprocess.Popen(
                stockade_server.command("migrate", "up", "--postgres", place),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
            )
            for _ in range(4)
        ]
        said = [each.communicate(timeout=60) for each in both]
        assert [each.returncode for each in both] == [0] * 4, said
        assert sorted("applied now" in out for out, _ in said) == [False] * 3 + [True]

    def test_a_failure_changes_nothing(self, postgres, database, place):
        """Somebody's view on a table is in the way of taking the table away."""
        assert migrate("up", place).returncode == 0
        postgres.run("CREATE VIEW public.v AS SELECT * FROM stockade.stock", database=database)
        ended = migrate("down", place, "--yes")
        assert ended.returncode == FAILED
        assert "view v depends on" in ended.stderr, ended.stderr
        assert table_names(postgres, database) == TABLES
        assert migrate("verify", place).returncode == 0

    def test_the_embedded_text_is_new(self):
        script = ROOT / "ops/lib/embed_migrations.py"
        subprocess.run([sys.executable, script, "--check"], check=True)


class TestRefusing:
    def commands(self, place):
        for command in ("status", "up", "plan", "verify", "down"):
            yield migrate(command, place, *(["--yes"] if command == "down" else []))

    def test_a_newer_schema(self, postgres, tables, place):
        postgres.run(
            f"INSERT INTO stockade.schema_version VALUES ({len(MIGRATIONS) + 1}, 'later', 'x', "
            "now())", database=tables
        )
        for ended in self.commands(place):
            assert ended.returncode == FORBIDDEN, ended
            assert "later stockade" in ended.stderr + ended.stdout
        assert table_names(postgres, tables) >= TABLES

    def test_another_text(self, postgres, tables, place):
        postgres.run("UPDATE stockade.schema_version SET checksum = 'x'", database=tables)
        for ended in self.commands(place):
            assert ended.returncode == FORBIDDEN, ended
            assert "another text" in ended.stderr + ended.stdout

    def test_somebody_elses_schema(self, postgres, database, place):
        postgres.run("CREATE SCHEMA stockade", database=database)
        for ended in self.commands(place):
            assert ended.returncode == FORBIDDEN, ended
            assert "didn't make" in ended.stderr + ended.stdout

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ("ALTER TABLE stockade.stock DROP COLUMN safety", "stockade.stock.safety"),
            ("DROP TABLE stockade.outcomes", "stockade.outcomes"),
            ("DROP VIEW stockade.order_timeline", "stockade.order_timeline"),
            ("REVOKE SELECT ON stockade.order_timeline FROM stockade_reader",
             "stockade.order_timeline"),
            ("REVOKE SELECT ON stockade.orders FROM stockade_reader", "stockade.orders"),
            ("ALTER FUNCTION stockade.advance RENAME TO go", "stockade.advance"),
        ],
    )
    def test_verify_finds_what_was_changed(self, postgres, tables, place, change, word):
        postgres.run(change, database=tables)
        ended = migrate("verify", place)
        assert ended.returncode == FORBIDDEN
        assert word in ended.stderr

    def test_verify_before_up(self, place):
        ended = migrate("verify", place)
        assert ended.returncode == FORBIDDEN
        assert "migrate up" in ended.stderr

    def test_down_wants_to_be_asked_twice(self, postgres, tables, place):
        ended = migrate("down", place)
        assert ended.returncode == USAGE
        assert "--yes" in ended.stderr
        assert table_names(postgres, tables) >= TABLES

    def test_nobody_there(self):
        ended = migrate("status", "host=127.0.0.1 port=1 user=u password=hunter2")
        assert ended.returncode == FAILED
        assert "couldn't connect" in ended.stderr
        assert "hunter2" not in ended.stderr + ended.stdout

    def test_a_string_that_is_none(self):
        ended = migrate("status", "password=hunter2 x")
        assert ended.returncode == USAGE
        assert "hunter2" not in ended.stderr + ended.stdout

    def test_without_the_right_to_make_roles(self, postgres, database):
        """The owner of a database, and the role is there: that is enough."""
        postgres.run(f"CREATE ROLE owner_{database} LOGIN; "
                     f"ALTER DATABASE {database} OWNER TO owner_{database}")
        has_role = postgres.value(
            "SELECT count(*) FROM pg_roles WHERE rolname = 'stockade_reader'") == "1"
        place = postgres.conninfo(database, user=f"owner_{database}")
        ended = migrate("up", place)
        if not has_role:
            assert ended.returncode == FAILED and "CREATE ROLE stockade_reader" in ended.stderr
            postgres.run("CREATE ROLE stockade_reader NOLOGIN")
            ended = migrate("up", place)
        assert ended.returncode == 0, ended
        assert migrate("verify", place).returncode == 0


class TestReading:
    def test_everything_has_a_comment(self, postgres, tables):
        bare = postgres.rows(
            """
            SELECT c.relname, a.attname, obj_description(c.oid, 'pg_class') AS about,
                col_description(c.oid, a.attnum) AS comment
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'stockade'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
            """,
            database=tables,
        )
        assert {row["relname"] for row in bare} == TABLES | VIEWS
        for row in bare:
            assert row["about"], row
            assert re.search(
                r"\. Unit: [^.]+\. Privacy: (open|business|personal)\.$", row["comment"]
            ), row

    @pytest.mark.parametrize("query", [q for _, q in QUERIES], ids=[q for q, _ in QUERIES])
    def test_the_queries_of_the_readme_run(self, postgres, tables, query):
        postgres.run(query, database=tables)

    def test_there_are_enough_of_them(self):
        assert len(QUERIES) >= 10

    def test_what_they_answer(self, postgres, tables):
        def answer(beginning):
            (query,) = (q for about, q in QUERIES if about.startswith(beginning))
            return postgres.rows(query, database=tables)

        assert [(row["orders"], row["units"]) for row in answer("Sales per hour")] == [("2", "7")]
        assert answer("Sold per SKU")[0]["units"] == "7"
        assert [(row["units"], row["lines"]) for row in answer("The largest orders")] == [
            ("4", "1"), ("3", "1")]
        assert answer("Bought and cancelled")[0]["percent"] == "12.5"
        assert [(row["kind"], row["units"], row["cause"]) for row in answer("What happened")] == [
            ("CREATED", "5", ""), ("CANCELLED_IN_PART", "1", "DEALER")]
        assert [row["sku"] for row in answer("What may still be sold")] == ["mug", "tea", "tea"]
        assert [row["deficit"] for row in answer("More promised")] == ["1"]
        assert [row["left_ms"] for row in answer("Open reservations")] == ["57000"]
        assert [row["units"] for row in answer("Bought and not delivered")] == ["4", "3"]
        assert answer("Asked for and not")[0]["granted"] == "5"
        assert answer("Do the books balance") == []
        assert answer("Is anything missing") == []

    def test_the_reader_reads(self, postgres, tables):
        postgres.run(
            f"CREATE ROLE anna_{tables} LOGIN; GRANT stockade_reader TO anna_{tables}",
            database=tables,
        )
        anna = {"database": tables, "user": f"anna_{tables}"}
        partitions = table_names(postgres, tables) - TABLES
        assert partitions, "a day's partition is there"
        postgres.run("SELECT * FROM stockade.order_timeline", **anna)
        for table in TABLES | partitions:
            postgres.run(f"SELECT * FROM stockade.{table}", **anna)
            for write in (
                f"DELETE FROM stockade.{table}",
                f"INSERT INTO stockade.{table} DEFAULT VALUES",
                f"TRUNCATE stockade.{table}",
                f"DROP TABLE stockade.{table}",
            ):
                with pytest.raises(PostgresFailure, match="42501"):
                    postgres.run(write, **anna)
        with pytest.raises(PostgresFailure, match="42501"):
            postgres.run("SELECT stockade.advance(0::int2, 1, 7, 8, 9, now())", **anna)
        with pytest.raises(PostgresFailure, match="42501"):
            postgres.run("CREATE TABLE stockade.mine (a int)", **anna)

    def test_others_do_not(self, postgres, tables):
        postgres.run(f"CREATE ROLE bob_{tables} LOGIN", database=tables)
        with pytest.raises(PostgresFailure, match="42501"):
            postgres.run("SELECT * FROM stockade.stock", database=tables, user=f"bob_{tables}")


class TestTheFence:
    def advance(self, postgres, database, *figures):
        grp, *rest = figures
        words = ", ".join(map(str, rest))
        postgres.run(f"SELECT stockade.advance({grp}::int2, {words}, now())", database=database)

    def applied(self, postgres, database):
        row, = postgres.rows(
            "SELECT applied_seq, applied_tick, applied_at = updated_at AS same FROM stockade.state",
            database=database)
        return int(row["applied_seq"]), int(row["applied_tick"])

    def test_it_follows(self, postgres, tables):
        self.advance(postgres, tables, 0, 1, 7, 9, 6000)
        assert self.applied(postgres, tables) == (9, 6000)
        self.advance(postgres, tables, 0, 1, 10, 10, 6001)
        assert self.applied(postgres, tables) == (10, 6001)

    @pytest.mark.parametrize(
        "figures",
        [(0, 1, 6, 9, 1), (0, 1, 8, 9, 1), (0, 2, 7, 9, 1), (0, 0, 7, 9, 1), (1, 1, 7, 9, 1)],
        ids=["again", "gap", "later epoch", "older epoch", "another group"],
    )
    def test_what_does_not_follow_is_refused(self, postgres, tables, figures):
        with pytest.raises(PostgresFailure, match="WB001"):
            self.advance(postgres, tables, *figures)
        assert self.applied(postgres, tables) == (6, 5000)

    def test_no_records(self, postgres, tables):
        with pytest.raises(PostgresFailure, match="22023"):
            self.advance(postgres, tables, 0, 1, 7, 6, 1)
