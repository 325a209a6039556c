# SPDX-License-Identifier: Apache-2.0
"""`stampede bench` with each of its calls, and the arithmetic of `ops/bench --peers`."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from stampede_process import STAMPEDE
from stockade_server import ROOT

sys.path.insert(0, str(ROOT / "ops/lib"))
import bench
import peer_postgres
import peer_redis
import peers_bench

COULD_NOT_FINISH, BAD_USAGE = 1, 2


def stampede_bench(server, *words):
    """One run against a server; its exit code and its figures, or what it said instead."""
    done = subprocess.run(
        [STAMPEDE, "bench", "--target", server.address, "--connections", "4", "--streams", "16",
         "--json", *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def test_a_server_without_room_is_told_from_a_wrong_sale(start_server):
    """An earlier run's reservations are still held: nothing is wrong with the stock."""
    server = start_server("--holds-max=1000")
    words = [STAMPEDE, "bench", "--target", server.address, "--connections=2", "--streams=8",
             "--requests=3000", "--skus=1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == COULD_NOT_FINISH, done
    assert "first failure: the server answered RESOURCE_EXHAUSTED (TOO_MANY_HOLDS)\n" in done.stdout
    assert "oversold 0, undersold 0, unaccounted 0, wrong figures 0" in done.stdout
    assert "hint: " in done.stdout and "--holds-max" in done.stdout
    for call in ("reserve", "batch-reserve"):
        code, figures = stampede_bench(server, "--call", call, "--requests", 20)
        assert code == COULD_NOT_FINISH
        assert figures["turned_away"] == figures["failed"] > 0
        assert not figures["correct"]
        assert "TOO_MANY_HOLDS" in figures["first_failure"]


class TestCalls:
    """Every answer is judged, and the stock adds up afterwards."""

    @pytest.mark.parametrize(
        "call, items",
        [("reserve", 1), ("get-stock", 1), ("batch-reserve", 100), ("create-order", 3)],
    )
    def test_all_is_granted(self, server, call, items):
        code, figures = stampede_bench(server, "--call", call, "--requests", 20, "--skus", 7)
        assert code == 0, figures
        assert figures["call"] == call
        assert figures["items"] == items
        assert figures["granted"] == 20 * items
        assert figures["refused"] == figures["failed"] == figures["replayed"] == 0
        assert figures["stock_checked"] == (call != "get-stock")

    @pytest.mark.parametrize("call, items", [("batch-reserve", 10), ("create-order", 2)])
    def test_a_given_number_of_items(self, server, call, items):
        code, figures = stampede_bench(
            server, "--call", call, "--items", items, "--requests", 50, "--skus", 1
        )
        assert code == 0, figures
        assert figures["granted"] == 50 * items
        assert figures["items_per_second"] == pytest.approx(items * figures["calls_per_second"])

    @pytest.mark.parametrize("call", ["batch-reserve", "create-order"])
    def test_what_is_sold_out_is_refused_and_never_oversold(self, server, call):
        code, figures = stampede_bench(
            server, "--call", call, "--items", 10, "--requests", 50, "--skus", 1, "--stock", 100
        )
        assert code == 0, figures
        assert figures["granted"] == 100
        assert figures["refused"] == 400
        assert figures["oversold"] == figures["undersold"] == figures["unaccounted"] == 0

    @pytest.mark.parametrize(
        "words, why",
        [
            (("--call", "reserve", "--items", 2), "--items of reserve must be 1 to 1"),
            (("--call", "batch-reserve", "--items", 1_001), "must be 1 to 1000"),
            (("--call", "create-order", "--items", 0), "must be 1 to 500"),
            (("--call", "release"), "release"),
        ],
    )
    def test_bad_usage(self, server, words, why):
        code, said = stampede_bench(server, *words)
        assert code == BAD_USAGE, said
        assert why in said


# The peers' figures -------------------------------------------------------------------------------


REDIS_CSV = """\
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms",\
"max_latency_ms"
"EVALSHA f1 2 s:__rand_int__ r:__rand_int__ 1 900","73746.31","0.759","0.248","0.703","1.119",\
"1.583","12.175"
"""


class TestRedis:
    def test_the_driver_is_read(self):
        assert peer_redis.figures_of(REDIS_CSV, 1) == {
            "calls_per_second": 73746.31, "p50_us": 703, "p99_us": 1583,
        }

    def test_a_pipeline_has_no_latency(self):
        figures = peer_redis.figures_of(REDIS_CSV, 64)
        assert figures["p50_us"] is None and figures["p99_us"] is None

    def test_calls_and_failures_are_read(self):
        info = "# Stats\r\ntotal_error_replies:3\r\ncmdstat_evalsha:calls=17,usec=9\r\n"
        assert peer_redis.calls_of(info.replace("\r", "")) == {"called": 17, "failed": 3}

    @pytest.mark.parametrize(
        "left, notes, calls, failed",
        # Nothing was taken for a call; a note is missing; a command failed.
        [(8, 3, 3, 0), (7, 2, 3, 0), (7, 3, 3, 1)],
    )
    def test_what_does_not_add_up_is_void(self, left, notes, calls, failed):
        with pytest.raises(bench.Void):
            peer_redis.judge(Answers(left, notes, calls, failed), 1)

    def test_what_adds_up_is_not(self):
        peer_redis.judge(Answers(7, 3, 3, 0), 1)


class Answers:
    """What a Redis would say, of a stock of ten below the real one."""

    def __init__(self, left, notes, calls, failed):
        self.said = {
            "EVAL": str(peer_redis.STOCK - 10 + left),
            "DBSIZE": str(1 + notes),
            "INFO": f"cmdstat_evalsha:calls={calls},usec=1\ntotal_error_replies:{failed}\n",
        }

    def ask(self, command, *_):
        return self.said[command]


class TestPostgres:
    def test_the_driver_is_read(self):
        text = (
            "number of transactions actually processed: 4104\n"
            "tps = 1367.25 (without initial connection time)\n"
        )
        assert peer_postgres.rate_of(text) == (1367.25, 4104)

    def test_a_report_without_a_rate_is_an_error(self):
        with pytest.raises(TypeError):
            peer_postgres.rate_of("pgbench: error: aborted\n")

    def test_times_are_read_from_the_log(self):
        log = "0 1 700 0 1790000000 1\n3 1 900 0 1790000000 2\n"
        assert peer_postgres.times_of(log) == [700, 900]

    def test_quantiles(self):
        assert peer_postgres.quantiles(list(range(1, 101))) == {"p50_us": 51, "p99_us": 100}
        assert peer_postgres.quantiles([5]) == {"p50_us": 5, "p99_us": 5}


def rounds(*rates):
    """Rounds of the ceiling, durable Reserve and one more side."""
    names = ("ceiling", "reserve", "grpc-go")
    return [
        {
            name: {"calls_per_second": rate, "p50_us": 10, "p99_us": 20}
            for name, rate in zip(names, each)
            if rate is not None
        }
        for each in rates
    ]


class TestSummary:
    def test_ratios_are_of_one_round(self):
        # The machine is twice as fast in some rounds; the ratios don't know.
        done = rounds(*(4 * [(1000, 500, 100)] + 4 * [(2000, 1000, 200)]))
        summary = peers_bench.summarise("grpc-go", done)
        assert summary["of_ceiling"]["median"] == 0.1
        assert summary["of_reserve"]["median"] == 0.2
        assert summary["of_ceiling"]["is_measured"]

    def test_a_void_run_costs_only_its_own_ratios(self):
        done = rounds((1000, 500, 100), (1000, None, 100), (None, 500, 100))
        summary = peers_bench.summarise("grpc-go", done)
        assert summary["runs"] == 3
        assert summary["of_ceiling"]["median"] == 0.1
        assert peers_bench.summarise("reserve", done)["runs"] == 2

    def test_a_side_without_a_run_has_no_figures(self):
        done = rounds((1000, 500, None))
        assert peers_bench.summarise("grpc-go", done) is None
        assert peers_bench.row((8, 64), "grpc-go", None).count("not measured") == 5

    def test_a_wide_interval_is_not_measured(self):
        done = rounds(*[(1000, 500, rate) for rate in (60, 80, 100, 120, 140, 160, 180)])
        text = peers_bench.ratio_text(peers_bench.summarise("grpc-go", done)["of_ceiling"])
        assert text.startswith("not measured: 0.12 (")

    def test_too_few_rounds_are_not_measured(self):
        done = rounds(*3 * [(1000, 500, 100)])
        text = peers_bench.ratio_text(peers_bench.summarise("grpc-go", done)["of_ceiling"])
        assert text == "not measured: 0.1 (0.1 to 0.1)"

    def test_every_row_has_all_columns(self):
        done = rounds(*7 * [(1000, 500, 100)])
        for side in ("ceiling", "reserve", "grpc-go"):
            row = peers_bench.row((8, 64), side, peers_bench.summarise(side, done))
            assert row.count("|") == len(peers_bench.COLUMNS) + 1, row

    def test_items_are_counted_beside_calls(self):
        assert peers_bench.rate_text({"calls_per_second": 6_543, "items": 100}) == (
            "6,543 (654,300 items/s)"
        )


class TestOptions:
    def test_sides_are_chosen_by_name(self):
        assert peers_bench.parse(["--quick", "--only", "reserve,ceiling"]).sides == [
            "ceiling", "reserve",
        ]

    @pytest.mark.parametrize(
        "words, why",
        [
            (["--only", "oracle"], "no side is called oracle"),
            (["--pairs", "6"], "fewer than 7 rounds"),
            (["--seconds", "0"], "at least a second"),
            (["--load-core", "0"], "a core each"),
        ],
    )
    def test_bad_usage(self, capsys, words, why):
        with pytest.raises(SystemExit) as ended:
            peers_bench.parse(words)
        assert ended.value.code == 2
        assert why in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="server and load need a core each")
@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler for the ceiling")
def test_a_quick_run():
    """Two sides from beginning to end."""
    subprocess.run(
        ["bash", "-c", ". ops/lib/setup.sh; . ops/lib/build_peers.sh; build_ceiling"],
        cwd=ROOT, check=True,
    )
    done = subprocess.run(
        [sys.executable, ROOT / "ops/lib/peers_bench.py", "--quick", "--only", "ceiling,reserve"],
        capture_output=True, text=True, timeout=300, check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.count("| **Stockade, Reserve** |") == len(bench.SHAPES)
    assert "quick: not a measurement" in done.stdout
    path = ROOT / done.stdout.rpartition("written to ")[2].strip()
    report = json.loads(path.read_text())
    assert not report["is_measurement"]
    assert [shape["sides"]["reserve"]["runs"] for shape in report["shapes"]] == [3, 3]
