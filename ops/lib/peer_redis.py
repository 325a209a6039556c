# SPDX-License-Identifier: Apache-2.0
"""Redis as a peer: Debian's server on one core, a script that is the least of Reserve, driven by
redis-benchmark, and looked at afterwards as Stockade is: what was taken, what was noted and what
was called must be one number."""

import csv
import re
import socket
import subprocess
import time

import bench
from bench import DataDirectory, ROOT, Server, UNIFORM_SKUS, Void

SCRIPT = ROOT / "loadtest/peers/redis/reserve.lua"

# No snapshots. The file of commands isn't rewritten, so that no run has one by chance.
ALWAYS = ("--save", "", "--auto-aof-rewrite-percentage", 0, "--loglevel", "warning")
PERSISTENCE = {
    "none": ("--appendonly", "no"),
    "always": ("--appendonly", "yes", "--appendfsync", "always"),
}

STOCK = 1_000_000_000
NOTE_SECONDS = 900
# redis-benchmark fills each with twelve digits of a number below UNIFORM_SKUS. Three of them make
# an id of a UUID's length, out of 10^15.
DIGITS = "__rand_int__"
ID = "r:" + 3 * DIGITS
# Before the run; the rate that it shows says how many calls the measured time takes.
WARM_UP_CALLS = 50_000
COMMAND_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer(Server):
    """A server with a directory of its own; `address` is its port."""

    def __init__(self, persistence, folder, core):
        self._port = free_port()
        super().__init__(
            ["redis-server", "--bind", "127.0.0.1", "--port", self._port, "--dir", folder,
             *ALWAYS, *PERSISTENCE[persistence]],
            core,
        )

    def _ready(self):
        deadline = time.monotonic() + bench.READY_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if self._asked("PING").stdout == "PONG\n":
                return self._port
            time.sleep(0.02)
        raise SystemExit(f"redis-server did not come up on port {self._port}")

    def _asked(self, *words, text=None):
        return subprocess.run(
            ["redis-cli", "-p", str(self._port), *map(str, words)],
            input=text, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
            **({} if text else {"stdin": subprocess.DEVNULL}),
        )

    def ask(self, *words, text=None):
        """What redis-cli answers; with `text`, that is the last word."""
        done = self._asked(*(("-x",) if text else ()), "-e", *words, text=text)
        if done.returncode:
            raise SystemExit(f"redis-cli {words[0]}: {done.stderr or done.stdout}")
        return done.stdout.strip()


def set_up(server, skus):
    """Stock for every SKU; gives the script's name."""
    server.ask(
        "EVAL",
        "for number = 0, ARGV[1] - 1 do"
        " redis.call('SET', string.format('s:%012d', number), ARGV[2]) end",
        0, skus, STOCK,
    )
    return server.ask("SCRIPT", "LOAD", text=SCRIPT.read_text(encoding="utf-8"))


def drive(server, script, shape, skus, calls, core):
    """One run of redis-benchmark; its figures. A pipeline is sent as one, and the driver's clock
    stops at the first answer of it, so there is a latency only without pipelines."""
    connections, depth = shape
    sku = "s:" + (DIGITS if skus > 1 else "0" * len(DIGITS))
    done = subprocess.run(
        list(map(str, [
            "taskset", "-c", core, "redis-benchmark", "-p", server.address, "-c", connections,
            "-P", depth, "-n", calls, "-r", UNIFORM_SKUS, "--csv",
            "EVALSHA", script, 2, sku, ID, 1, NOTE_SECONDS,
        ])),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )
    try:
        return figures_of(done.stdout, depth)
    except (IndexError, KeyError, ValueError):
        raise SystemExit(
            f"redis-benchmark ended with {done.returncode}: {done.stderr}{done.stdout}"
        )


def figures_of(text, depth):
    """What the driver's two lines of CSV say."""
    row = list(csv.DictReader(text.splitlines()))[0]
    figures = {"calls_per_second": float(row["rps"]), "p50_us": None, "p99_us": None}
    if depth == 1:
        figures["p50_us"] = round(1_000 * float(row["p50_latency_ms"]))
        figures["p99_us"] = round(1_000 * float(row["p99_latency_ms"]))
    return figures


def judge(server, skus):
    """Raises Void unless every call took one unit and left one note."""
    left = int(server.ask(
        "EVAL",
        "local sum = 0 for number = 0, ARGV[1] - 1 do"
        " sum = sum + redis.call('GET', string.format('s:%012d', number)) end"
        " return string.format('%d', sum)",
        0, skus,
    ))
    found = {
        "taken": skus * STOCK - left,
        "noted": int(server.ask("DBSIZE")) - skus,
        **calls_of(server.ask("INFO", "everything")),
    }
    if not found["called"] == found["taken"] == found["noted"] or found["failed"]:
        raise Void(f"Redis: {found}")


def calls_of(info):
    """How often the script was called, and how many commands failed, by INFO."""
    called = re.search(r"^cmdstat_evalsha:calls=(\d+)", info, re.MULTILINE)
    failed = re.search(r"^total_error_replies:(\d+)", info, re.MULTILINE)
    return {"called": int(called[1]), "failed": int(failed[1])}


def run(persistence, is_hot, shape, options):
    """A warm-up and a run on a fresh server; the figures. Raises Void."""
    skus = 1 if is_hot else UNIFORM_SKUS
    with DataDirectory() as folder, RedisServer(persistence, folder, options.server_core) as server:
        script = set_up(server, skus)
        warm = drive(server, script, shape, skus, WARM_UP_CALLS, options.load_core)
        calls = max(1, round(options.seconds * warm["calls_per_second"]))
        figures = drive(server, script, shape, skus, calls, options.load_core)
        judge(server, skus)
        return figures
