# SPDX-License-Identifier: Apache-2.0
"""`stockade check --postgres`: a sale that was written behind is as the journal says, and whatever
is changed by hand in the tables is found."""

import subprocess
import uuid

import pytest
import stockade_server
from postgres_cluster import environment
from shop import HELD, PARTIAL, Shop, eventually, line, new_id
from stockade_server import StockadeServer

FINE, DIFFERENT, USAGE, OUT_OF_REACH, NO_TABLES = 0, 1, 2, 69, 78

# Short, so that ids come again and what has ended is forgotten: the tables keep it all the same.
RETENTION = "--retention=1s"


def check(data, conninfo, *flags, seconds=120):
    return subprocess.run(
        stockade_server.command(
            "check", f"--data={data}", f"--postgres={conninfo}", RETENTION, *flags
        ),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False,
        env=environment(),
    )


def found(done, rule="postgres"):
    """The sentences of that rule's violations."""
    start = f"violation {rule}: "
    return [each.removeprefix(start) for each in done.stdout.splitlines() if each.startswith(start)]


def summary(done):
    (text,) = [each for each in done.stdout.splitlines() if each.startswith("postgres: ")]
    return text


def is_forgotten_and_granted_again(shop, request):
    answer = shop.call(shop.reservations.Reserve, request)
    return answer.message.reservation.state == HELD and not answer.is_replay


def sell(address):
    """Something of everything that a journal can have."""
    with Shop(address, "ACME") as shop, Shop(address, "Zenith") as other:
        shop.set_stock("pen", 1000, source_version=2**63 + 5)
        shop.set_stock("ink", 50, warehouse="south")
        shop.set_stock("pen", 900, source_version=2**63 + 6)
        shop.adjust("ink", -7, warehouse="south")
        other.set_stock("pen", 30)
        # Lines out of order, and a line that gets nothing.
        several = [line("pen", 5, number=9), line("ink", 3, warehouse="south", number=2)]
        held = shop.reserve(several)
        shop.reserve([line("pen", 5, number=4), line("pen", 1, number=3)])
        bought = shop.reserve(several)
        shop.confirm(bought.reservation_id)
        partly = shop.reserve(several)
        shop.confirm(partly.reservation_id, lines=[line("pen", 2, number=9)])
        short = other.reserve(
            [line("pen", 25, number=1), line("pen", 25, number=2)], fill_mode=PARTIAL
        )
        other.confirm(short.reservation_id)
        released = shop.reserve_request({"pen": 7})
        shop.call(shop.reservations.Reserve, released)
        shop.release(released.reservation_id)
        expired = shop.reserve({"pen": 11}, ttl_ms=1000)
        eventually(lambda: is_forgotten_and_granted_again(shop, released))
        eventually(lambda: shop.figures("pen")[1] == 5 + 6 + 7)
        assert expired.reservation_id != held.reservation_id


@pytest.fixture(scope="module")
def sale(postgres, tmp_path_factory):
    """A data directory whose server has stopped, and the name of a database with its image."""
    data = tmp_path_factory.mktemp("sale") / "data"
    name = f"sale_{uuid.uuid4().hex[:12]}"
    conninfo = postgres.create_database(name)
    with StockadeServer(RETENTION, f"--postgres={conninfo}", data=data) as server:
        sell(server.address)
    return data, name


@pytest.fixture
def copy(postgres, sale):
    """A database of this test's own with the same rows."""
    name = f"copy_{uuid.uuid4().hex[:12]}"
    postgres.run(f'CREATE DATABASE "{name}" TEMPLATE "{sale[1]}"')
    return name


def test_a_sale_written_behind_is_as_the_journal_says(postgres, sale):
    data, name = sale
    done = check(data, postgres.conninfo(name))
    assert (done.returncode, done.stderr) == (FINE, ""), done
    assert "violations 0" in done.stdout
    tables = (
        "codes", "stock", "movements", "outcomes", "reservations", "reservation_lines", "orders",
        "order_lines",
    )
    counts = [
        int(postgres.value(f"SELECT count(*) FROM stockade.{table}", database=name))
        for table in tables
    ]
    assert all(counts), "a check of no rows proves nothing"
    last = postgres.value("SELECT applied_seq FROM stockade.state", database=name)
    assert summary(done) == (
        f"postgres: up to record {last} of {last}, 0 behind; {sum(counts)} rows compared"
    )
    states = postgres.rows("SELECT DISTINCT state FROM stockade.reservations", database=name)
    assert len(states) == 4
    again = postgres.value(
        "SELECT count(*) FROM (SELECT FROM stockade.reservations GROUP BY brand, reservation_id "
        "HAVING count(*) > 1) AS each", database=name,
    )
    assert again == "1", "an id was granted again"


