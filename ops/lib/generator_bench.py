# SPDX-License-Identifier: Apache-2.0
"""Measures the load tester itself, beside h2load, on the ceiling: a C server on libnghttp2 with a
constant reply.

* Calls per CPU-second: h2load in its closed loop, stampede in its open loop at nearly h2load's rate,
  pacing every call and judging every answer. Alternating pairs; the ratio's median with its bootstrap
  95 % interval.
* The schedule's lag at half of the rate that stampede reaches when it is asked for twice h2load's.
* The freeze test: the server is stopped for two seconds at 1,000 calls a second for ten. Of all calls
  a fifth is due while nobody answers; one in a hundred has waited 1.9 s or longer, one in ten
  1.0 s.

    python3 ops/lib/generator_bench.py [--pairs N] [--seconds S]

Core 0 is the server's, core 1 the generator's. Prints a table, and writes JSON into .build/bench.
"""

import argparse
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench import CEILING, REPORTS, ROOT, STAMPEDE, Server, interval, machine, output_of

CONNECTIONS, STREAMS = 8, 64
METHOD = "/stockade.v1.InventoryService/GetStock"
EFFICIENCY_GOAL = 0.6
LAG_GOAL_US = 100
FREEZE_RATE, FREEZE_SECONDS, FREEZE_STOP = 1_000, 10, 2.0
FREEZE_GOAL = 0.01

SCENARIO = """
version: 1
name: generator
goods: {{ skus: 1000 }}
target: {{ connections: {connections}, max_streams: {streams} }}
load:
  arrivals: {arrivals}
  max_in_flight: 20k
  stages:
    - warmup: {{ to: {rate}/s, over: 500ms, measured: false }}
    - hold: {{ at: {rate}/s, for: {seconds}s, name: hold }}
calls: {{ timeout: 10s }}
journeys: {{ read: {{ weight: 100%, steps: [get_stock] }} }}
{faults}
"""


def request_frame():
    """A GetStock request as gRPC frames it."""
    key = b"\x0a\x03run\x12\x0bsku-0000001\x1a\x04main"
    message = b"\x0a" + bytes([len(key)]) + key
    return b"\0" + len(message).to_bytes(4, "big") + message


