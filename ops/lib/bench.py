# SPDX-License-Identifier: Apache-2.0
"""Compares Reserve in memory mode with the ceiling: a C server on libnghttp2 that parses nothing
and answers a constant.

Machines move by tens of percent, so only ratios from one pair count. Each pair runs every side
once, each on a server of its own, the sides in turns; the server is pinned to one core, the load
to another. Reported is the median of the pairwise ratios with its bootstrap 95 % interval. A run
with a refusal, a replay or a failure is void, and its pair with it.
"""

import argparse
import ctypes
import datetime
import json
import os
import platform
import random
import selectors
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOCKADE = ROOT / ".build/release/stockade"
STAMPEDE = ROOT / ".build/release/stampede"
CEILING = ROOT / ".build/peers/ceiling"
REPORTS = ROOT / ".build/bench"

SCHEMA_VERSION = 1
PAIRS_MIN = 7
UNIFORM_SKUS = 100_000

# (connections, streams on each)
SHAPES = ((8, 64), (64, 1))

# No run may meet the end of a table: the fastest one so far reserves 500,000 a second.
RESERVATIONS_PER_SECOND_MAX = 1_000_000

# What the project asks of itself.
GOALS = {"uniform/ceiling": 0.55, "hot/ceiling": None, "hot/uniform": 0.85}

# An interval wider than this, relative to the median, measures nothing.
INTERVAL_WIDTH_MAX = 0.10

READY_SECONDS = 60
STOP_SECONDS = 60
PR_SET_PDEATHSIG = 1


class Void(Exception):
    """A run that says nothing about speed."""


def dies_with_us():
    """In the child, before it becomes the server: it ends when this program ends, however."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """A fresh server on one core, ended by its process id."""

    def __init__(self, command, core):
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=dies_with_us,
        )
        self.address = None

    def __enter__(self):
        try:
            self.address = self._ready()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _ready(self):
        received = b""
        deadline = time.monotonic() + READY_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    break
                chunk = os.read(self.process.stdout.fileno(), 4_096)
                if not chunk:
                    break
                received += chunk
        word, _, address = received.decode().strip().partition(" ")
        if word != "ready":
            raise SystemExit(f"{self.process.args} did not come up: it said {received!r}")
        return address

    def _end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def server_command(side, seconds):
    if side == "ceiling":
        return [CEILING, "0"]
    # A hold takes two ids, its own and its order's. As the tables are touched at start, they are
    # made no larger than the run can need.
    holds = int(seconds + 1) * RESERVATIONS_PER_SECOND_MAX
    return [
        STOCKADE,
        "serve",
        "--mode=memory",
        "--listen=127.0.0.1:0",
        "--loops=1",
        f"--holds-max={holds}",
        f"--ids-max={2 * holds + 2 * UNIFORM_SKUS}",
        f"--accounts-max={2 * UNIFORM_SKUS}",
        f"--codes-max={3 * UNIFORM_SKUS}",
    ]


def run(side, shape, options):
    """One run on a fresh server; stampede's figures. Raises Void."""
    connections, streams = shape
    skus = 1 if side == "hot" else UNIFORM_SKUS
    with Server(server_command(side, options.seconds), options.server_core) as server:
        command = ["taskset", "-c", str(options.load_core), STAMPEDE, "bench"]
        command += ["--target", server.address]
        command += ["--connections", connections, "--streams", streams]
        command += ["--seconds", options.seconds, "--skus", skus, "--json"]
        if side == "ceiling":
            command += ["--no-setup"]
        else:
            command += ["--stock", 1_000_000_000]
        ended = subprocess.run(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=options.seconds + 120,
            check=False,
        )
    try:
        figures = json.loads(ended.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"stampede ended with {ended.returncode}: {ended.stderr or ended.stdout}")
    spoiled = {
        key: figures[key]
        for key in ("refused", "replayed", "failed", "unanswered")
        if figures[key]
    }
    if spoiled or not figures["correct"]:
        raise Void(f"{side}: {spoiled or 'the stock does not add up'}")
    return figures


def measure(shape, options):
    """All pairs of one shape: a list of {side: figures}, and what was void."""
    pairs, void = [], []
    sides = ["ceiling", "uniform", "hot"]
    for number in range(options.pairs):
        # The sides take turns in who goes first, so that a drift of the machine favours none.
        order = sides[number % 3 :] + sides[: number % 3]
        try:
            pair = {side: run(side, shape, options) for side in order}
        except Void as reason:
            void.append(f"pair {number + 1}: {reason}")
            show(f"  pair {number + 1:2}: void: {reason}", options)
            continue
        pairs.append(pair)
        rates = "  ".join(f"{side} {rate(pair[side]) / 1000:7.1f}" for side in sides)
        show(
            f"  pair {number + 1:2}: {rates}  k/s"
            f"   uniform/ceiling {rate(pair['uniform']) / rate(pair['ceiling']):.3f}"
            f"   hot/uniform {rate(pair['hot']) / rate(pair['uniform']):.3f}",
            options,
        )
    return pairs, void


def rate(figures):
    return figures["calls_per_second"]


def interval(values, seed=1, resamples=10_000):
    """The bootstrap 95 % interval of the median."""
    chance = random.Random(seed)
    medians = sorted(
        statistics.median(chance.choices(values, k=len(values))) for _ in range(resamples)
    )
    return medians[int(resamples * 0.025)], medians[int(resamples * 0.975) - 1]