def test_what_is_behind_is_no_violation(postgres, tmp_path):
    data = tmp_path / "data"
    name = f"behind_{uuid.uuid4().hex[:12]}"
    conninfo = postgres.create_database(name)
    with StockadeServer(RETENTION, f"--postgres={conninfo}", data=data) as server:
        with Shop(server.address, "ACME") as shop:
            shop.set_stock("pen", 100)
            kept = shop.reserve({"pen": 1})
            shop.reserve({"pen": 2})
    applied = int(postgres.value("SELECT applied_seq FROM stockade.state", database=name))
    with StockadeServer(RETENTION, data=data) as server, Shop(server.address, "ACME") as shop:
        shop.confirm(kept.reservation_id)
        shop.set_stock("ink", 5)
        shop.adjust("pen", 5)
    done = check(data, conninfo, "--dump=-")
    assert done.returncode == FINE, done
    # The dump has standard output, and tells of the journal's end.
    assert '"sku":"ink"' in done.stdout
    assert f"postgres: up to record {applied} of {applied + 4}, 4 behind" in done.stderr
    # A row of what is not yet there is one too many.
    postgres.run(
        "UPDATE stockade.reservations SET state = 'CONFIRMED' WHERE granted_seq = "
        "(SELECT min(granted_seq) FROM stockade.reservations)", database=name,
    )
    done = check(data, conninfo)
    assert done.returncode == DIFFERENT
    (said,) = found(done)
    assert said.startswith('reservations: state is "CONFIRMED" and must be "HELD"')


