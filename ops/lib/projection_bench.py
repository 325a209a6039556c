# SPDX-License-Identifier: Apache-2.0
"""Measures Postgres behind the journal: how many rows it takes, beside a bare COPY of the same
rows; how late the tables are; how fast they catch up after an outage; what the sale loses by it.

One core has the journal's threads and the projector, the other has Postgres, a throwaway cluster
with fsync on.

* Rows: a journal is written before, two records an order, 1 to 3 lines. The projector brings an
  empty database up to its end; psql writes the same rows with COPY, one transaction, into the same
  tables with the same indexes, without the writer's updates. Alternating pairs; ratios of rows per
  second, and of rows per second of Postgres's processor time, which its /proc entries tell. Once
  with each Confirm right behind its Reserve, once 20,000 orders later, so that the rows of a
  reservation are written first and updated later.
* Lag: orders at an even pace; a second connection asks every 10 ms how far the tables are, and a
  record is as late as the time from its fdatasync to the first answer that has it. The first second
  isn't counted.
* Catch-up: the same, while Postgres is frozen for a time (SIGSTOP), or stopped and started: the
  pace of the tables from their first step until they are within a quarter of a second, over the
  pace of arrival. The Confirms come 2,000 orders later.
* Sale: durable Reserve, closed loop, with `--postgres` and without, in alternating pairs. The
  load's core is Postgres's too, so that a third side has Postgres give way (nice 19).
"""

import argparse
import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import bench
from bench import ROOT, Server, Void, fdatasync, machine, output_of, ratio_of
from measured_postgres import ORDER_TABLES, TICKS, MeasuredPostgres

TOOL = ROOT / ".build/release/projection-bench"
SCHEMA_VERSION = 1
SECTIONS = ("rows", "lag", "outage", "sale")

ROWS_GOAL = 50_000
COPY_GOAL = 0.5
LAG_GOAL_MS = 500
CATCH_UP_GOAL = 2.0
SALE_GOAL = 0.85

LAG_RATE = 20_000
# A Confirm so many orders after its Reserve: about a second at the rate above.
GAP = 20_000
# Within what of the present the tables have caught up.
CAUGHT_UP_SECONDS = 0.25


