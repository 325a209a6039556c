# SPDX-License-Identifier: Apache-2.0
"""Orders of all kinds, cancellations, extensions, policies, transfers and split lines, written
behind in transactions of every size: the tables are what the journal says.

The journal is written by projection-bench, which knows all records; what a server makes of the
calls is another test's matter.
"""

import json
import subprocess
import uuid

import pytest
import stockade_server
from postgres_cluster import environment
from postgres_tables import CONTENT, resync
from stockade_server import ROOT

TOOL = ROOT / ".build/release/projection-bench"
BUSINESSES = 400

# An empty line is the answer when the tables have it all.
NOTHING_LEFT = """
SELECT o.order_id FROM stockade.orders o
WHERE (o.review_state = 'CANCELLED') <> NOT EXISTS (
    SELECT FROM stockade.order_lines l
    WHERE (l.brand, l.order_id, l.seq) = (o.brand, o.order_id, o.seq)
        AND l.cancelled < l.quantity)
"""
UNITS = """
SELECT coalesce(sum(quantity - cancelled), 0) AS units FROM stockade.order_lines
"""


def tool(*arguments):
    ended = subprocess.run(
        [TOOL, *map(str, arguments)], input="go\n", capture_output=True, text=True, timeout=120,
        check=False, env=environment(),
    )
    assert ended.returncode == 0, ended
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture(scope="module", params=[0, 5], ids=["at once", "later"])
def journal(request, tmp_path_factory):
    """What is done to an order follows at once, or five businesses later."""
    data = tmp_path_factory.mktemp("mixed") / "data"
    report = tool("write", data, BUSINESSES, "--skus", 40, "--gap", request.param, "--mixed", 1)
    return data, report["records"]


@pytest.fixture
def database(postgres):
    name = f"mixed_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    return name


def differences(data, conninfo, *flags):
    """What `stockade check --postgres` finds in the tables."""
    ended = subprocess.run(
        stockade_server.command("check", f"--data={data}", f"--postgres={conninfo}", *flags),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        env=environment(),
    )
    lines = ended.stdout.splitlines()
    assert any(line.startswith("postgres: up to record") for line in lines), ended
    return [line for line in lines if line.startswith("violation postgres: ")]


def write(postgres, database, data, rows):
    conninfo = postgres.conninfo(database)
    assert stockade_server.run("migrate", "up", f"--postgres={conninfo}").returncode == 0
    report = tool("fill", conninfo, data, "--rows", rows)
    assert report["dead_letters"] == 0
    return conninfo, report