# What is done by hand, and the beginnings of what must be said of it: all of it, nothing besides.
TAMPERINGS = {
    "stock_figure": (
        "UPDATE stock SET held = held + 1 WHERE brand = 'ACME' AND sku = 'pen'",
        ["stock: held is 19 and must be 18"],
    ),
    "stock_source_version": (
        "UPDATE stock SET source_version = 'NaN' WHERE source_version > 0",
        ['stock: source_version is "NaN" and must be "9223372036854775814"'],
    ),
    "stock_time": (
        "UPDATE stock SET changed_at = changed_at + interval '1 us' WHERE sku = 'ink'",
        ["stock: changed_at is"],
    ),
    "stock_row_gone": ("DELETE FROM stock WHERE sku = 'ink'", ["stock: no row with account "]),
    "stock_row_too_many": (
        "INSERT INTO stock SELECT brand, sku, 'moon', -5, on_hand, held, allocated, safety, "
        "version, null, seq, 'infinity' FROM stock WHERE sku = 'ink'",
        ["stock: a row too many, with account -5"],
    ),
    "stock_columns_swapped": (
        "UPDATE stock SET held = allocated, allocated = held WHERE sku = 'pen' AND brand = 'ACME'",
        ["stock: held is", "stock: allocated is"],
    ),
    "code_text": (
        # A Kelvin sign, which counts as the same letter to some.
        "UPDATE codes SET text = 'in' || U&'\\212A' WHERE text = 'ink'", ["codes: text is "],
    ),
    "code_kind": ("UPDATE codes SET kind = 3 WHERE text = 'ink'", ["codes: kind is 3"]),
    "code_gone": ("DELETE FROM codes WHERE text = 'ink'", ["codes: no row with seq "]),
    "movement_too_many": (
        "INSERT INTO movements SELECT seq, 77, at, kind, brand, sku, warehouse, 1, 1, 1, null, 99 "
        "FROM movements ORDER BY seq LIMIT 1",
        ["movements: a row too many, with seq "],
    ),
    "movement_twice": (
        "INSERT INTO movements SELECT seq, line, at + interval '1 us', kind, brand, sku, warehouse,"
        " on_hand_change, held_change, allocated_change, reference, account FROM movements WHERE "
        "kind = 'ADJUST'",
        ["movements: a row too many, with seq "],
    ),
    "movement_gone": (
        "DELETE FROM movements WHERE kind = 'EXPIRE'", ["movements: no row with seq "],
    ),
    "movement_change": (
        "UPDATE movements SET allocated_change = -allocated_change WHERE kind = 'CONFIRM' AND "
        "brand = 'Zenith'",
        ["movements: allocated_change is -30 and must be 30"],
    ),
    "movement_kind": (
        "UPDATE movements SET kind = 'RELEASE' WHERE kind = 'EXPIRE'",
        ['movements: kind is "RELEASE" and must be "EXPIRE"'],
    ),
    "movement_time": (
        "UPDATE movements SET at = at + interval '1 ms' WHERE kind = 'EXPIRE'",
        ["movements: at is "],
    ),
    "movement_reference": (
        "UPDATE movements SET reference = null WHERE kind = 'EXPIRE'",
        ["movements: reference is null and must be "],
    ),
    "reservation_state": (
        "UPDATE reservations SET state = 'RELEASED' WHERE state = 'EXPIRED'",
        ['reservations: state is "RELEASED" and must be "EXPIRED"'],
    ),
    "reservation_forgotten": (
        "DELETE FROM reservations WHERE state = 'RELEASED'",
        # Its line has nobody to belong to.
        ["reservations: no row with ", "reservation_lines: no row with ",
         "reservation_lines: a row too many"],
    ),
    "reservation_dealer": (
        "UPDATE reservations SET dealer = '' WHERE state = 'EXPIRED'",
        ['reservations: dealer is "" and must be "dealer-1"'],
    ),
    "reservation_deadline": (
        "UPDATE reservations SET deadline_tick = -deadline_tick WHERE state = 'EXPIRED'",
        ["reservations: deadline_tick is -"],
    ),
    "reservation_order": (
        "UPDATE reservations SET order_id = null WHERE brand = 'Zenith'",
        ["reservations: order_id is null"],
    ),
    "reservation_end": (
        "UPDATE reservations SET ended_tick = null, ended_at = '-infinity' WHERE brand = 'Zenith'",
        ["reservations: ended_at is ", "reservations: ended_tick is null"],
    ),
    "reservation_end_of_none": (
        "UPDATE reservations SET ended_seq = 9223372036854775807 WHERE granted_seq = "
        "(SELECT max(granted_seq) FROM reservations WHERE state = 'HELD')",
        ["reservations: no row", "reservations: a row too many", "reservation_lines: no row",
         "reservation_lines: a row too many"],
    ),
    "line_granted": (
        "UPDATE reservation_lines SET granted = 0 WHERE brand = 'Zenith' AND line_number = 1",
        ["reservation_lines: granted is 0 and must be 25"],
    ),
    "line_short": (
        "UPDATE reservation_lines SET is_short = false WHERE is_short",
        ["reservation_lines: is_short is false and must be true"],
    ),
    "line_number": (
        "UPDATE reservation_lines SET line_number = 3 WHERE brand = 'Zenith' AND line_number = 1",
        ["reservation_lines: no row", "reservation_lines: a row too many"],
    ),
    "order_gone": (
        "DELETE FROM orders WHERE brand = 'Zenith'",
        ["orders: no row", "order_lines: no row", "order_lines: no row",
         "order_lines: a row too many", "order_lines: a row too many"],
    ),
    "order_dealer": (
        "UPDATE orders SET dealer = 'dealer-2' WHERE brand = 'Zenith'",
        ['orders: dealer is "dealer-2" and must be "dealer-1"'],
    ),
    "order_state": (
        "UPDATE orders SET payment_state = 'PAID' WHERE brand = 'Zenith'",
        ['orders: payment_state is "PAID" and must be "UNPAID"'],
    ),
    "order_line_gone": (
        "DELETE FROM order_lines WHERE brand = 'Zenith' AND line_number = 2",
        ["order_lines: no row"],
    ),
    "order_line_quantity": (
        "UPDATE order_lines SET quantity = quantity + 1 WHERE brand = 'Zenith' AND line_number = 1",
        ["order_lines: quantity is 26 and must be 25"],
    ),
    "outcome_sku": (
        "UPDATE outcomes SET sku = 'pen' WHERE call = 'AdjustStock'",
        ['outcomes: sku is "pen" and must be "ink"'],
    ),
    "outcome_call": (
        "UPDATE outcomes SET call = 'SetStock' WHERE call = 'AdjustStock'",
        ['outcomes: call is "SetStock" and must be "AdjustStock"'],
    ),
    "outcome_gone": (
        "DELETE FROM outcomes WHERE call = 'AdjustStock'", ["outcomes: no row"],
    ),
    "mark_time": (
        "UPDATE state SET applied_at = applied_at + interval '1 ms'", ["state: applied_at is "],
    ),
    "mark_tick_later": (
        "UPDATE state SET applied_tick = applied_tick + 1", ["state: applied_tick is "],
    ),
    "mark_tick_never": ("UPDATE state SET applied_tick = -1", ["state: applied_tick is -1"]),
    "another_writer": (
        "INSERT INTO state SELECT 1, journal, epoch, applied_seq, applied_tick FROM state",
        ["state: 1 rows are of other writers"],
    ),
    "mark_never": (
        "UPDATE state SET applied_seq = -9223372036854775808; "
        "TRUNCATE codes, stock, outcomes, reservations, reservation_lines, orders, order_lines, "
        "movements",
        ["state: applied_seq is -9223372036854775808"],
    ),
    "dead_letter": (
        "INSERT INTO dead_letters VALUES (-1, 1, '22021', E'no\\nline', '', now())",
        ['dead_letters: record -1 was refused: SQLSTATE "22021", "no?line"'],
    ),
    "another_journal": (
        "UPDATE state SET journal = '00112233-4455-6677-8899-aabbccddeeff'",
        ["state: the tables are the image of journal 00112233-4455-6677-8899-aabbccddeeff"],
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_change_by_hand_is_found(postgres, sale, copy, what):
    sql, expected = TAMPERINGS[what]
    postgres.run(f"SET search_path = stockade; {sql}", database=copy)
    done = check(sale[0], postgres.conninfo(copy))
    assert (done.returncode, done.stderr) == (DIFFERENT, ""), done
    said = sorted(found(done))
    assert len(said) == len(expected), done.stdout
    for text, start in zip(said, sorted(expected), strict=True):
        assert text.startswith(start), done.stdout
    assert f"violations {len(said)}" in done.stdout.splitlines()


def test_a_mark_that_was_moved_back(postgres, sale, copy):
    postgres.run("UPDATE stockade.state SET applied_seq = applied_seq - 1", database=copy)
    done = check(sale[0], postgres.conninfo(copy))
    assert done.returncode == DIFFERENT
    assert any(each.startswith("movements: a row too many") for each in found(done)), done.stdout
    assert ", 1 behind; " in summary(done)


def test_a_mark_beyond_the_journal(postgres, sale, copy):
    postgres.run("UPDATE stockade.state SET applied_seq = applied_seq + 1", database=copy)
    done = check(sale[0], postgres.conninfo(copy))
    assert done.returncode == DIFFERENT
    (said,) = found(done)
    assert said.startswith("state: the tables know more than the journal")
    assert "stockade resync" in said
    assert ", 0 behind; " in summary(done)


def test_another_journals_tables_are_not_compared(postgres, sale, copy):
    postgres.run(f"UPDATE stockade.state SET journal = '{uuid.uuid4()}'", database=copy)
    done = check(sale[0], postgres.conninfo(copy))
    assert done.returncode == DIFFERENT
    (said,) = found(done)
    assert "stockade resync" in said
    assert summary(done) == "postgres: another journal's tables; nothing compared"


def test_a_record_that_was_refused_and_all_that_lacks_it(postgres, sale, copy):
    """The record that made the order is buried: what follows is compared with the tables as they
    are without it."""
    seq = postgres.value("SELECT seq FROM stockade.orders WHERE brand = 'Zenith'", database=copy)
    postgres.run(
        f"""
        SET search_path = stockade;
        INSERT INTO dead_letters VALUES ({seq}, 1, '23514', 'no', '', now());
        DELETE FROM orders WHERE seq = {seq};
        DELETE FROM order_lines WHERE brand = 'Zenith';
        DELETE FROM movements WHERE seq = {seq};
        UPDATE reservations SET state = 'HELD', ended_seq = null, ended_at = null,
            ended_tick = null, order_id = null WHERE ended_seq = {seq};
        UPDATE stock SET held = 30, allocated = 0, version = version - 1, seq = movements.seq,
            changed_at = movements.at
        FROM movements WHERE movements.brand = 'Zenith' AND stock.brand = 'Zenith'
            AND movements.kind = 'RESERVE';
        """,
        database=copy,
    )
    done = check(sale[0], postgres.conninfo(copy))
    assert done.returncode == DIFFERENT
    (said,) = found(done)
    assert said.startswith(f'dead_letters: record {seq} was refused: SQLSTATE "23514"')


def test_many_differences_are_counted_and_a_few_told(postgres, sale, copy):
    postgres.run(
        "INSERT INTO stockade.movements SELECT seq, 1000 + n, at, kind, brand, sku, warehouse, 0, "
        "0, 0, null, 1000 + n FROM (SELECT * FROM stockade.movements ORDER BY seq LIMIT 1) AS one, "
        "generate_series(1, 25000) AS n", database=copy,
    )
    done = check(sale[0], postgres.conninfo(copy))
    assert done.returncode == DIFFERENT
    assert len(found(done)) == 20
    assert "and 24980 violations more" in done.stdout.splitlines()
    assert "violations 25000" in done.stdout.splitlines()


def test_tables_that_were_written_anew_are_right_again(postgres, sale, copy):
    postgres.run("SET search_path = stockade; DELETE FROM movements; UPDATE stock SET held = -1; "
                 "UPDATE state SET applied_seq = applied_seq + 1000", database=copy)
    conninfo = postgres.conninfo(copy)
    assert check(sale[0], conninfo).returncode == DIFFERENT
    anew = stockade_server.run("resync", f"--data={sale[0]}", f"--postgres={conninfo}", "--yes")
    assert anew.returncode == 0, anew
    done = check(sale[0], conninfo)
    assert done.returncode == FINE, done.stdout
    assert ", 0 behind; " in summary(done)


def test_it_writes_nothing(postgres, sale, copy):
    """Not even where it could: the user may read only."""
    reader = f"reader_{uuid.uuid4().hex[:8]}"
    postgres.run(f"CREATE ROLE {reader} LOGIN; GRANT stockade_reader TO {reader}", database=copy)
    done = check(sale[0], postgres.conninfo(copy, user=reader))
    assert done.returncode == FINE, done


class TestNothingToCompare:
    def test_no_tables(self, postgres, sale):
        conninfo = postgres.create_database(f"empty_{uuid.uuid4().hex[:12]}")
        done = check(sale[0], conninfo)
        assert (done.returncode, done.stdout) == (NO_TABLES, "")
        assert "stockade migrate up" in done.stderr

    def test_no_writer_yet(self, postgres, sale, copy):
        postgres.run("DELETE FROM stockade.state", database=copy)
        done = check(sale[0], postgres.conninfo(copy))
        assert (done.returncode, done.stdout) == (NO_TABLES, "")
        assert "the tables are empty" in done.stderr

    def test_tables_of_another_form(self, postgres, sale, copy):
        postgres.run("ALTER TABLE stockade.orders DROP COLUMN dealer", database=copy)
        done = check(sale[0], postgres.conninfo(copy))
        assert (done.returncode, done.stdout) == (NO_TABLES, "")
        assert "stockade migrate verify" in done.stderr

    def test_a_column_of_another_type(self, postgres, sale, copy):
        postgres.run(
            "DROP VIEW stockade.order_timeline; "
            "ALTER TABLE stockade.orders ALTER COLUMN order_id TYPE text", database=copy
        )
        postgres.run(
            "ALTER TABLE stockade.order_lines ALTER COLUMN order_id TYPE text", database=copy
        )
        done = check(sale[0], postgres.conninfo(copy))
        assert (done.returncode, done.stdout) == (NO_TABLES, "")

    def test_nobody_there(self, sale, tmp_path):
        done = check(sale[0], f"host={tmp_path} dbname=none user=nobody password=hush")
        assert (done.returncode, done.stdout) == (OUT_OF_REACH, "")
        assert "couldn't connect" in done.stderr and "hush" not in done.stderr

    def test_bad_words(self, sale):
        done = check(sale[0], "port=")
        assert done.returncode in (USAGE, OUT_OF_REACH)
        done = check(sale[0], "nonsense")
        assert (done.returncode, done.stdout) == (USAGE, "")
