# SPDX-License-Identifier: Apache-2.0
"""Reading an account's changes from Postgres beside a server: what is found, and what is said when
it can't be read. The reader is asked by projection-bench, as the server's loops ask it."""

import contextlib
import json
import subprocess
import uuid

import pytest
from postgres_cluster import environment
from test_projection_orders import TOOL, tool, write

QUEUE_MAX = 64
KINDS = {"SET", "RESERVE", "CONFIRM", "ORDER", "CANCEL", "POLICY", "TRANSFER"}


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    data = tmp_path_factory.mktemp("movements") / "data"
    tool("write", data, 400, "--skus", 40, "--mixed", 1)
    return data


@pytest.fixture(scope="module")
def filled(postgres, journal):
    name = f"moved_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    write(postgres, name, journal, 500)
    return name


class Asking:
    """A reader that lives as long as this."""

    def __init__(self, conninfo, data, sku="sku-3", first=0, limit=1000, at_once=1):
        self.at_once = at_once
        self.process = subprocess.Popen(
            [TOOL, "movements", conninfo, data, "acme", sku, "north", str(first), str(limit),
             str(at_once)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(),
        )
        assert self.process.stdout.readline() == "ready\n"

    def begin(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def answers(self):
        return [json.loads(self.process.stdout.readline()) for _ in range(self.at_once)]

    def ask(self):
        self.begin()
        answers = self.answers()
        return answers[0] if self.at_once == 1 else answers

    def end(self):
        """What is said after the end."""
        rest, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0
        return json.loads(rest)


@contextlib.contextmanager
def asking(*arguments, **options):
    reader = Asking(*arguments, **options)
    try:
        yield reader
    finally:
        if reader.process.poll() is None:
            reader.process.kill()
        reader.process.communicate()


def reader_of(postgres, database):
    """Somebody who may read, and nothing else."""
    name = f"reader_{uuid.uuid4().hex[:8]}"
    postgres.run(f"CREATE ROLE {name} LOGIN; GRANT stockade_reader TO {name}", database=database)
    return postgres.conninfo(database, user=name)


def table(postgres, database, sku="sku-3"):
    return [
        {
            "sequence": int(row["seq"]), "kind": row["kind"],
            "changes": [int(row[f"{name}_change"])
                        for name in ("on_hand", "held", "allocated", "safety")],
            "reference": row["reference"].replace("-", ""), "at_ms": int(row["ms"]),
        }
        for row in postgres.rows(
            "SELECT *, floor(extract(epoch FROM at) * 1000)::bigint AS ms FROM stockade.movements "
            f"WHERE sku = '{sku}' AND warehouse = 'north' ORDER BY seq, line", database=database)
    ]


class TestReading:
    def test_all_of_it_in_order(self, postgres, journal, filled):
        expected = table(postgres, filled)
        assert len(expected) > 20
        with asking(reader_of(postgres, filled), journal) as reader:
            answer = reader.ask()
            assert answer["movements"] == expected
            assert answer["applied"] == int(
                postgres.value("SELECT applied_seq FROM stockade.state", database=filled))
            assert reader.ask() == answer, "on the same connection"
            assert reader.end()["fault"] == "stopped"
        kinds = {row["kind"] for number in range(40)
                 for row in table(postgres, filled, f"sku-{number}")}
        assert kinds == KINDS

    def test_page_by_page(self, postgres, journal, filled):
        expected = table(postgres, filled)
        found, first = [], 0
        while True:
            with asking(postgres.conninfo(filled), journal, first=first, limit=7) as reader:
                page = reader.ask()["movements"]
            found += page
            if len(page) < 7:
                break
            first = page[-1]["sequence"] + 1
        assert found == expected

    def test_an_account_that_is_not_there(self, postgres, journal, filled):
        with asking(postgres.conninfo(filled), journal, sku="never") as reader:
            answer = reader.ask()
        assert answer["movements"] == [] and answer["applied"] > 0

    def test_days_without_end(self, postgres, journal, filled):
        """An account's changes are looked up in each day by its key, and none is sorted."""
        plan = postgres.rows(
            "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; "
            "EXPLAIN SELECT * FROM stockade.movements WHERE account = 3 AND seq >= 5 "
            "ORDER BY seq LIMIT 10", database=filled)
        text = "\n".join(str(row) for row in plan)
        assert text.count("_pkey") >= 2, text
        assert "Sort  (" not in text and "Seq Scan" not in text, text


class TestFaults:
    def test_nobody_there(self, journal, tmp_path):
        with asking(f"host={tmp_path} dbname=x user=y password=hush", journal) as reader:
            for _ in range(2):
                answer = reader.ask()
                assert answer["fault"] == "notConnected" and "Try again" in answer["text"]
                assert "hush" not in answer["text"]

    def test_another_journals_tables(self, postgres, journal, filled, tmp_path):
        tool("write", tmp_path / "data", 1, "--skus", 40)
        with asking(postgres.conninfo(filled), tmp_path / "data") as reader:
            answer = reader.ask()
        assert answer["fault"] == "notConnected" and "aren't this server's" in answer["text"]

    def test_no_tables(self, postgres, journal):
        name = f"bare_{uuid.uuid4().hex[:12]}"
        postgres.create_database(name)
        with asking(postgres.conninfo(name), journal) as reader:
            answer = reader.ask()
        assert answer["fault"] == "refused" and "42P01" in answer["text"]

    def test_postgres_takes_too_long(self, postgres, journal, filled):
        """A lock that nobody gives back; then what waits is told, each within its time, and more
        than may wait is told at once."""
        with asking(postgres.conninfo(filled), journal, at_once=QUEUE_MAX + 20) as reader:
            assert any("movements" in answer for answer in reader.ask()), "it is connected"
            locker = subprocess.Popen(
                ["psql", "-qAtX", postgres.conninfo(filled)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, env=environment())
            try:
                locker.stdin.write("BEGIN; LOCK TABLE stockade.stock; SELECT 1;\n")
                locker.stdin.flush()
                assert locker.stdout.readline() == "1\n"
                faults = [answer["fault"] for answer in reader.ask()]
            finally:
                locker.kill()
                locker.communicate()
            full = faults.count("queueFull")
            # One may be under way besides those that wait.
            assert full in (19, 20) and faults.count("timedOut") == len(faults) - full, faults

    def test_the_connection_is_made_anew(self, postgres, journal, filled):
        with asking(postgres.conninfo(filled), journal) as reader:
            before = reader.ask()
            postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                         f"'{filled}' AND pid <> pg_backend_pid()")
            assert reader.ask() == before
