# SPDX-License-Identifier: Apache-2.0
"""Measures Stockade beside what one would take instead: Redis with a script, Postgres with a
transaction, and stock gRPC servers that decide nothing.

Machines move by tens of percent, so only ratios from one round count. Each round runs every side
once, each on a server and a data directory of its own, the sides in turns; the server is pinned to
one core, the load to another. Reported are the medians of the ratios with their bootstrap 95 %
interval: to the ceiling, a C server on libnghttp2 that parses nothing and answers a constant, and
to durable Reserve under the same kind of load (one hot SKU, or all), calls to calls. A run with a
refusal, a replay or a failure, or after which the stock doesn't add up, is void.

Decision 0020 says what the peers are and how they are driven.
"""

import argparse
import datetime
import json
import os
import shutil
import statistics
import sys

import bench
import peer_postgres
from bench import PAIRS_MIN, REPORTS, ROOT, SHAPES, Void, machine, output_of, ratio_of, show
from peer_sides import CEILING_SIDE, PGBENCH, SIDES

SCHEMA_VERSION = 1


# Rounds -------------------------------------------------------------------------------------------


def measure(shape, sides, options):
    """All rounds of one shape: a list of {side: figures} without what was void, and what was."""
    rounds, void = [], []
    for number in range(options.pairs):
        # The sides take turns in who goes first, so that a drift of the machine favours none.
        first = number % len(sides)
        done = {}
        for side in sides[first:] + sides[:first]:
            try:
                done[side] = SIDES[side].run(shape, options)
            except Void as reason:
                void.append(f"round {number + 1}: {reason}")
        rounds.append(done)
        rates = "  ".join(
            f"{side} {bench.rate(done[side]) / 1000:.1f}" if side in done else f"{side} void"
            for side in sides
        )
        show(f"  round {number + 1:2}: {rates}  k/s", options)
    return rounds, void


def summarise(side, rounds):
    """A side's medians, and its ratios to the ceiling and to durable Reserve; None: it has none."""
    runs = [done[side] for done in rounds if side in done]
    if not runs:
        return None
    summary = {
        "runs": len(runs),
        "calls_per_second": round(statistics.median(map(bench.rate, runs))),
        "items": SIDES[side].items,
        "p50_us": median_of(runs, "p50_us"),
        "p99_us": median_of(runs, "p99_us"),
    }
    for name, base in (("of_ceiling", CEILING_SIDE), ("of_reserve", SIDES[side].base)):
        ratios = [
            bench.rate(done[side]) / bench.rate(done[base])
            for done in rounds
            if side in done and base in done and base != side
        ]
        summary[name] = ratio_of(ratios) if ratios else None
    return summary


def median_of(runs, name):
    """None where the driver gives no such figure."""
    values = [run[name] for run in runs if run[name] is not None]
    return round(statistics.median(values)) if values else None


# The report ---------------------------------------------------------------------------------------

COLUMNS = (
    "connections × calls", "", "load", "driven by", "calls/s", "of the ceiling",
    "of durable Reserve", "p50", "p99", "durable", "retry-safe",
)


def row(shape, name, summary):
    """A side's row; without a summary one that says that nothing was measured."""
    side = SIDES[name]
    if summary is None:
        figures = 5 * ["not measured"]
    else:
        figures = [
            rate_text(summary),
            "1" if name == CEILING_SIDE else ratio_text(summary["of_ceiling"]),
            "1" if name == side.base else ratio_text(summary["of_reserve"]),
            time_text(summary["p50_us"]),
            time_text(summary["p99_us"]),
        ]
    # Whoever brings clients of its own isn't of the shape.
    place = f"{peer_postgres.CLIENTS} × 1" if side.driver == PGBENCH else "{} × {}".format(*shape)
    return line(
        place, side.label, side.load, side.driver, *figures, side.is_durable, side.is_retry_safe
    )


def line(*cells):
    return "| " + " | ".join(cells) + " |"


def rate_text(summary):
    calls, items = summary["calls_per_second"], summary["items"]
    return f"{calls:,}" + (f" ({calls * items:,} items/s)" if items > 1 else "")


def ratio_text(ratio):
    """The median with its interval; one that is too wide says so."""
    if ratio is None:
        return "–"
    low, high = ratio["interval_95"]
    text = f"{ratio['median']:.3g} ({low:.3g} to {high:.3g})"
    return text if ratio["is_measured"] else f"not measured: {text}"


