# SPDX-License-Identifier: Apache-2.0
"""A Postgres to be measured: a throwaway cluster on one core, what it took of a processor, fresh
databases, and a bare COPY of the rows that a database has."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import ROOT, STOCKADE, Void

sys.path.insert(0, str(ROOT / "Tests/Conformance"))
from postgres_cluster import PostgresCluster, environment

# On a disk, and where the user postgres gets to.
PLACE = "/var/tmp"

# What an installation would have; durability is as shipped. Checkpoints that happen by chance in
# one run and not in the next are kept away, and one is made before each. Segments of Postgres's own
# journal are used again, as those of a server that has run for long.
SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "min_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "wal_compression": "off",
    "autovacuum_naptime": "1min",
}
NAMED = (
    "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", *SETTINGS
)

# What a bare COPY has to write, in the order in which the writer came upon it.
TABLES = {
    "codes": "SELECT * FROM stockade.codes ORDER BY number",
    "stock": "SELECT * FROM stockade.stock ORDER BY account",
    "outcomes": "SELECT * FROM stockade.outcomes ORDER BY seq",
    "reservations": "SELECT * FROM stockade.reservations ORDER BY granted_seq",
    "reservation_lines":
        "SELECT * FROM stockade.reservation_lines ORDER BY granted_seq, line_number",
    "movements": "SELECT * FROM stockade.movements ORDER BY seq, line",
    "orders": "SELECT * FROM stockade.orders ORDER BY seq",
    "order_lines":
        "SELECT l.* FROM stockade.order_lines l JOIN stockade.orders o USING (brand, order_id, seq)"
        " ORDER BY o.seq, l.line_number",
}

# Rows that sales make; the others are there once.
ORDER_TABLES = ("reservations", "reservation_lines", "movements", "orders", "order_lines")

# Until the postmaster has waited for a child that ended.
REAP_SECONDS = 0.1
TICKS = os.sysconf("SC_CLK_TCK")
COPY_SECONDS_MAX = 600


class MeasuredPostgres(PostgresCluster):
    """A cluster whose processes stay on one core."""

    def __init__(self, core):
        super().__init__(parent=PLACE, **SETTINGS)
        self.core = core
        self.databases = 0

    def start(self):
        super().start()
        self.pin()
        return self

    def pin(self):
        """Those that it starts later inherit it."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(pid, {self.core})

    def give_way(self, nice):
        """Lets others go first on its core."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, pid, nice)

    def cpu_seconds(self):
        """Of all its processes since the start, with those that have ended. A client that has just
        left has left its process behind for a moment."""
        time.sleep(REAP_SECONDS)
        total = 0
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = status.read_text().rpartition(")")[2].split()
                if int(status.parent.name) == self.process.pid:
                    # With its children that were waited for.
                    total += sum(map(int, fields[11:15]))
                elif int(fields[1]) == self.process.pid:
                    total += sum(map(int, fields[11:13]))
        return total / TICKS

    def named_settings(self):
        return {name: self.value(f"SHOW {name}") for name in NAMED}

    def fresh_database(self, template=None):
        """Its name: empty, or a copy; what is dirty so far is on disk."""
        self.databases += 1
        name = f"bench{self.databases}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def migrated_database(self):
        """One with the tables and nothing in them."""
        name = self.fresh_database()
        done = subprocess.run(
            [STOCKADE, "migrate", "up", "--postgres", self.conninfo(name)],
            capture_output=True, text=True, env=environment(), check=False,
        )
        if done.returncode:
            raise SystemExit(f"stockade migrate up failed:\n{done.stderr}{done.stdout}")
        return name

    def drop(self, database):
        self.run(f"DROP DATABASE {database} WITH (FORCE)")

    def settle(self):
        """Nothing that an earlier run has left is written during the next."""
        self.run("CHECKPOINT", seconds=120)

    def row_counts(self, database):
        return {
            table: int(self.value(f"SELECT count(*) FROM stockade.{table}", database=database))
            for table in TABLES
        }

    def dump(self, database, folder):
        """The rows of every table as COPY has them, in files; gives a template for `copy`."""
        for table, query in TABLES.items():
            self.run(
                f"\\copy ({query}) TO '{folder / table}' (FORMAT binary)",
                database=database, seconds=COPY_SECONDS_MAX,
            )
        template = self.fresh_database(template=database)
        # With the partitions that the rows need.
        names = ", ".join(f"stockade.{table}" for table in TABLES)
        self.run(f"TRUNCATE {names}", database=template)
        return template

    def copy(self, template, folder, client_core):
        """A bare COPY of the dumped rows, one transaction, over one connection: its seconds, and
        Postgres's seconds of a processor."""
        database = self.fresh_database(template=template)
        commands = "".join(
            f"\\copy stockade.{table} FROM '{folder / table}' (FORMAT binary)\n"
            for table in TABLES
        )
        self.settle()
        cpu, begin = self.cpu_seconds(), time.perf_counter()
        done = subprocess.run(
            ["taskset", "-c", str(client_core), "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1",
             self.conninfo(database)],
            input=commands, capture_output=True, text=True, env=environment(),
            timeout=COPY_SECONDS_MAX, check=False,
        )
        seconds = time.perf_counter() - begin
        cpu = self.cpu_seconds() - cpu
        self.drop(database)
        if done.returncode:
            raise Void(f"COPY: {done.stderr}")
        return {"seconds": seconds, "postgres_cpu_seconds": cpu}