def summarise(pairs):
    """Per ratio: the median, its interval, the extremes, and whether that is a measurement."""
    summary = {}
    for name, goal in GOALS.items():
        over, under = name.split("/")
        ratios = [rate(pair[over]) / rate(pair[under]) for pair in pairs]
        median = statistics.median(ratios)
        low, high = interval(ratios)
        summary[name] = {
            "median": round(median, 4),
            "interval_95": [round(low, 4), round(high, 4)],
            "min": round(min(ratios), 4),
            "max": round(max(ratios), 4),
            "spread": round((max(ratios) - min(ratios)) / median, 4),
            "is_measured": (high - low) / median <= INTERVAL_WIDTH_MAX,
            "goal": goal,
        }
    return summary


def medians(pairs):
    """Per side: the median rate, and the median of some quantiles of the latency."""
    return {
        side: {
            name: round(statistics.median(pair[side][name] for pair in pairs))
            for name in ("calls_per_second", "p50_us", "p99_us", "p999_us")
        }
        for side in ("ceiling", "uniform", "hot")
    }


def machine():
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = Path("/proc/meminfo").read_text(encoding="ascii").split()[1]
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory) / 2**20, 1),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "load_average_before": [round(each, 2) for each in os.getloadavg()],
    }


def output_of(*command):
    try:
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )
    except OSError:
        return "unknown"
    return ended.stdout.strip().partition("\n")[0] or "unknown"


def show(text, options):
    print(text, file=sys.stderr if options.json else sys.stdout, flush=True)


def table(report):
    lines = [
        "",
        "| connections x streams | ratio | median | 95 % interval | spread | goal |",
        "|---|---|---|---|---|---|",
    ]
    for shape in report["shapes"]:
        for name, figures in shape["ratios"].items():
            low, high = figures["interval_95"]
            goal = figures["goal"]
            verdict = "" if goal is None else f"{goal:.2f}: {'met' if low >= goal else 'not met'}"
            if not figures["is_measured"]:
                verdict = (verdict + "; " if verdict else "") + "interval too wide: not measured"
            lines.append(
                f"| {shape['connections']} x {shape['streams']} | {name} |"
                f" {figures['median']:.3f} | {low:.3f} to {high:.3f} |"
                f" {figures['spread']:.1%} | {verdict} |"
            )
    lines += [
        "",
        "| connections x streams | side | calls/s | p50 µs | p99 µs | p99.9 µs |",
        "|---|---|---|---|---|---|",
    ]
    for shape in report["shapes"]:
        for side, figures in shape["medians"].items():
            lines.append(
                f"| {shape['connections']} x {shape['streams']} | {side} |"
                f" {figures['calls_per_second']:,} | {figures['p50_us']:,} |"
                f" {figures['p99_us']:,} | {figures['p999_us']:,} |"
            )
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(prog="ops/bench", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pairs", type=int, default=7, help="pairs per shape, at least 7")
    parser.add_argument("--seconds", type=int, default=3, help="length of a run")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="3 pairs of 2 s: no measurement")
    parser.add_argument("--json", action="store_true", help="only the report, as JSON, on stdout")
    options = parser.parse_args()
    if options.quick:
        options.pairs, options.seconds = 3, 2
    elif options.pairs < PAIRS_MIN:
        parser.error(f"fewer than {PAIRS_MIN} pairs measure nothing (--quick says so)")
    if options.seconds < 1:
        parser.error("a run takes at least a second")
    cores = os.sched_getaffinity(0)
    if options.server_core == options.load_core or not {
        options.server_core,
        options.load_core,
    } <= cores:
        parser.error(f"server and load need a core each; these are here: {sorted(cores)}")
    return options


def main():
    options = parse()
    report = {
        "schema_version": SCHEMA_VERSION,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "is_measurement": not options.quick,
        "mode": "memory",
        "load": (
            f"stampede bench, closed loop, one line per Reserve; {options.pairs} alternating pairs"
            f" of {options.seconds} s; uniform: {UNIFORM_SKUS:,} SKUs, hot: one"
        ),
        "machine": machine(),
        "cores": {"server": options.server_core, "load": options.load_core},
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "swift": output_of("swift", "--version"),
        "shapes": [],
    }
    is_void = False
    for shape in SHAPES:
        show(f"{shape[0]} connections x {shape[1]} streams", options)
        pairs, void = measure(shape, options)
        if len(pairs) < (2 if options.quick else PAIRS_MIN):
            show(f"VOID: {len(pairs)} pairs left: {'; '.join(void)}", options)
            is_void = True
            continue
        report["shapes"].append(
            {
                "connections": shape[0],
                "streams": shape[1],
                "ratios": summarise(pairs),
                "medians": medians(pairs),
                "void": void,
                "pairs": pairs,
            }
        )
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"{report['date'].replace(':', '').replace('+0000', 'Z')}.json"
    text = json.dumps(report, indent=2)
    path.write_text(text + "\n", encoding="utf-8")

    if options.json:
        print(text)
    else:
        print(table(report))
        about = report["machine"]
        print(
            f"\n{report['date']}, commit {report['commit']}, mode memory, {about['cpu']},"
            f" {about['cores']} cores, Linux {about['kernel']}, load average before"
            f" {about['load_average_before'][0]}\n{report['load']}\n"
            f"written to {path.relative_to(ROOT)}"
        )
        if options.quick:
            print("quick: not a measurement")
    sys.exit(1 if is_void else 0)


if __name__ == "__main__":
    main()