def time_text(microseconds):
    if microseconds is None:
        return "–"
    return f"{microseconds:,} µs" if microseconds < 10_000 else f"{microseconds / 1000:,.1f} ms"


def table(report):
    lines = [line(*COLUMNS), "|" + len(COLUMNS) * "---|"]
    for shape in report["shapes"]:
        place = (shape["connections"], shape["streams"])
        lines += [row(place, name, summary) for name, summary in shape["sides"].items()]
    return "\n".join(lines)


def conditions(report):
    about = report["machine"]
    lines = [
        f"{report['date']}, commit {report['commit']}, {about['cpu']}, {about['cores']} cores,"
        f" {about['memory_gib']} GiB, Linux {about['kernel']}, load average before"
        f" {about['load_average_before'][0]}",
        report["load"],
        "; ".join(f"{name} {version}" for name, version in report["versions"].items()),
    ]
    lines += [f"void: {reason}" for shape in report["shapes"] for reason in shape["void"]]
    if not report["is_measurement"]:
        lines.append("quick: not a measurement")
    return "\n".join(lines)


def version_of(package):
    return output_of("dpkg-query", "-W", "-f=${Version}", package)


def versions():
    """What was measured, as Debian names it."""
    packages = {
        "Redis": "redis-server", "Postgres": "postgresql-15", "gRPC C++": "libgrpc++-dev",
        "grpc-go": "golang-google-grpc-dev", "Go": "golang-go", "libnghttp2": "libnghttp2-dev",
    }
    return {name: version_of(package) for name, package in packages.items()}


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        prog="ops/bench --peers", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pairs", type=int, default=7, help="rounds per shape, at least 7")
    parser.add_argument("--seconds", type=int, default=3, help="length of a run")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    parser.add_argument(
        "--only", metavar="SIDE,…", help=f"these of the sides: {', '.join(SIDES)}"
    )
    parser.add_argument("--quick", action="store_true", help="3 rounds of 2 s: no measurement")
    parser.add_argument("--json", action="store_true", help="only the report, as JSON, on stdout")
    options = parser.parse_args(arguments)
    if options.quick:
        options.pairs, options.seconds = 3, 2
    elif options.pairs < PAIRS_MIN:
        parser.error(f"fewer than {PAIRS_MIN} rounds measure nothing (--quick says so)")
    if options.seconds < 1:
        parser.error("a run takes at least a second")
    chosen = set(options.only.split(",")) if options.only else set(SIDES)
    if chosen - set(SIDES):
        parser.error(
            f"--only: no side is called {', '.join(sorted(chosen - set(SIDES)))};"
            f" there are {', '.join(SIDES)}"
        )
    options.sides = [side for side in SIDES if side in chosen]
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
    shutil.rmtree(bench.DATA, ignore_errors=True)
    report = {
        "schema_version": SCHEMA_VERSION,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "is_measurement": not options.quick,
        "load": (
            f"closed loop, {options.pairs} rounds of {options.seconds} s for each side in turns,"
            " a fresh server and directory each; Stockade in journal mode with one loop"
        ),
        "machine": machine(),
        "cores": {"server": options.server_core, "load": options.load_core},
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "versions": versions(),
        "shapes": [],
    }
    is_void = False
    for shape in SHAPES:
        sides = [side for side in options.sides if shape in SIDES[side].shapes]
        if not sides:
            continue
        show(f"{shape[0]} connections x {shape[1]} calls", options)
        rounds, void = measure(shape, sides, options)
        summaries = {side: summarise(side, rounds) for side in sides}
        is_void = is_void or any(
            summary is None or summary["runs"] < min(options.pairs, PAIRS_MIN)
            for summary in summaries.values()
        )
        report["shapes"].append(
            {
                "connections": shape[0],
                "streams": shape[1],
                "sides": summaries,
                "void": void,
                "rounds": rounds,
            }
        )
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"peers-{report['date'].replace(':', '').replace('+0000', 'Z')}.json"
    text = json.dumps(report, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    if options.json:
        print(text)
    else:
        print(f"\n{table(report)}\n\n{conditions(report)}\nwritten to {path.relative_to(ROOT)}")
    if is_void:
        print("VOID: a side has too few good runs", file=sys.stderr)
    sys.exit(1 if is_void else 0)


if __name__ == "__main__":
    main()
