# SPDX-License-Identifier: Apache-2.0
"""The wrapper of libpq against a real Postgres: values, bulk, failures, and never waiting for
longer than told."""

import subprocess
import time

import pytest
import stockade_server
from postgres_cluster import environment

PROBE = stockade_server.BINARIES / "postgres-probe"


def probe(conninfo, test, **more):
    return subprocess.Popen(
        [PROBE, conninfo, test], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env={**environment(), **more},
    )


@pytest.mark.parametrize(
    "test", ["types", "copy", "pipeline", "deadline", "interrupt", "warning"]
)
def test_a_conversation(postgres, test):
    running = probe(postgres.conninfo(), test)
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said


class TestTrouble:
    """A Postgres that goes away in the middle of a COPY."""

    @pytest.fixture
    def held(self, postgres):
        running = probe(postgres.conninfo(), "held")
        assert running.stdout.readline() == "ready\n"
        time.sleep(0.3)
        yield running
        running.kill()
        running.wait()
        running.stdout.close()

    def verdict(self, running):
        said = running.stdout.read().split()
        assert running.wait(20) == 0
        return said

    def test_it_freezes(self, postgres, held):
        postgres.freeze()
        try:
            kind, transient, seconds, *_ = self.verdict(held)
        finally:
            postgres.thaw()
        assert (kind, transient) == ("timedOut", "true")
        assert 2 <= int(seconds) <= 4, "the timeout is 3 s"

    def test_it_is_killed(self, postgres, held):
        postgres.kill()
        try:
            kind, transient, seconds, *_ = self.verdict(held)
        finally:
            postgres.start()
        assert (kind, transient) == ("lost", "true")
        assert int(seconds) <= 2

    def test_the_session_is_ended(self, postgres, held):
        postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'stockade'"
        )
        kind, transient, seconds, *_ = self.verdict(held)
        assert (kind, transient) == ("lost", "true")
        assert int(seconds) <= 2

    def test_it_stops(self, postgres, held):
        postgres.stop()
        try:
            kind, transient, *_ = self.verdict(held)
        finally:
            postgres.start()
        assert (kind, transient) == ("lost", "true")


PASSWORD = "s3 cr'et"


@pytest.fixture(scope="module")
def user(postgres):
    """A user who needs a password."""
    quoted = PASSWORD.replace("'", "''")
    postgres.run(f"CREATE ROLE writer LOGIN PASSWORD '{quoted}'")
    yield "writer"
    postgres.run("DROP ROLE writer")


class TestPasswords:
    def conninfo(self, postgres, user, password):
        quoted = password.replace("'", "\\'")
        return postgres.conninfo(user=user, password=quoted)

    def test_the_right_one(self, postgres, user):
        running = probe(self.conninfo(postgres, user, PASSWORD), "types")
        said, _ = running.communicate(timeout=30)
        assert running.returncode == 0, said

    def test_from_the_environment(self, postgres, user):
        place = f"host=127.0.0.1 port={postgres.port} dbname=postgres user={user}"
        running = probe(place, "types", PGPASSWORD=PASSWORD)
        said, _ = running.communicate(timeout=30)
        assert running.returncode == 0, said

    def test_a_wrong_one_is_not_repeated(self, postgres, user):
        running = probe(self.conninfo(postgres, user, "hunter2 wrong"), "types")
        said, _ = running.communicate(timeout=30)
        assert running.returncode == 1
        assert "unreachable" in said and "password authentication failed" in said
        assert "hunter2" not in said
