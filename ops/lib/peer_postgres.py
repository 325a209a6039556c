# SPDX-License-Identifier: Apache-2.0
"""Postgres as a peer: a throwaway cluster on one core, fsync and synchronous_commit on; a
transaction that takes units where there are enough and inserts the reservation, driven by pgbench
over a socket, prepared. One statement does both, so that a hot row is locked for no round trip.
Afterwards what was taken, what is there and what pgbench counted must be one number."""

import re
import subprocess
import tempfile
from pathlib import Path

from bench import UNIFORM_SKUS, Void
from measured_postgres import MeasuredPostgres
from postgres_cluster import environment, programs

CLIENTS = 16
WARM_UP_SECONDS = 1
STOCK = 1_000_000_000

# Half of each page is left for new versions of its rows, as one would for rows that change often.
SCHEMA = """
CREATE TABLE stock (sku int PRIMARY KEY, available bigint NOT NULL CHECK (available >= 0))
    WITH (fillfactor = 50);
CREATE TABLE reservations (
    id bigint PRIMARY KEY, sku int NOT NULL, quantity int NOT NULL, deadline timestamptz NOT NULL);
INSERT INTO stock SELECT sku, {stock} FROM generate_series(1, {skus}) AS sku;
VACUUM ANALYZE stock;
CHECKPOINT;
"""

# A second INSERT of an id fails and takes nothing.
TRANSACTION = """
\\set id random(1, 9223372036854775807)
\\set sku random(1, :skus)
WITH taken AS (
    UPDATE stock SET available = available - 1 WHERE sku = :sku AND available >= 1 RETURNING sku
) INSERT INTO reservations
SELECT :id, sku, 1, now() + interval '15 minutes' FROM taken;
"""


def drive(cluster, folder, skus, seconds, core):
    """One run of pgbench; its figures, and how many transactions it counted."""
    script = folder / "reserve.sql"
    script.write_text(TRANSACTION, encoding="utf-8")
    done = subprocess.run(
        list(map(str, [
            "taskset", "-c", core, programs() / "pgbench", "-n", "-M", "prepared",
            "-c", CLIENTS, "-j", 1, "-T", seconds, "-D", f"skus={skus}", "-f", script,
            "--log", f"--log-prefix={folder}/log", cluster.conninfo(),
        ])),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(),
        timeout=seconds + 120, check=False,
    )
    try:
        rate, transactions = rate_of(done.stdout)
    except (TypeError, ValueError):
        raise SystemExit(f"pgbench ended with {done.returncode}: {done.stderr}{done.stdout}")
    logs = sorted(folder.glob("log.*"))
    times = [time for log in logs for time in times_of(log.read_text(encoding="ascii"))]
    for log in logs:
        log.unlink()
    if done.returncode or not times:
        raise Void(f"Postgres: {done.stderr}")
    return {"calls_per_second": rate, **quantiles(times)}, transactions


def rate_of(text):
    """Transactions per second and in all, of pgbench's report."""
    rate = re.search(r"^tps = (\S+) \(without initial connection time\)", text, re.MULTILINE)
    count = re.search(r"^number of transactions actually processed: (\d+)", text, re.MULTILINE)
    return float(rate[1]), int(count[1])


def times_of(log):
    """Microseconds of each transaction, of a log of pgbench's."""
    return [int(line.split()[2]) for line in log.splitlines()]


def quantiles(times):
    times = sorted(times)
    return {
        name: times[min(len(times) - 1, int(len(times) * part))]
        for name, part in (("p50_us", 0.50), ("p99_us", 0.99))
    }


def judge(cluster, skus, transactions):
    """Raises Void unless every transaction took a unit and left a row."""
    found = {
        "taken": skus * STOCK - int(cluster.value("SELECT sum(available) FROM stock")),
        "rows": int(cluster.value("SELECT count(*) FROM reservations")),
        "transactions": transactions,
    }
    if len(set(found.values())) != 1:
        raise Void(f"Postgres: {found}")


def run(is_hot, options):
    """A warm-up and a run on a fresh cluster; the figures. Raises Void."""
    skus = 1 if is_hot else UNIFORM_SKUS
    cluster = MeasuredPostgres(options.server_core)
    try:
        cluster.start()
        cluster.run(SCHEMA.format(stock=STOCK, skus=skus), seconds=120)
        with tempfile.TemporaryDirectory() as name:
            runs = [
                drive(cluster, Path(name), skus, seconds, options.load_core)
                for seconds in (WARM_UP_SECONDS, options.seconds)
            ]
        judge(cluster, skus, sum(transactions for _, transactions in runs))
        return {**runs[-1][0], "settings": cluster.named_settings()}
    finally:
        cluster.remove()
