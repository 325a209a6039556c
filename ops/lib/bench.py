# SPDX-License-Identifier: Apache-2.0
"""Measures Reserve, durable and in memory, beside the ceiling: a C server on libnghttp2 that parses
nothing and answers a constant.

Machines move by tens of percent, so only ratios from one pair count. Each pair runs every side
once, each on a server and a data directory of its own, the sides in turns; the server with its
journal's thread is pinned to one core, the load to another. Reported is the median of the pairwise
ratios with its bootstrap 95 % interval. A run with a refusal, a replay or a failure is void, and
its pair with it.

Beside the rates: what fdatasync takes on the same disk, between the runs; the latency of durable
Reserve at half of the rate that was reached, in an open loop (calls are due at times drawn before
the run, and latency counts from there), over fdatasync's p99 of the same pair; bytes of journal for
a reservation of one line; and how fast a journal is read at a start.
"""

import argparse
import ctypes
import datetime
import json
import os
import platform
import random
import selectors
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOCKADE = ROOT / ".build/release/stockade"
STAMPEDE = ROOT / ".build/release/stampede"
CEILING = ROOT / ".build/peers/ceiling"
REPORTS = ROOT / ".build/bench"

# On the disk that the checkout lies on: /tmp may be none.
DATA = ROOT / ".build/bench/data"

SCHEMA_VERSION = 2
PAIRS_MIN = 7
UNIFORM_SKUS = 100_000

# (connections, streams on each)
SHAPES = ((8, 64), (64, 1))

# No run may meet the end of a table: the fastest one so far reserves 500,000 a second.
RESERVATIONS_PER_SECOND_MAX = 1_000_000

# Side: mode, and whether all buyers want one SKU.
SIDES = {
    "ceiling": (None, False),
    "memory": ("memory", False),
    "memory-hot": ("memory", True),
    "journal": ("journal", False),
    "journal-hot": ("journal", True),
}

# What the project asks of itself, for the ratios of rates.
GOALS = {
    "journal/ceiling": 0.60,
    "journal-hot/ceiling": 0.60,
    "journal-hot/journal": 0.85,
    "journal/memory": None,
    "memory/ceiling": 0.55,
    "memory-hot/memory": 0.85,
}
HALF_LOAD_GOAL = 2.5
RECORD_BYTES_GOAL = 96
REPLAY_GOAL = 1_000_000

# fdatasync alone: so many writes of each size.
SYNC_WRITES = 1_000
SYNC_SIZES = (4_096, 65_536)
SYNC_FILE_BYTES = 16 << 20
# What a fresh data directory's zeros may still make the disk do.
SETTLE_SECONDS = 0.5

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
    """A server on one core, ended by its process id; its log is in `log` afterwards."""

    def __init__(self, command, core):
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            preexec_fn=dies_with_us,
        )
        self.address = None
        self.log = ""

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
            self._log.seek(0)
            log = self._log.read().decode(errors="replace")
            raise SystemExit(f"{self.process.args} did not come up: {received!r}\n{log}")
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
        self._log.seek(0)
        self.log = self._log.read().decode(errors="replace")
        self._log.close()


def server_command(side, seconds, data):
    mode, _ = SIDES[side]
    return [CEILING, "0"] if mode is None else stockade_command(mode, seconds, data)


def stockade_command(mode, seconds, data):
    """A server whose tables have room for a run of so many seconds, and no more: they are touched at
    start. A hold takes two ids, its own and its order's."""
    holds = int(seconds + 1) * RESERVATIONS_PER_SECOND_MAX
    command = [
        STOCKADE,
        "serve",
        f"--mode={mode}",
        "--listen=127.0.0.1:0",
        "--loops=1",
        f"--holds-max={holds}",
        f"--ids-max={2 * holds + 2 * UNIFORM_SKUS}",
        f"--accounts-max={2 * UNIFORM_SKUS}",
        f"--codes-max={3 * UNIFORM_SKUS}",
    ]
    return command + ([f"--data={data}"] if mode == "journal" else [])


