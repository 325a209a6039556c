# SPDX-License-Identifier: Apache-2.0
"""A Postgres of its own in a temporary directory: made, started, stopped, killed, frozen.

Postgres refuses to run as root; then its programs run as the user `postgres`, which Debian's
package brings. Nothing else on the machine is touched: a port that was free, a socket in the
directory, and the directory goes with the object. It ends when the test run does, however that
ends.
"""

import contextlib
import csv
import io
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# After a kill it has to redo what it did, perhaps beside a busy server.
START_SECONDS = 120
STOP_SECONDS = 30

# What is slow and doesn't matter to a test is off. What a test may rely on is on: fsync, and with
# it that what was committed outlives a kill.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "max_connections": "20",
    "autovacuum_naptime": "10s",
    "listen_addresses": "'127.0.0.1'",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "logging_collector": "off",
    "TimeZone": "UTC",
}

# For a cluster that is killed often: it syncs the file system, not thousands of files one by one.
QUICK_RECOVERY = {"recovery_init_sync_method": "syncfs"}

# Every postmaster that this run started, by process id.
started = []


def programs():
    """Where initdb and postgres are; Debian keeps them off the PATH."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    assert versions, "needs Postgres: apt-get install postgresql"
    return versions[-1].parent


def as_owner(*command):
    """The command, as somebody whom Postgres's programs accept."""
    if os.geteuid() != 0:
        return [*map(str, command)]
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *map(str, command)]


def environment():
    """Ours without what libpq would take from it."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PG")},
        "LC_ALL": "C.UTF-8",
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresFailure(Exception):
    """psql said no; the text is what it said."""


class PostgresCluster:
    """One cluster. Users come in without a password over the socket, and with one over TCP.

    `settings` come on top of the usual ones; `parent` is where the directory is made, which the
    user postgres must be able to reach.
    """

    def __init__(self, parent=None, **settings):
        self.directory = Path(tempfile.mkdtemp(prefix="stockade-pg-", dir=parent))
        self.data = self.directory / "data"
        self.port = free_port()
        self.settings = {**SETTINGS, "unix_socket_directories": f"'{self.directory}'", **settings}
        self.process = None
        self.log_file = self.directory / "log"
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        made = subprocess.run(
            as_owner(
                programs() / "initdb", "--pgdata", self.data, "--username=postgres",
                "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-instructions",
            ),
            capture_output=True, text=True, env=environment(), cwd="/", check=False,
        )
        assert made.returncode == 0, made.stderr

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()

    def start(self):
        """Starts it and waits until it takes queries."""
        self.begin()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready:
            assert self.process.poll() is None, f"postgres ended:\n{self.log()}"
            assert time.monotonic() < deadline, f"postgres isn't ready:\n{self.log()}"
            time.sleep(0.05)
        return self

    def begin(self):
        """Starts it and doesn't wait."""
        guard = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                as_owner(*guard, *self.words),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), cwd="/",
            )
        started.append(self.process.pid)

    @property
    def words(self):
        """What starts it, in the foreground; `as_owner` of it."""
        settings = [f"--{name}={value.strip(chr(39))}" for name, value in self.settings.items()]
        return [programs() / "postgres", "-D", self.data, "-p", self.port, *settings]

    @property
    def is_ready(self):
        try:
            return self.value("SELECT 1", seconds=5) == "1"
        except (PostgresFailure, subprocess.TimeoutExpired):
            return False

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def conninfo(self, database="postgres", user="postgres", password=None):
        """libpq's words for a connection: over the socket, or with a password over TCP."""
        if password is None:
            return f"host={self.directory} port={self.port} dbname={database} user={user}"
        return (
            f"host=127.0.0.1 port={self.port} dbname={database} user={user} "
            f"password='{password}'"
        )

    def run(self, sql, database="postgres", user="postgres", seconds=60):
        """Runs SQL to its end and gives what psql printed, as lines of CSV with their header."""
        done = subprocess.run(
            ["psql", "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose",
             self.conninfo(database, user)],
            input=sql, capture_output=True, text=True, env=environment(), timeout=seconds,
            check=False,
        )
        if done.returncode != 0:
            raise PostgresFailure(done.stderr)
        return done.stdout

    def rows(self, sql, **place):
        """A query's rows as dictionaries of texts; null is empty."""
        return list(csv.DictReader(io.StringIO(self.run(sql, **place))))

    def value(self, sql, **place):
        """The one value that a query gives."""
        (row,) = self.rows(sql, **place)
        (value,) = row.values()
        return value

    def create_database(self, name):
        """A new database; gives its connection string."""
        self.run(f'CREATE DATABASE "{name}"')
        return self.conninfo(name)

    def stop(self, how=signal.SIGINT):
        """Ends it: SIGINT at once and clean, SIGTERM when all clients are gone."""
        if not self.is_alive:
            return
        self.thaw()
        self.process.send_signal(how)
        self.process.wait(STOP_SECONDS)

    def kill(self):
        """kill -9 of all of it, as when the machine fails but the disk doesn't."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        # The next start finds the old one's memory, and refuses while somebody is attached to it.
        deadline = time.monotonic() + 5
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.02)

    def freeze(self):
        """SIGSTOP to all of it: connections stay, and nothing answers."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        """SIGCONT to all of it."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def processes(self):
        """The postmaster, and its children."""
        found = [self.process.pid] if self.is_alive else []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = status.read_text().rpartition(")")[2].split()
                if int(fields[1]) == self.process.pid and fields[0] != "Z":
                    found.append(int(status.parent.name))
        return found

    def remove(self):
        """Ends it and takes its directory away."""
        if self.is_alive:
            self.thaw()
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