@pytest.mark.parametrize("rows", [1, 60, 120_000])
def test_batches_of_any_size_come_to_the_same(postgres, journal, database, rows):
    data, records = journal
    conninfo, report = write(postgres, database, data, rows)
    assert report["batches"] == records if rows == 1 else report["batches"] < records
    assert differences(data, conninfo) == []

    def rows_of(sql):
        return postgres.rows(sql, database=database)

    assert rows_of(NOTHING_LEFT) == []
    (allocated,) = rows_of("SELECT sum(allocated) AS units FROM stockade.stock")
    assert rows_of(UNITS) == [allocated]
    assert rows_of(
        "SELECT kind, count(*) AS count FROM stockade.order_timeline GROUP BY kind ORDER BY kind"
    ) == [
        {"kind": "CANCELLED", "count": str(BUSINESSES // 8)},
        {"kind": "CANCELLED_IN_PART", "count": str(BUSINESSES // 4)},
        {"kind": "CREATED", "count": str(BUSINESSES // 8 * 7)},
    ]
    # The last event of an order is the one that ended it.
    assert rows_of("SELECT e.seq FROM stockade.order_events e "
                   "JOIN stockade.orders o USING (order_id) "
                   "WHERE (e.to_state = 'CANCELLED') <> "
                   "(e.seq = o.last_seq AND o.review_state = 'CANCELLED')") == []
    calls = rows_of("SELECT DISTINCT call FROM stockade.outcomes ORDER BY call")
    assert [row["call"] for row in calls] == [
        "CancelOrder", "Extend", "SetStock", "SetStockPolicy", "TransferStock"]
    assert rows_of("SELECT DISTINCT ttl_ms > 3600000 AS longer, fill_mode "
                   "FROM stockade.reservations WHERE ttl_ms <> 3600000") != []
    split = rows_of("SELECT line_number FROM stockade.reservation_lines "
                    "GROUP BY reservation_id, granted_seq, line_number HAVING count(*) > 1")
    assert split, "there are lines of several warehouses"
    joined = rows_of("SELECT order_id FROM stockade.reservations "
                     "GROUP BY order_id HAVING count(*) > 1")
    assert len(joined) == BUSINESSES // 8


def test_every_size_makes_the_same_rows(postgres, journal):
    found = []
    for rows in (1, 60, 777, 120_000):
        name = f"mixed_{uuid.uuid4().hex[:12]}"
        postgres.create_database(name)
        write(postgres, name, journal[0], rows)
        found.append({
            table: sorted(map(str, postgres.rows(f"SELECT * FROM stockade.{table}", database=name)))
            for table in CONTENT
        })
        for table, each in found[-1].items():
            assert each == found[0][table], f"{table} with {rows} rows a batch"
            assert bool(each) == (table != "dead_letters"), table


def test_an_order_that_ends_in_its_batch_is_one_row(postgres, journal, database):
    """Nothing of it is written and then changed: no row has an older version in its page."""
    data, _ = journal
    write(postgres, database, data, 120_000)
    for table in ("orders", "order_lines", "reservations"):
        (row,) = postgres.rows(
            f"""
            SELECT (SELECT count(*) FROM stockade.{table}) AS rows, sum(last) AS versions FROM (
                SELECT max((ctid::text::point)[1]) AS last FROM stockade.{table}
                GROUP BY (ctid::text::point)[0]) page
            """, database=database)
        assert row["rows"] == row["versions"], table
    changed = postgres.value("SELECT count(*) FROM stockade.orders WHERE seq <> last_seq",
                             database=database)
    assert int(changed) == BUSINESSES // 4


def test_written_anew(postgres, journal, database):
    data, _ = journal
    conninfo, _ = write(postgres, database, data, 50)
    postgres.run("DELETE FROM stockade.order_events; UPDATE stockade.order_lines SET cancelled = 0",
                 database=database)
    assert differences(data, conninfo) != []
    assert resync(data, conninfo, "--yes").returncode == 0
    assert differences(data, conninfo) == []


def test_the_first_versions_tables_are_taken_further(postgres, journal, database):
    """An older server's database: the writer makes what is missing and goes on."""
    data, _ = journal
    conninfo = postgres.conninfo(database)
    assert stockade_server.run("migrate", "up", f"--postgres={conninfo}").returncode == 0
    ended = stockade_server.run("migrate", "down", f"--postgres={conninfo}", "--yes")
    assert ended.returncode == 0 and "orders" in ended.stdout, ended
    assert tool("fill", conninfo, data)["dead_letters"] == 0
    assert differences(data, conninfo) == []


# What is done by hand, and the beginnings of what must be said of it.
TAMPERINGS = {
    "order_cancelled": (
        "UPDATE orders SET review_state = 'ACCEPTED' WHERE seq = (SELECT min(made_seq) FROM "
        "order_events WHERE kind = 'CANCELLED')",
        ['orders: review_state is "ACCEPTED" and must be "CANCELLED"'],
    ),
    "order_changed": (
        "UPDATE orders SET updated_at = updated_at + interval '1 ms' WHERE seq = "
        "(SELECT max(made_seq) FROM order_events)",
        ["orders: updated_at is "],
    ),
    "order_reservation": (
        "UPDATE orders SET reservation_id = order_id WHERE seq = "
        "(SELECT min(seq) FROM orders WHERE reservation_id IS NULL)",
        ["orders: reservation_id is "],
    ),
    "line_cancelled": (
        "UPDATE order_lines SET cancelled = cancelled - 1 WHERE ctid = "
        "(SELECT ctid FROM order_lines WHERE cancelled = 2 LIMIT 1)",
        ["order_lines: cancelled is 1 and must be 2"],
    ),
    "event_gone": (
        "DELETE FROM order_events WHERE seq = (SELECT min(seq) FROM order_events)",
        ["order_events: no row with seq "],
    ),
    "event_too_many": (
        "INSERT INTO order_events SELECT brand, order_id, seq, seq + 1, created_at, 'CANCELLED', "
        "'ACCEPTED', 'CANCELLED', 'DEALER', 1, order_id FROM orders ORDER BY seq LIMIT 1",
        ["order_events: a row too many, with seq "],
    ),
    "event_kind": (
        "UPDATE order_events SET kind = 'CANCELLED_IN_PART' WHERE seq = "
        "(SELECT min(seq) FROM order_events WHERE kind = 'CANCELLED')",
        ['order_events: kind is "CANCELLED_IN_PART" and must be "CANCELLED"'],
    ),
    "event_cause": (
        "UPDATE order_events SET cause = 'OTHER', units = 0 WHERE seq = "
        "(SELECT min(seq) FROM order_events)",
        ["order_events: cause is ", "order_events: units is 0"],
    ),
    "split_warehouse": (
        "UPDATE reservation_lines SET warehouse = 'x' WHERE ctid = (SELECT ctid FROM "
        "reservation_lines WHERE warehouse = 'east' LIMIT 1)",
        ["reservation_lines: a row too many", "reservation_lines: no row"],
    ),
    "policy": (
        "UPDATE stock SET low_water = 7, hold_ttl_ms = 0 WHERE account = "
        "(SELECT min(account) FROM stock WHERE low_water = 1)",
        ["stock: hold_ttl_ms is 0 and must be 60000", "stock: low_water is 7 and must be 1"],
    ),
    "movement_account": (
        "UPDATE movements SET account = 999 WHERE seq = (SELECT max(seq) FROM movements) "
        "AND line = 0",
        ["movements: account is 999 and must be "],
    ),
    "movement_safety": (
        "UPDATE movements SET safety_change = 99 WHERE seq = (SELECT min(seq) FROM movements "
        "WHERE kind = 'POLICY')",
        ["movements: safety_change is 99"],
    ),
    "deadline": (
        "UPDATE reservations SET ttl_ms = 3600000 WHERE granted_seq = (SELECT min(granted_seq) "
        "FROM reservations WHERE ttl_ms > 3600000)",
        ["reservations: ttl_ms is 3600000"],
    ),
    "outcome_reference": (
        "UPDATE outcomes SET reference = request_id WHERE seq = "
        "(SELECT min(seq) FROM outcomes WHERE call = 'Extend')",
        ["outcomes: reference is "],
    ),
    "outcome_other_warehouse": (
        "UPDATE outcomes SET to_warehouse = 'north' WHERE seq = "
        "(SELECT min(seq) FROM outcomes WHERE call = 'TransferStock')",
        ['outcomes: to_warehouse is "north" and must be "east"'],
    ),
}


@pytest.fixture(scope="module")
def filled(postgres, journal):
    name = f"mixed_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    write(postgres, name, journal[0], 200)
    return name


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_change_by_hand_is_found(postgres, journal, filled, what):
    copy = f"copy_{uuid.uuid4().hex[:12]}"
    postgres.run(f'CREATE DATABASE "{copy}" TEMPLATE "{filled}"')
    sql, expected = TAMPERINGS[what]
    postgres.run(f"SET search_path = stockade; {sql}", database=copy)
    said = sorted(differences(journal[0], postgres.conninfo(copy)))
    assert len(said) == len(expected), said
    for text, start in zip(said, sorted(expected), strict=True):
        assert text.startswith(f"violation postgres: {start}"), said


def test_a_cancellation_of_what_is_not_there_is_buried(postgres, journal, database):
    """The lines of some orders are taken away while the writer is on its way: records that find
    fewer rows than they must go to the dead letters, one by one, and all others are written."""
    data, _ = journal
    conninfo = postgres.conninfo(database)
    assert stockade_server.run("migrate", "up", f"--postgres={conninfo}").returncode == 0
    # Whatever is written of a line is gone at once; in one batch nothing would miss it.
    postgres.run(
        """
        CREATE FUNCTION public.forget() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN RETURN CASE WHEN NEW.line_number <> 1 THEN NEW END; END$$;
        CREATE TRIGGER forget BEFORE INSERT ON stockade.order_lines
            FOR EACH ROW EXECUTE FUNCTION public.forget();
        """, database=database)
    report = tool("fill", conninfo, data, "--rows", 1)
    letters = int(postgres.value("SELECT count(*) FROM stockade.dead_letters", database=database))
    assert report["dead_letters"] == letters == BUSINESSES // 8 * 3
    assert postgres.value("SELECT count(*) FROM stockade.order_events", database=database) == "0"
    assert postgres.value("SELECT DISTINCT sqlstate FROM stockade.dead_letters",
                          database=database) == "23W01"
    # Only what they lack is said of the tables, not of the records that were buried.
    said = differences(data, conninfo)
    assert sum("was refused" in line for line in said) > 0
    assert not any("order_events" in line or "outcomes" in line for line in said), said