class DataDirectory:
    """A fresh data directory on the checkout's disk, removed at the end."""

    def __enter__(self):
        DATA.mkdir(parents=True, exist_ok=True)
        self.path = Path(tempfile.mkdtemp(dir=DATA))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def drive(side, shape, address, options, per_second=None, skus=UNIFORM_SKUS):
    """One run of stampede against a server; its figures. Raises Void."""
    mode, is_hot = SIDES[side]
    arguments = ["--skus", 1 if is_hot else skus]
    arguments += ["--no-setup"] if mode is None else ["--stock", 1_000_000_000]
    if per_second is not None:
        arguments += ["--rate", per_second]
        side = f"{side} at {per_second} calls/s"
    return stampede(side, shape, address, options, *arguments)


def stampede(side, shape, address, options, *arguments):
    """One run of `stampede bench` with further arguments; its figures. Raises Void."""
    connections, streams = shape
    command = ["taskset", "-c", options.load_core, STAMPEDE, "bench", "--target", address]
    command += ["--connections", connections, "--streams", streams]
    command += ["--seconds", options.seconds, "--json", *arguments]
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
        for key in ("refused", "replayed", "failed", "unknown")
        if figures[key]
    }
    if spoiled or not figures["correct"] or not figures["finished"]:
        why = figures["first_failure"] or "the stock does not add up"
        raise Void(f"{side}: {spoiled or ''} {why}")
    if not figures["valid"]:
        raise Void(
            f"{side}: the generator was late, or a backlog grew (lag p99 {figures['lag_p99_us']} us)"
        )
    return figures


def run(side, shape, options, per_second=None):
    """One run on a fresh server; stampede's figures, and the journal's. Raises Void."""
    with DataDirectory() as data:
        command = server_command(side, options.seconds, data)
        with Server(command, options.server_core) as server:
            if SIDES[side][0] == "journal":
                time.sleep(SETTLE_SECONDS)
            figures = drive(side, shape, server.address, options, per_second)
        journal = re.search(r"journal: (\d+) records of (\d+) bytes in (\d+) blocks", server.log)
        if journal:
            names = ("records", "bytes", "blocks")
            figures["journal"] = dict(zip(names, map(int, journal.groups())))
        if side == "journal" and per_second is None and shape == SHAPES[0]:
            figures["replay"] = replay(command, options)
    return figures


def replay(command, options):
    """A start on the journal that a run has left: how fast it was read, by the server's log."""
    with Server(command, options.server_core) as server:
        pass
    found = re.search(r"replayed (\d+) records in (\S+) s ", server.log)
    if not found:
        raise SystemExit(f"the server's log says nothing of a replay:\n{server.log}")
    records, seconds = int(found[1]), float(found[2])
    return {"records": records, "seconds": seconds, "records_per_second": records / seconds}


