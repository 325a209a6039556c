# SPDX-License-Identifier: Apache-2.0
"""`stampede run` with a Postgres behind the server: its own, which it kills and stops, and others'."""

import contextlib
import json
import shlex
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest
from postgres_cluster import PostgresCluster, PostgresFailure, as_owner, free_port
from shop import eventually
from stampede_process import CHECKS, SALE, STEADY

COULD_NOT_RUN, USAGE, WRONG, UNSAFE = 1, 2, 4, 8

# Postgres stands still while dealers buy, and then falls over together with the server.
BREAKS = (
    "--set=load.stages.1.hold.for=3s",
    "--set=faults=[{ at: sale+100ms, do: stop_postgres, for: 500ms },"
    " { at: sale+900ms, do: kill_postgres, restart: 300ms },"
    " { at: sale+1s, do: kill, restart: 100ms }]",
)

EXPECTED = {*CHECKS, "postgres"}


@pytest.fixture
def cluster():
    """One that doesn't run: stampede starts it, and must have ended it."""
    made = PostgresCluster()
    yield made
    left = processes(made)
    made.remove()
    assert not left, f"Postgres was left running: {left}"


def processes(cluster):
    """Who runs on a cluster's directory."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(cluster.data) in line.read_text(errors="replace").split("\0"):
                found.append(line.parent.name)
    return found


def own(cluster, *wrapper):
    """The words that make a cluster the run's own."""
    command = shlex.join(map(str, [*wrapper, *as_owner(*cluster.words)]))
    return "--postgres", cluster.conninfo(), "--postgres-command", command


@pytest.fixture
def database(postgres):
    """A database of the test's own in a cluster that isn't stampede's."""
    name = f"sale-{uuid.uuid4().hex[:12]}"
    return name, postgres.create_database(name)


def server(stampede):
    return stampede.server("--postgres {postgres}")


class TestOwn:
    @pytest.mark.parametrize(
        "wrapper", [(), ("sh", "-c", '"$@"; exit $?', "sh")], ids=["direct", "wrapped"]
    )
    def test_is_broken_and_has_everything_in_the_end(self, stampede, cluster, wrapper):
        ended = stampede.run(
            SALE, *server(stampede), *own(cluster, *wrapper), *BREAKS, repeats=0
        ).must_pass()
        assert ended.checks("passed") == EXPECTED, ended
        kinds = [each["kind"] for each in ended.summary["events"]]
        for kind in ("postgres-stop", "postgres-continue", "postgres-kill", "postgres-restart",
                     "kill", "restart"):
            assert kinds.count(kind) == 1, kinds
        assert ended.summary["all_calls"]["failed"] == 0
        figures = ended.summary["postgres"]
        assert figures["behind"] == 0 and figures["own"]
        assert figures["compared_up_to_record"] == figures["last_record"] > 1_000
        assert "rows compared" in ended.check("postgres")["extent"]
        page = (ended.folder / "report.html").read_text(encoding="utf-8")
        assert "Postgres behind the journal" in page and "kill -9 of all of Postgres" in page
        # And it can be started again and asked.
        dump = [json.loads(line) for line in (ended.folder / "dump.jsonl").open(encoding="ascii")]
        orders = [each for each in dump if each["kind"] == "order"]
        cluster.start()
        assert int(cluster.value("SELECT count(*) FROM stockade.orders")) == len(orders) > 100
        cluster.stop()

    def test_ends_with_an_interrupted_run(self, stampede, cluster):
        running = stampede.begin(
            STEADY, *server(stampede), *own(cluster), "--set=load.stages.1.hold.for=60s"
        )
        running.wait_for_second(1)
        running.signal(signal.SIGTERM)
        running.wait(60).must_be(143)
        assert processes(cluster) == []

    def test_ends_with_a_run_that_is_ended_at_once(self, stampede, cluster):
        """While it is stopped."""
        running = stampede.begin(
            STEADY, *server(stampede), *own(cluster), "--set=load.stages.1.hold.for=60s",
            "--set=faults=[{ at: 1s, do: stop, for: 50s }, { at: 1s, do: stop_postgres, for: 50s }]",
            "--set=calls.timeout=50s", "--set=calls.attempts=1",
        )
        running.wait_for_second(2)
        running.signal(signal.SIGINT)
        time.sleep(0.3)
        assert running.process.poll() is None, "it waits for what is in flight"
        running.signal(signal.SIGINT)
        assert running.wait(30).code == 130
        eventually(lambda: not processes(cluster), seconds=30)

    def test_that_ends_by_itself_is_told(self, stampede, cluster):
        """The sale goes on, and is judged; but nobody can say what Postgres has."""
        running = stampede.begin(
            STEADY, *server(stampede), *own(cluster), "--set=load.stages.1.hold.for=4s"
        )
        running.wait_for_second(1)
        pid = (cluster.data / "postmaster.pid").read_text(encoding="ascii").split()[0]
        subprocess.run(["kill", "-INT", pid], check=True)
        ended = running.wait(90).must_be(COULD_NOT_RUN)
        assert ended.events("postgres-end")
        assert ended.summary["all_calls"]["failed"] == 0
        assert "postgres" in ended.checks("not_checked")
        assert ended.checks("passed") >= set(CHECKS) - {"undersold"}, ended
        assert "Postgres can't be held against the journal" in ended.summary["reasons"][0]

    @pytest.mark.parametrize(
        "command, words",
        [
            ("false -D /nowhere", "Postgres ended with 1 before it took connections"),
            ("/nowhere/postgres -D /nowhere", "can't start /nowhere/postgres"),
        ],
    )
    def test_that_does_not_start(self, stampede, command, words):
        ended = stampede.run(
            SALE, *server(stampede), "--postgres", "host=/nowhere", "--postgres-command", command
        )
        assert ended.code == COULD_NOT_RUN and words in ended.stderr, ended
        assert ended.left_out == []