def cpu_seconds(command, **options):
    """Runs a command on core 1; what it printed, and the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        ["taskset", "-c", "1", *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return run, used


def h2load(address, folder, *arguments):
    frame = folder / "request.bin"
    frame.write_bytes(request_frame())
    run, used = cpu_seconds(
        ["h2load", "-t", 1, "-d", frame, "-H", "te: trailers", "-H", "content-type: application/grpc",
         *arguments, f"http://{address}{METHOD}"]
    )
    done = re.search(r"(\d+) succeeded, (\d+) failed", run.stdout)
    if run.returncode or not done or int(done[2]):
        raise SystemExit(f"h2load failed:\n{run.stdout}")
    return int(done[1]), used


def stampede(folder, rate, seconds, *arguments, arrivals="poisson", faults=""):
    scenario = folder / "generator.yaml"
    scenario.write_text(
        SCENARIO.format(
            connections=CONNECTIONS, streams=STREAMS, arrivals=arrivals, rate=int(rate),
            seconds=seconds, faults=faults,
        )
    )
    out = tempfile.mkdtemp(dir=folder)
    run, used = cpu_seconds(
        [STAMPEDE, "run", scenario, "--no-setup", "--quiet", "--out", out, *arguments]
    )
    # 5: what is measured here is the generator, whatever it says of itself.
    if run.returncode not in (0, 5):
        raise SystemExit(f"stampede failed ({run.returncode}):\n{run.stdout}")
    results = next(Path(out).iterdir())
    return json.loads((results / "summary.json").read_text()), used


def ok_calls(summary):
    return sum(call["ok"] for call in summary["calls"])


def efficiency(options, folder):
    """Pairs of calls per CPU-second: (h2load, stampede), and the rates."""
    pairs = []
    for number in range(options.pairs):
        with Server([CEILING], 0) as server:
            calls, used = h2load(
                server.address, folder, "-c", CONNECTIONS, "-m", STREAMS, "-D", options.seconds)
            theirs, their_rate = calls / used, calls / options.seconds
            summary, used = stampede(
                folder, 0.95 * their_rate, options.seconds, "--target", server.address)
            ours = ok_calls(summary) / used
        pairs.append({"h2load": theirs, "stampede": ours, "rate": their_rate,
                      "lag_p99_us": summary["generator_lag_us"]["p99"],
                      "validity": summary["validity"]["verdict"]})
        print(f"pair {number + 1}: h2load {theirs:,.0f}, stampede {ours:,.0f} calls per CPU-second: "
              f"{ours / theirs:.3f}", flush=True)
    return pairs


def half_load(options, folder, rate):
    """The rate that stampede reaches, and its lag at half of that."""
    with Server([CEILING], 0) as server:
        summary, _ = stampede(folder, 2 * rate, options.seconds, "--target", server.address)
        limit = ok_calls(summary) / summary["duration_s"]
        lags = []
        for _ in range(options.pairs):
            half, _ = stampede(folder, limit / 2, options.seconds, "--target", server.address)
            lags.append(half["generator_lag_us"]["p99"])
            print(f"half of {limit:,.0f} calls/s: lag p99 {lags[-1]} µs", flush=True)
    return {"limit": limit, "lag_p99_us": lags}


def freeze_ours(folder):
    faults = f"faults: [ {{ at: 4500ms, do: stop, for: {int(FREEZE_STOP * 1000)}ms }} ]"
    command = f"sh -c 'exec taskset -c 0 {CEILING}' {{listen}}"
    summary, _ = stampede(
        folder, FREEZE_RATE, FREEZE_SECONDS, "--server-command", command, arrivals="even",
        faults=faults)
    stop, go = (next(e["at_s"] for e in summary["events"] if e["kind"] == kind)
                for kind in ("stop", "continue"))
    call = next(c for c in summary["calls"] if c["call"] == "GetStock")
    return {"p99_s": call["response_us"]["p99"] / 1e6, "theory_s": go - stop - FREEZE_SECONDS / 100,
            "p90_s": call["response_us"]["p90"] / 1e6,
            "theory_p90_s": go - stop - FREEZE_SECONDS / 10, "stopped_s": go - stop}


def freeze_theirs(folder):
    """h2load at the same rate over as many connections; its log has each request's time."""
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    with Server([CEILING], 0) as server:
        def stop():
            time.sleep(4)
            os.kill(server.process.pid, signal.SIGSTOP)
            time.sleep(FREEZE_STOP)
            os.kill(server.process.pid, signal.SIGCONT)
        thread = threading.Thread(target=stop)
        thread.start()
        h2load(server.address, folder, "-c", CONNECTIONS, "-m", STREAMS, "-n",
               FREEZE_RATE * FREEZE_SECONDS, "--rps", FREEZE_RATE // CONNECTIONS,
               "--log-file", log)
        thread.join()
    times = sorted(int(line.split()[2]) for line in log.read_text().splitlines())
    return {"p99_s": times[int(0.99 * len(times)) - 1] / 1e6,
            "p90_s": times[int(0.9 * len(times)) - 1] / 1e6, "calls": len(times)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    return parser.parse_args()


def main():
    options = parse()
    REPORTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=REPORTS) as name:
        folder = Path(name)
        pairs = efficiency(options, folder)
        ratios = [pair["stampede"] / pair["h2load"] for pair in pairs]
        half = half_load(options, folder, statistics.median(pair["rate"] for pair in pairs))
        freezes = [(freeze_ours(folder), freeze_theirs(folder)) for _ in range(3)]
    low, high = interval(ratios)
    lag = statistics.median(half["lag_p99_us"])
    errors = [abs(ours["p99_s"] / ours["theory_s"] - 1) for ours, _ in freezes]
    report = {
        "schema_version": 1,
        "machine": machine(),
        "commit": output_of("git", "rev-parse", "HEAD"),
        "efficiency": {"pairs": pairs, "ratio": statistics.median(ratios), "low": low, "high": high},
        "half_load": half,
        "freeze": [{"stampede": ours, "h2load": theirs} for ours, theirs in freezes],
    }
    path = REPORTS / "generator.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    ours = statistics.median(pair["stampede"] for pair in pairs)
    theirs = statistics.median(pair["h2load"] for pair in pairs)
    print()
    print(f"calls per CPU-second: h2load {theirs:,.0f}, stampede {ours:,.0f}; ratio "
          f"{statistics.median(ratios):.3f} ({low:.3f} to {high:.3f}), goal {EFFICIENCY_GOAL}")
    print(f"schedule lag p99 at half of {half['limit']:,.0f} calls/s: {lag:.0f} µs "
          f"({min(half['lag_p99_us'])} to {max(half['lag_p99_us'])}), goal under {LAG_GOAL_US}")
    for ours, theirs in freezes:
        print(f"freeze of {ours['stopped_s']:.3f} s: p99 in theory {ours['theory_s']:.3f}, stampede "
              f"{ours['p99_s']:.3f}, h2load {theirs['p99_s']:.3f} s; p90 in theory "
              f"{ours['theory_p90_s']:.3f}, stampede {ours['p90_s']:.3f}, h2load "
              f"{theirs['p90_s']:.3f} s")
    print(f"report: {path.relative_to(ROOT)}")
    met = statistics.median(ratios) >= EFFICIENCY_GOAL and lag < LAG_GOAL_US \
        and max(errors) <= FREEZE_GOAL
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