def fdatasync():
    """Microseconds of a write and its fdatasync, by size: overwriting space that is there already,
    zero-filled and synced, as the journal does."""
    figures = {}
    with DataDirectory() as folder:
        descriptor = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
        try:
            for offset in range(0, SYNC_FILE_BYTES, 1 << 20):
                os.pwrite(descriptor, bytes(1 << 20), offset)
            os.fsync(descriptor)
            for size in SYNC_SIZES:
                block, times = b"\x5a" * size, []
                for number in range(SYNC_WRITES):
                    begin = time.perf_counter_ns()
                    os.pwrite(descriptor, block, number * size % SYNC_FILE_BYTES)
                    os.fdatasync(descriptor)
                    times.append((time.perf_counter_ns() - begin) / 1_000)
                times.sort()
                figures[str(size)] = {
                    "p50_us": round(times[SYNC_WRITES // 2], 1),
                    "p99_us": round(times[SYNC_WRITES * 99 // 100], 1),
                }
        finally:
            os.close(descriptor)
    return figures


def measure(shape, options):
    """All pairs of one shape: a list of {side: figures}, and what was void."""
    pairs, void = [], []
    sides = list(SIDES)
    for number in range(options.pairs):
        # The sides take turns in who goes first, so that a drift of the machine favours none.
        first = number % len(sides)
        order = sides[first:] + sides[:first]
        try:
            pair = {side: run(side, shape, options) for side in order}
        except Void as reason:
            void.append(f"pair {number + 1}: {reason}")
            show(f"  pair {number + 1:2}: void: {reason}", options)
            continue
        pairs.append(pair)
        rates = "  ".join(f"{side} {rate(pair[side]) / 1000:.1f}" for side in sides)
        show(
            f"  pair {number + 1:2}: {rates}  k/s"
            f"   journal/ceiling {rate(pair['journal']) / rate(pair['ceiling']):.3f}",
            options,
        )
    return pairs, void


def measure_half_load(shape, full_rate, options):
    """Durable Reserve at half of a rate, each run between two probes of the disk. A void run, which a
    busy machine makes of a late generator, is repeated, up to as many times as there are pairs."""
    pairs, void = [], []
    per_second = int(full_rate / 2)
    for number in range(2 * options.pairs):
        if len(pairs) == options.pairs:
            break
        before = fdatasync()
        try:
            figures = run("journal", shape, options, per_second)
        except Void as reason:
            void.append(f"pair {number + 1}: {reason}")
            show(f"  half load {number + 1:2}: void: {reason}", options)
            continue
        after = fdatasync()
        sync = {
            size: {name: (before[size][name] + after[size][name]) / 2 for name in before[size]}
            for size in before
        }
        pairs.append({"stampede": figures, "fdatasync": sync})
        show(
            f"  half load {number + 1:2}: p99 {figures['p99_us']} us at {per_second:,} calls/s;"
            f" fdatasync 4 KiB p99 {sync['4096']['p99_us']:.0f} us,"
            f" 64 KiB {sync['65536']['p99_us']:.0f} us",
            options,
        )
    return {"rate": per_second, "pairs": pairs, "void": void}


def rate(figures):
    return figures["calls_per_second"]


def interval(values, seed=1, resamples=10_000):
    """The bootstrap 95 % interval of the median."""
    chance = random.Random(seed)
    medians = sorted(
        statistics.median(chance.choices(values, k=len(values))) for _ in range(resamples)
    )
    return medians[int(resamples * 0.025)], medians[int(resamples * 0.975) - 1]


def ratio_of(ratios, goal=None):
    """The median of some ratios, its interval, the extremes, and whether that is a measurement."""
    median = statistics.median(ratios)
    low, high = interval(ratios)
    return {
        "median": round(median, 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "min": round(min(ratios), 4),
        "max": round(max(ratios), 4),
        "spread": round((max(ratios) - min(ratios)) / median, 4),
        "is_measured": len(ratios) >= PAIRS_MIN and (high - low) / median <= INTERVAL_WIDTH_MAX,
        "goal": goal,
    }


def summarise(pairs):
    """The ratios of rates that there are goals for."""
    summary = {}
    for name, goal in GOALS.items():
        over, under = name.split("/")
        summary[name] = ratio_of([rate(pair[over]) / rate(pair[under]) for pair in pairs], goal)
    return summary


def summarise_half_load(half):
    """p99 at half load over fdatasync's p99, and both in microseconds."""
    pairs = half["pairs"]
    if len(pairs) < 2:
        return half
    half["p50_us"] = statistics.median(pair["stampede"]["p50_us"] for pair in pairs)
    half["p99_us"] = statistics.median(pair["stampede"]["p99_us"] for pair in pairs)
    half["fdatasync"] = {
        size: {
            name: round(statistics.median(pair["fdatasync"][size][name] for pair in pairs), 1)
            for name in ("p50_us", "p99_us")
        }
        for size in pairs[0]["fdatasync"]
    }
    half["over_fdatasync_p99"] = {
        size: ratio_of(
            [pair["stampede"]["p99_us"] / pair["fdatasync"][size]["p99_us"] for pair in pairs],
            HALF_LOAD_GOAL,
        )
        for size in half["fdatasync"]
    }
    return half


def summarise_journal(pairs):
    """Bytes of a one-line reservation, where nearly all records are one, and bytes of a block."""
    written = [pair["journal-hot"]["journal"] for pair in pairs]
    figures = {
        "record_bytes": round(
            statistics.median(each["bytes"] / each["records"] for each in written), 1
        ),
        "records_per_block": round(
            statistics.median(each["records"] / max(1, each["blocks"]) for each in written), 1
        ),
    }
    replays = [pair["journal"]["replay"] for pair in pairs if "replay" in pair["journal"]]
    if replays:
        figures["replay_records"] = round(statistics.median(each["records"] for each in replays))
        speeds = [each["records_per_second"] for each in replays]
        figures["replay_records_per_second"] = round(statistics.median(speeds))
        figures["replay_records_per_second_min"] = round(min(speeds))
    return figures


def medians(pairs):
    """Per side: the median rate, and the median of some quantiles of the latency."""
    return {
        side: {
            name: round(statistics.median(pair[side][name] for pair in pairs))
            for name in ("calls_per_second", "p50_us", "p99_us", "p999_us")
        }
        for side in SIDES
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
    lines += [
        "",
        "| connections x streams | durable Reserve at half load | calls/s | p50 µs | p99 µs |"
        " fdatasync p99 µs | ratio of the p99s | goal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for shape in report["shapes"]:
        half = shape["half_load"]
        for size, ratio in half.get("over_fdatasync_p99", {}).items():
            low, high = ratio["interval_95"]
            verdict = f"{HALF_LOAD_GOAL}: {'met' if high <= HALF_LOAD_GOAL else 'not met'}"
            if not ratio["is_measured"]:
                verdict += "; interval too wide: not measured"
            lines.append(
                f"| {shape['connections']} x {shape['streams']} | over {int(size) // 1024} KiB |"
                f" {half['rate']:,} | {half['p50_us']:,.0f} | {half['p99_us']:,.0f} |"
                f" {half['fdatasync'][size]['p99_us']:,.0f} |"
                f" {ratio['median']:.2f} ({low:.2f} to {high:.2f}) | {verdict} |"
            )
    lines.append("")
    for shape in report["shapes"]:
        figures = shape["journal"]
        lines.append(
            f"{shape['connections']} x {shape['streams']}: a one-line reservation takes"
            f" {figures['record_bytes']} bytes of journal (goal: at most {RECORD_BYTES_GOAL}),"
            f" {figures['records_per_block']} records a block"
        )
        if "replay_records" in figures:
            lines.append(
                f"replay of {figures['replay_records']:,} records, from the page cache:"
                f" {figures['replay_records_per_second']:,} records/s, at the least"
                f" {figures['replay_records_per_second_min']:,}"
                f" (goal: {REPLAY_GOAL:,})"
            )
    sync = report["fdatasync"]
    lines.append(
        "fdatasync alone: "
        + "; ".join(
            f"{int(size) // 1024} KiB p50 {each['p50_us']:.0f} µs, p99 {each['p99_us']:.0f} µs"
            for size, each in sync.items()
        )
    )
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(
        prog="ops/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
    # What an earlier run was kept from removing.
    shutil.rmtree(DATA, ignore_errors=True)
    report = {
        "schema_version": SCHEMA_VERSION,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "is_measurement": not options.quick,
        "modes": ["journal", "memory"],
        "load": (
            f"stampede bench, closed loop (half load: open loop, Poisson), one line per Reserve;"
            f" {options.pairs} alternating pairs of {options.seconds} s;"
            f" {UNIFORM_SKUS:,} SKUs, hot: one"
        ),
        "fdatasync": fdatasync(),
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
        full_rate = statistics.median(rate(pair["journal"]) for pair in pairs)
        half = measure_half_load(shape, full_rate, options)
        report["shapes"].append(
            {
                "connections": shape[0],
                "streams": shape[1],
                "ratios": summarise(pairs),
                "medians": medians(pairs),
                "journal": summarise_journal(pairs),
                "half_load": summarise_half_load(half),
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
            f"\n{report['date']}, commit {report['commit']}, {about['cpu']},"
            f" {about['cores']} cores, Linux {about['kernel']}, load average before"
            f" {about['load_average_before'][0]}\n{report['load']}\n"
            f"written to {path.relative_to(ROOT)}"
        )
        if options.quick:
            print("quick: not a measurement")
    sys.exit(1 if is_void else 0)


if __name__ == "__main__":
    main()