class Tool:
    """A run of projection-bench: begun, told to go, and its one line of JSON."""

    def __init__(self, options, *arguments):
        if options.rows:
            arguments += ("--rows", options.rows)
        self.arguments = list(map(str, arguments))
        self.process = subprocess.Popen(
            ["taskset", "-c", str(options.server_core), TOOL, *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=bench.dies_with_us,
        )

    def go(self):
        if self.process.stdout.readline() != "ready\n":
            self.fail()
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def report(self):
        line = self.process.stdout.readline()
        if not line.startswith("{"):
            self.fail()
        return json.loads(line)

    def end(self):
        # What it says of itself on the way is short, so no pipe fills up.
        _, self.log = self.process.communicate(timeout=60)
        if self.process.returncode:
            raise SystemExit(f"projection-bench {self.arguments[0]} failed:\n{self.log}")

    def fail(self):
        self.process.kill()
        _, log = self.process.communicate()
        raise SystemExit(f"projection-bench {self.arguments[0]} failed:\n{log}")


def run(options, cluster, *arguments, on_the_way=lambda: None):
    """One run with a projector; its report and Postgres's processor time. Raises Void."""
    tool = Tool(options, *arguments)
    cluster.settle()
    cpu = cluster.cpu_seconds()
    tool.go()
    on_the_way()
    report = tool.report()
    report["postgres_cpu_seconds"] = cluster.cpu_seconds() - cpu
    tool.end()
    if report["dead_letters"]:
        raise Void(f"{report['dead_letters']} dead letters: {tool.log}")
    return report


# Rows ---------------------------------------------------------------------------------------------


def measure_rows(options, cluster, gap):
    """Pairs of the projector and a bare COPY."""
    with bench.DataDirectory() as folder:
        data, files = folder / "data", folder / "rows"
        files.mkdir()
        writer = Tool(
            options, "write", data, options.orders, "--lines", options.lines, "--gap", gap)
        written = writer.report()
        writer.end()
        empty = cluster.migrated_database()

        def project():
            database = cluster.fresh_database(template=empty)
            return database, run(options, cluster, "fill", cluster.conninfo(database), data)

        # The first one isn't counted: it makes the rows for COPY.
        database, _ = project()
        counts = cluster.row_counts(database)
        template = cluster.dump(database, files)
        cluster.drop(database)
        pairs = []
        for number in range(options.pairs):
            pair = {}
            for side in ("projector", "copy") if number % 2 else ("copy", "projector"):
                if side == "copy":
                    pair[side] = cluster.copy(template, files, options.server_core)
                else:
                    database, pair[side] = project()
                    if cluster.row_counts(database) != counts:
                        raise SystemExit("the same journal made other rows")
                    cluster.drop(database)
            pairs.append(pair)
            show_pair(options, number, pair, counts)
        for name in (template, empty):
            cluster.drop(name)
    return summarise_rows(gap, written, counts, pairs)


def rows_of(counts):
    return sum(counts[table] for table in ORDER_TABLES)


def show_pair(options, number, pair, counts):
    def speed(side):
        figures = pair[side]
        return (f"{side} {rows_of(counts) / figures['seconds']:,.0f} rows/s, "
                f"{rows_of(counts) / figures['postgres_cpu_seconds']:,.0f} a Postgres CPU second")
    bench.show(f"  pair {number + 1}: {speed('projector')}; {speed('copy')}", options)


def summarise_rows(gap, written, counts, pairs):
    rows = rows_of(counts)

    def median(side, key):
        return statistics.median(rows / pair[side][key] for pair in pairs)

    def ratio(key, goal):
        return ratio_of([pair["copy"][key] / pair["projector"][key] for pair in pairs], goal)

    orders = written["orders"]
    return {
        "confirm_gap": gap,
        "orders": orders,
        "records": written["records"],
        "rows": counts,
        "rows_per_second": {side: round(median(side, "seconds")) for side in ("projector", "copy")},
        "rows_per_postgres_cpu_second": {
            side: round(median(side, "postgres_cpu_seconds")) for side in ("projector", "copy")
        },
        "orders_per_second": round(
            statistics.median(orders / pair["projector"]["seconds"] for pair in pairs)),
        "projector_cpu_us_per_order": round(
            statistics.median(
                1e6 * pair["projector"]["projector_cpu_seconds"] / orders for pair in pairs), 2),
        "over_copy": ratio("seconds", COPY_GOAL),
        "over_copy_by_postgres_cpu": ratio("postgres_cpu_seconds", None),
        "pairs": pairs,
    }


# Lag and outage -----------------------------------------------------------------------------------


def paced(options, cluster, rate, seconds, lines, gap, on_the_way=lambda: None):
    database = cluster.migrated_database()
    with bench.DataDirectory() as folder:
        report = run(
            options, cluster, "paced", cluster.conninfo(database), folder / "data", rate, seconds,
            "--lines", lines, "--gap", gap, on_the_way=on_the_way)
    cluster.drop(database)
    report["lines_max"], report["confirm_gap"], report["rate"] = lines, gap, rate
    # The journal's writer has its own limits; then the pace wasn't what it is said to be.
    if report["seconds"] > 1.1 * seconds + 0.1:
        raise Void(f"{rate} orders/s for {seconds} s took {report['seconds']:.1f} s to write")
    return report


def measure_lag(options, cluster):
    """Runs of each kind, in turns."""
    kinds = [(1, 0), (options.lines, 0), (options.lines, GAP)]
    runs = {kind: [] for kind in kinds}
    for number in range(options.runs):
        for lines, gap in kinds:
            try:
                report = paced(options, cluster, options.rate, options.seconds, lines, gap)
            except Void as reason:
                bench.show(f"  lag {number + 1}: void: {reason}", options)
                continue
            del report["series"]
            runs[lines, gap].append(report)
            lag = report["lag"]
            whole = report["seconds"] + report["behind_seconds"]
            bench.show(
                f"  lag {number + 1}, {lines} lines at most, Confirm {gap} later: p50"
                f" {lag['p50']:.0f}, p99 {lag['p99']:.0f}, max {lag['max']:.0f} ms; at the end"
                f" {report['behind_seconds']:.2f} s behind; Postgres"
                f" {100 * report['postgres_cpu_seconds'] / whole:.0f} % of its core,"
                f" the projector"
                f" {100 * report['projector_cpu_seconds'] / whole:.0f} %",
                options)
    return [
        {
            "rate": options.rate, "seconds": options.seconds, "lines_max": lines,
            "confirm_gap": gap, "goal_p99_ms": LAG_GOAL_MS,
            **{key: round(statistics.median(each["lag"][key] for each in reports), 1)
               for key in ("p50", "p90", "p99", "max")},
            "runs": reports,
        }
        for (lines, gap), reports in runs.items() if reports
    ]


def measure_outage(options, cluster):
    """Frozen, and stopped and started, in turns."""
    found = []
    for number in range(options.runs):
        for kind in ("freeze", "restart"):
            times = {}
            try:
                report = paced(
                    options, cluster, options.outage_rate,
                    options.seconds + 3 * options.outage, options.lines, GAP // 10,
                    on_the_way=lambda: break_off(cluster, kind, options.outage, times))
            except Void as reason:
                bench.show(f"  {kind} {number + 1}: void: {reason}", options)
                continue
            report.update(catch_up(report, times["back"] * 1e9))
            report["kind"] = kind
            del report["series"]
            found.append(report)
            bench.show(
                f"  {kind} {number + 1}: {report['backlog_records']:,} records behind after"
                f" {options.outage} s, caught up in {report['catch_up_seconds']:.1f} s"
                f" at {report['over_arrival']:.2f} times the {options.outage_rate:,} orders/s"
                " that came",
                options)
    return found


def break_off(cluster, kind, seconds, times):
    begin = time.monotonic()
    time.sleep(2)
    if kind == "freeze":
        cluster.freeze()
        time.sleep(seconds)
        cluster.thaw()
    else:
        cluster.stop()
        time.sleep(max(0, begin + 2 + seconds - time.monotonic()))
        cluster.start()
    times["back"] = time.monotonic() - begin


def catch_up(report, back):
    """From the first step of the tables after an outage until they are nearly there."""
    per_second = 2 * report["rate"]
    points = [point for point in report["series"] if point[0] >= back]
    last = [point for point in report["series"] if point[0] < back][-1][1]
    start = next((point for point in points if point[1] > last), None)
    if start is None:
        raise Void("no step was seen")
    end = next(
        (point for point in points
         if point[0] > start[0] and point[2] - point[1] <= CAUGHT_UP_SECONDS * per_second), None)
    if end is None:
        raise Void("it didn't catch up in time")
    seconds = (end[0] - start[0]) / 1e9
    return {
        "backlog_records": start[2] - start[1],
        "first_step_seconds": (start[0] - back) / 1e9,
        "catch_up_seconds": seconds,
        "records_per_second": (end[1] - start[1]) / seconds,
        "over_arrival": (end[1] - start[1]) / seconds / per_second,
        "goal": CATCH_UP_GOAL,
    }


# The sale -----------------------------------------------------------------------------------------

# So few that the tables soon have what was set before the run.
SALE_SKUS = 1_000

# Side: whether Postgres is behind, and its nice value.
SALES = {"alone": (False, 0), "postgres": (True, 0), "postgres-gives-way": (True, 19)}


def measure_sale(options, cluster, shape):
    pairs, sides = [], list(SALES)
    for number in range(options.pairs):
        first = number % len(sides)
        try:
            pair = {
                side: sell(options, cluster, shape, *SALES[side])
                for side in sides[first:] + sides[:first]
            }
        except Void as reason:
            bench.show(f"  sale {number + 1}: void: {reason}", options)
            continue
        pairs.append(pair)
        bench.show(
            f"  sale {number + 1}, {shape[0]} x {shape[1]}: " + "; ".join(
                f"{side} {pair[side]['calls_per_second'] / 1000:.1f} k/s"
                f" ({pair[side]['server_cpu_us_per_call']:.2f} us of the server's core a call)"
                for side in sides),
            options)
    if len(pairs) < 2:
        return {"connections": shape[0], "streams": shape[1], "pairs": pairs}
    return {
        "connections": shape[0], "streams": shape[1],
        "ratios": {
            side: ratio_of(
                [pair[side]["calls_per_second"] / pair["alone"]["calls_per_second"]
                 for pair in pairs], SALE_GOAL)
            for side in sides[1:]
        },
        "calls_per_second": {
            side: round(statistics.median(pair[side]["calls_per_second"] for pair in pairs))
            for side in sides
        },
        "pairs": pairs,
    }


def sell(options, cluster, shape, has_postgres, nice):
    """One run of durable Reserve on a fresh server."""
    with bench.DataDirectory() as data:
        command = bench.server_command("journal", options.seconds, data)
        if has_postgres:
            database = cluster.migrated_database()
            command += ["--postgres", cluster.conninfo(database)]
        cluster.give_way(nice)
        cluster.settle()
        with Server(command, options.server_core) as server:
            time.sleep(bench.SETTLE_SECONDS)
            before = thread_seconds(server.process.pid)
            figures = bench.drive("journal", shape, server.address, options, skus=SALE_SKUS)
            used = {
                name: seconds - before.get(name, 0)
                for name, seconds in thread_seconds(server.process.pid).items()
            }
            if has_postgres:
                figures["applied"] = int(cluster.value(
                    "SELECT applied_seq FROM stockade.state", database=database))
        cluster.give_way(0)
        figures["server_cpu_us_per_call"] = 1e6 * sum(used.values()) / figures["calls"]
        figures["thread_seconds"] = used
        if has_postgres:
            cluster.drop(database)
            if not figures["applied"]:
                raise Void(f"nothing came to the tables:\n{server.log}")
    return figures


def thread_seconds(pid):
    """Seconds of a processor by the threads' names."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        head, _, rest = (thread / "stat").read_text().rpartition(")")
        name = head.partition("(")[2]
        fields = rest.split()
        found[name] = found.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICKS
    return found


# Report -------------------------------------------------------------------------------------------


def table(report):
    lines = []
    if "rows" in report:
        lines += [
            "", "| Confirm after | side | rows/s | rows per Postgres CPU second | of COPY | goal |",
            "|---|---|---|---|---|---|",
        ]
    for each in report.get("rows", ()):
        ratio = each["over_copy"]
        low, high = ratio["interval_95"]
        for side in ("projector", "copy"):
            per_cpu = each["rows_per_postgres_cpu_second"][side]
            verdict = (
                f"{ROWS_GOAL:,}: {'met' if per_cpu >= ROWS_GOAL else 'not met'};"
                f" {COPY_GOAL}: {'met' if low >= COPY_GOAL else 'not met'}"
                + ("" if ratio["is_measured"] else "; not measured"))
            lines.append(
                f"| {each['confirm_gap']:,} orders | {side} | {each['rows_per_second'][side]:,} |"
                f" {per_cpu:,} |"
                + (f" {ratio['median']:.2f} ({low:.2f} to {high:.2f}) | {verdict} |"
                   if side == "projector" else " 1 | |"))
    if "lag" in report:
        lines += [
            "", "| orders/s | lines | Confirm after | lag p50 ms | p90 | p99 | max | goal |",
            "|---|---|---|---|---|---|---|---|",
        ]
    for each in report.get("lag", ()):
        lines.append(
            f"| {each['rate']:,} | 1 to {each['lines_max']} | {each['confirm_gap']:,} orders |"
            f" {each['p50']} | {each['p90']} | {each['p99']} | {each['max']} |"
            f" {LAG_GOAL_MS}: {'met' if each['p99'] < LAG_GOAL_MS else 'not met'} |")
    if "outage" in report:
        lines += [
            "", "| outage | arrival, orders/s | behind, records | caught up in s |"
            " pace over arrival | goal |", "|---|---|---|---|---|---|",
        ]
    for each in report.get("outage", ()):
        lines.append(
            f"| {each['kind']} | {each['rate']:,} | {each['backlog_records']:,} |"
            f" {each['catch_up_seconds']:.1f} | {each['over_arrival']:.2f} |"
            f" {CATCH_UP_GOAL}: {'met' if each['over_arrival'] >= CATCH_UP_GOAL else 'not met'} |")
    if "sale" in report:
        lines += [
            "", "| connections x streams | side | calls/s | of alone | goal |",
            "|---|---|---|---|---|",
        ]
    for each in report.get("sale", ()):
        for side, ratio in each.get("ratios", {}).items():
            low, high = ratio["interval_95"]
            lines.append(
                f"| {each['connections']} x {each['streams']} | {side} |"
                f" {each['calls_per_second'][side]:,} |"
                f" {ratio['median']:.2f} ({low:.2f} to {high:.2f}) |"
                f" {SALE_GOAL}: {'met' if low >= SALE_GOAL else 'not met'}"
                f"{'' if ratio['is_measured'] else '; not measured'} |")
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(
        prog="ops/bench --postgres", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=7, help="pairs, at least 7")
    parser.add_argument("--runs", type=int, default=3, help="runs of lag and of outages")
    parser.add_argument("--seconds", type=int, default=10, help="length of a paced run")
    parser.add_argument("--orders", type=int, default=300_000, help="orders of a journal")
    parser.add_argument("--lines", type=int, default=3, help="lines of an order at most")
    parser.add_argument("--rate", type=int, default=LAG_RATE, help="orders/s for the lag")
    parser.add_argument("--outage-rate", type=int, default=5_000, help="orders/s in an outage")
    parser.add_argument("--outage", type=int, default=5, help="seconds of an outage")
    parser.add_argument("--rows", type=int, help="rows of a transaction at most, to try others")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section, and …")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1, help="Postgres's too")
    parser.add_argument("--quick", action="store_true", help="whether it works: no measurement")
    parser.add_argument("--json", action="store_true", help="only the report, as JSON, on stdout")
    options = parser.parse_args()
    if options.quick:
        options.pairs, options.runs, options.seconds = 2, 1, 3
        options.orders, options.outage = min(options.orders, 50_000), 2
    elif options.pairs < bench.PAIRS_MIN:
        parser.error(f"fewer than {bench.PAIRS_MIN} pairs measure nothing (--quick says so)")
    if {options.server_core, options.load_core} - os.sched_getaffinity(0):
        parser.error("server and Postgres need a core each")
    options.only = options.only or list(SECTIONS)
    return options


def main():
    options = parse()
    shutil.rmtree(bench.DATA, ignore_errors=True)
    report = {
        "schema_version": SCHEMA_VERSION,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "is_measurement": not options.quick,
        "machine": machine(),
        "cores": {"server": options.server_core, "postgres": options.load_core},
        "commit": output_of("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "fdatasync": fdatasync(),
        "options": {key: value for key, value in vars(options).items() if key != "json"},
    }
    with MeasuredPostgres(options.load_core) as cluster:
        report["postgres"] = cluster.named_settings()
        if "rows" in options.only:
            report["rows"] = [measure_rows(options, cluster, gap) for gap in (0, GAP)]
        if "lag" in options.only:
            report["lag"] = measure_lag(options, cluster)
        if "outage" in options.only:
            report["outage"] = measure_outage(options, cluster)
        if "sale" in options.only:
            options.seconds = min(options.seconds, 3)
            report["sale"] = [measure_sale(options, cluster, shape) for shape in bench.SHAPES]
    bench.REPORTS.mkdir(parents=True, exist_ok=True)
    stamp = report["date"].replace(":", "").replace("+0000", "Z")
    path = bench.REPORTS / f"postgres-{stamp}.json"
    text = json.dumps(report, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    if options.json:
        print(text)
        sys.exit(1 if is_void(report) else 0)
    print(table(report))
    about = report["machine"]
    settings = ", ".join(f"{name} {value}" for name, value in report["postgres"].items())
    print(
        f"\n{report['date']}, commit {report['commit']}, {about['cpu']}, {about['cores']} cores,"
        f" load average before {about['load_average_before'][0]}\nPostgres: {settings}\n"
        f"written to {path.relative_to(ROOT)}")
    if options.quick:
        print("quick: not a measurement")
    sys.exit(1 if is_void(report) else 0)


def is_void(report):
    """Whether something that was to be measured wasn't."""
    kinds = {each["kind"] for each in report.get("outage", ())}
    return (
        "lag" in report and len(report["lag"]) < 3
        or "outage" in report and len(kinds) < 2
        or any("ratios" not in each for each in report.get("sale", ()))
    )


if __name__ == "__main__":
    try:
        main()
    except Void as void:
        sys.exit(f"void: {void}")