class TestOthers:
    def test_passes(self, stampede, database, postgres):
        name, conninfo = database
        ended = stampede.run(
            SALE, *stampede.server("--postgres", shlex.quote(conninfo)), repeats=0
        ).must_pass()
        assert ended.checks("passed") == EXPECTED, ended
        assert not ended.summary["postgres"]["own"]
        assert postgres.value("SELECT count(*) FROM stockade.dead_letters", database=name) == "0"

    def test_row_that_somebody_changed(self, stampede, database, postgres):
        name, conninfo = database
        running = stampede.begin(SALE, *server(stampede), "--postgres", conninfo)
        running.wait_for_second(1)

        def changed():
            try:
                return postgres.run(
                    "UPDATE stockade.orders SET dealer = 'somebody-else' WHERE order_id = "
                    "(SELECT order_id FROM stockade.orders ORDER BY seq LIMIT 1) RETURNING seq",
                    database=name,
                ).split()[1:]
            except PostgresFailure:
                return None

        eventually(changed, seconds=30)
        ended = running.wait().must_be(WRONG)
        assert ended.checks("failed") == {"postgres"}, ended
        assert ended.checks("passed") == set(CHECKS), ended
        check = ended.check("postgres")
        assert check["count"] == 1 and "somebody-else" in check["counterexamples"][0], check
        assert "postgres: 1 broken" in ended.summary["reasons"]
        assert ended.stdout.startswith("FAIL")

    def test_tables_that_come_late(self, stampede, database, postgres):
        """Nobody can write until the server is started again for that."""
        name, conninfo = database
        running = stampede.begin(STEADY, *server(stampede), "--postgres", conninfo)
        with Lock(postgres, name) as lock:
            served = eventually(lambda: starts(running) == 2, seconds=60)
            assert served
            lock.let_go()
            ended = running.wait().must_pass()
        figures = ended.summary["postgres"]
        assert figures["behind_when_server_ended"] > 100 and figures["behind"] == 0, figures
        assert "postgres" in ended.checks("passed")
        finding = find(ended, "Postgres behind")
        assert finding["verdict"] == "VALID" and "started again" in finding["text"]

    def test_tables_that_stay_behind(self, stampede, database, postgres):
        """No promise is broken, and what was compared is equal; the rest isn't known."""
        name, conninfo = database
        running = stampede.begin(STEADY, *server(stampede), "--postgres", conninfo)
        with Lock(postgres, name):
            ended = running.wait().must_pass()
        figures = ended.summary["postgres"]
        assert figures["behind"] > 100, figures
        assert "postgres" in ended.checks("passed")
        assert find(ended, "Postgres behind")["verdict"] == "DEGRADED"
        assert "the rest wasn't compared" in ended.stdout

    def test_out_of_reach(self, stampede):
        conninfo = f"host=127.0.0.1 port={free_port()} dbname=postgres user=postgres"
        ended = stampede.run(STEADY, *server(stampede), "--postgres", conninfo)
        ended.must_be(COULD_NOT_RUN)
        assert "postgres" in ended.checks("not_checked")
        assert ended.checks("passed") >= set(CHECKS) - {"undersold"}, ended
        assert ended.summary["journal_checked"] and ended.summary["postgres"] is None


class TestScenario:
    FAULT = "--set=faults=[{ at: sale+500ms, do: kill_postgres, restart: 100ms%s }]"

    def test_fault_without_a_postgres(self, stampede):
        ended = stampede.run(SALE, *stampede.server(), self.FAULT % "")
        assert ended.code == USAGE, ended
        assert "the scenario has kill_postgres, and there is no Postgres" in ended.stderr
        assert ended.left_out == []

    def test_fault_of_somebody_elses_postgres(self, stampede, database):
        words = (*server(stampede), "--postgres", database[1])
        ended = stampede.run(SALE, *words, self.FAULT % "")
        assert ended.code == UNSAFE, ended
        assert "done only to a Postgres that stampede itself started" in ended.stderr

    def test_optional_fault_is_left_out_and_that_is_said(self, stampede):
        ended = stampede.run(STEADY, *stampede.server(), self.FAULT % ", optional: true")
        ended.must_pass()
        words = "kill_postgres at 1s is left out: there is no Postgres"
        assert words in ended.stderr
        assert words in ended.check("postgres")["why_not_checked"]
        assert words in find(ended, "faults")["text"]
        assert words in (ended.folder / "report.html").read_text(encoding="utf-8")
        assert len(ended.summary["faults_left_out"]) == 1
        assert "kill_postgres" not in (ended.folder / "scenario.lock.yaml").read_text()


class Lock:
    """Somebody who keeps everybody from writing to the orders, once they are there."""

    def __init__(self, cluster, name):
        self.cluster = cluster
        self.name = name

    def __enter__(self):
        eventually(self.is_there, seconds=30)
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-t", "-A", self.cluster.conninfo(self.name)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.process.stdin.write(
            "BEGIN; LOCK TABLE stockade.orders, stockade.reservations IN EXCLUSIVE MODE; SELECT 7;\n"
        )
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "7\n"
        return self

    def is_there(self):
        try:
            return self.cluster.value("SELECT count(*) FROM stockade.state", database=self.name)
        except PostgresFailure:
            return None

    def let_go(self):
        if self.process.poll() is None:
            self.process.communicate("ROLLBACK;\n", timeout=30)

    def __exit__(self, *_):
        self.let_go()


def starts(running):
    """How often the run's server has been ready."""
    files = list(running.out.glob("*/server.out"))
    return files[0].read_text(encoding="ascii").count("ready ") if files else 0


def find(ended, name):
    """A finding of the validity."""
    return next(
        each for each in ended.summary["validity"]["findings"] if each["name"] == name
    )
