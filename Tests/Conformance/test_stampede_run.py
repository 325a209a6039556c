# SPDX-License-Identifier: Apache-2.0
"""`stampede run` from the command line to the exit code and the files, against real servers.

A machine that is busy wakes the generator late, and such a run says so with exit code 5: it proves
nothing here and is begun anew.
"""

import csv
import os
import re
import signal
import socket
import subprocess
import time

import pytest
from shop import eventually
from stampede_process import (
    ACKNOWLEDGED,
    AGAIN,
    CHECKS,
    CLOSING,
    CONFIRM,
    CRASH,
    LOOKS,
    RELEASE,
    RESERVE,
    SALE,
    SCENARIOS,
    STAMPEDE,
    STANDSTILL,
    STEADY,
    Stampede,
)

COULD_NOT_RUN, USAGE, MISSED, WRONG, INVALID, ABORTED, UNSAFE = 1, 2, 3, 4, 5, 6, 8

# The journal has to be read for these.
JOURNAL_CHECKS = {"conservation", "lost", "phantom", "unknown", "expiry", "undersold"}


# Reservations that nobody ends.
HOLDS = LOOKS.replace("get_stock", "reserve").replace("1s", "3s")


def stampede_words(*words):
    """Runs `stampede WORDS` to its end."""
    return subprocess.run(
        [STAMPEDE, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def sale(tmp_path_factory):
    """The small sale with a server of its own; the tests of its files share it."""
    runs = Stampede(tmp_path_factory.mktemp("sale"))
    yield runs.run(SALE, *runs.server())
    runs.end()


class TestSale:
    def test_passes(self, sale):
        sale.must_be(0)
        assert sale.stdout.startswith("PASS  small-sale: 9 checks hold"), sale
        assert sale.summary["verdict"] == "PASS" and sale.summary["reasons"] == []
        assert sale.summary["journal_checked"]
        assert tuple(each["name"] for each in sale.summary["checks"]) == (*CHECKS, "postgres")
        assert sale.checks("passed") == set(CHECKS), sale
        assert all(each["kept"] for each in sale.summary["objectives"])

    def test_did_what_was_asked(self, sale):
        """Everything in the scenario happened, and the flash set is gone."""
        journeys = sale.summary["journeys"]
        assert journeys["begun"] == journeys["completed"] + journeys["refused"]
        assert journeys["failed"] == journeys["shed"] == 0
        assert {each["call"] for each in sale.summary["calls"]} == {
            "GetStock", "Reserve", "Confirm", "Release"
        }
        assert sale.call("Confirm")["replays"] > 0 and sale.call("Reserve")["replays"] > 0
        sold = re.search(r"(\d+) holds expired", sale.check("expiry")["extent"])
        assert int(sold.group(1)) > 0
        bought = sale.events("closing")[-1]["text"]
        assert re.fullmatch(r"the closing phase bought \d+ units", bought)

    def test_told_of_every_second(self, sale):
        assert re.search(r"^1 s  warmup  offered \d+/s", sale.stderr, re.MULTILINE), sale
        assert re.search(r"^2 s  sale  .* p99 .*  left \d+$", sale.stderr, re.MULTILINE), sale

    def test_names_its_files(self, sale):
        names = {each.name for each in sale.folder.iterdir()}
        histograms = {
            f"{call}.{what}.hgrm"
            for call in ("getstock", "reserve", "confirm", "release")
            for what in ("response", "service")
        }
        assert names >= histograms | {
            "summary.json", "report.html", "timeseries.csv", "response.hgrm", "lag.hgrm",
            "scenario.lock.yaml", "ledger.bin", "verdict.txt",
        }
        assert not [name for name in names if name.endswith(".partial")]
        assert re.fullmatch(r"small-sale-\d{8}T\d{6}Z-[0-9a-f]{1,8}", sale.folder.name)

    def test_summary(self, sale):
        assert sale.summary["schema_version"] == 1
        assert sale.summary["seed"] == 5
        assert sale.summary["brand"] == f"run-{sale.summary['run_id']}"
        counts = sum(each["calls"] for each in sale.summary["calls"])
        assert sale.summary["all_calls"]["calls"] == counts > 1_000

    def test_sold_is_what_the_end_says(self, sale):
        """What the closing phase bought is in it."""
        assert sale.summary["flash_units_sold"] == sale.summary["flash_units"] > 0
        page = (sale.folder / "report.html").read_text(encoding="utf-8")
        sold = f"{sale.summary['flash_units']:,}"
        assert f"<b>{sold}</b> <span>of {sold} flash units sold</span>" in page

    def test_report_is_one_file(self, sale):
        page = (sale.folder / "report.html").read_text(encoding="utf-8")
        assert not re.search(r"https?:|//[a-z]|<script|<link|<img|@import|url\(", page)
        assert not re.search(r"""(?:href|src)=["'](?!#)""", page)
        assert "default-src 'none'" in page

    def test_timeseries(self, sale):
        with (sale.folder / "timeseries.csv").open(newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        assert len(rows) >= 3
        assert {len(row) for row in rows} == {len(head)}
        assert [row[0] for row in rows] == [str(number) for number in range(len(rows))]
        sent = sum(int(row[head.index("sent_calls")]) for row in rows)
        assert sent == sale.summary["all_calls"]["calls"]

    def test_histograms(self, sale):
        """HdrHistogram's percentile format: value in ms, percentile, count, 1/(1-percentile)."""
        for file in sale.folder.glob("*.hgrm"):
            lines = file.read_text(encoding="ascii").splitlines()
            assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
            rows = [line.split() for line in lines[2:] if line and not line.startswith("#")]
            values = [float(row[0]) for row in rows]
            assert values == sorted(values) and float(rows[-1][1]) == 1, file
            total = re.search(r"Total count\s+=\s+(\d+)", "\n".join(lines))
            assert total.group(1) == rows[-1][2], file

    def test_lock_validates(self, sale):
        ended = stampede_words("validate", sale.folder / "scenario.lock.yaml")
        assert ended.returncode == 0, ended

    def test_ledger(self, sale):
        rows = sale.ledger()
        assert {row.kind for row in rows} == {RESERVE, CONFIRM, RELEASE}
        assert any(row.flags & AGAIN for row in rows) and any(row.flags & CLOSING for row in rows)
        assert all(row.answered >= row.sent >= row.due for row in rows if not row.flags & CLOSING)
        granted = [
            row for row in rows
            if row.kind == RESERVE and row.outcome == ACKNOWLEDGED and not row.flags & AGAIN
        ]
        extent = sale.check("oversold")["extent"]
        assert f"{len(granted):,} reservations" in extent


class TestCrash:
    def test_kill_with_retries(self, stampede):
        ended = stampede.run(SALE, *stampede.server(), *CRASH).must_be(0)
        assert len(ended.events("kill")) == len(ended.events("restart")) == 2
        for event in ended.events("kill") + ended.events("restart"):
            words = re.escape(event["text"])
            assert re.search(rf"^[\d.]+ s  \* {words}$", ended.stderr, re.MULTILINE), "at once"
            assert re.search(rf"^ +[\d.]+ s  {words}$", ended.stdout, re.MULTILINE), "in the end"
        assert ended.checks("passed") == set(CHECKS), ended
        assert ended.check("lost")["count"] == 0
        assert ended.summary["all_calls"]["failed"] == 0
        assert ended.summary["all_calls"]["retried"] > 0, "nothing was in flight"

    def test_stopped_server(self, stampede):
        """Time-outs shorter than the stop: what is in flight is sent again and again."""
        ended = stampede.run(
            SALE, *stampede.server(), "--set=calls.timeout=150ms",
            "--set=faults=[{ at: sale+500ms, do: stop, for: 600ms }]",
        ).must_be(0)
        assert ended.events("stop") and ended.events("continue")
        assert ended.checks("passed") == set(CHECKS), ended
        assert max(row.attempts for row in ended.ledger()) > 2

    def test_cut_connections(self, stampede):
        """All of them, while a stopped server has calls in hand."""
        ended = stampede.run(
            SALE, *stampede.server(),
            "--set=faults=[{ at: sale+500ms, do: stop, for: 500ms },"
            " { at: sale+700ms, do: cut, share: 100% }]",
        ).must_be(0)
        assert ended.events("cut")
        assert ended.checks("passed") == set(CHECKS), ended
        assert max(row.attempts for row in ended.ledger()) > 1

    def test_all_connections_cut_with_thousands_of_calls(self, stampede):
        """6,400 calls end in one turn of the loop, and each of them is told so."""
        ended = stampede.run(
            LOOKS, *stampede.server(), "--set=target={ connections: 64, max_streams: 100 }",
            "--set=load.max_in_flight=50k", "--rate=10k/s", "--duration=4s",
            "--set=calls={ attempts: 20, timeout: 5s, give_up: 20s }",
            "--set=faults=[{ at: 1s, do: stop, for: 1500ms },"
            " { at: 2s, do: cut, share: 100% }]",
        ).must_be(0)
        calls = ended.summary["all_calls"]
        assert calls["failed"] == 0 and calls["ok"] == ended.summary["journeys"]["begun"], calls
        assert calls["retried"] > 4_096, "fewer calls were cut than a turn's list once held"

    def test_server_that_dies(self, stampede):
        """By itself, for all that the run knows. Nothing is waited for then."""
        running = stampede.begin(STEADY, *stampede.server(), "--set=load.stages.1.hold.for=60s")
        running.wait_for_second(1)
        os.kill(running.server_pid(), signal.SIGKILL)
        ended = running.wait(30)
        assert ended.code in (COULD_NOT_RUN, WRONG), ended
        assert any(
            reason.startswith("the server ended by itself, with 137")
            for reason in ended.summary["reasons"]
        ), ended
        assert ended.summary["verdict"] in ("ERROR", "FAIL")

    def test_target_that_dies(self, stampede, start_server):
        """Its calls fail, and the run comes to its end."""
        server = start_server()
        running = stampede.begin(
            STEADY, f"--target={server.address}", "--set=calls.give_up=1s",
            "--set=load.stages.1.hold.for=3s",
        )
        running.wait_for_second(1)
        server.kill()
        ended = running.wait(60)
        assert ended.code == COULD_NOT_RUN, ended
        assert "couldn't be reached any more" in ended.summary["reasons"][0], ended
        assert ended.summary["all_calls"]["failed"] > 0
        assert any(reason.startswith("error_rate < 1%") for reason in ended.summary["reasons"])


class TestTarget:
    def test_passes_for_the_client_side(self, stampede, start_server):
        ended = stampede.run(
            SALE, f"--target={start_server().address}", "--set=faults=[]"
        ).must_pass()
        if not ended.was_late:
            assert ended.stdout.startswith("PASS (client side only)  small-sale: 3 checks hold")
            assert ended.summary["verdict"] == "PASS"
        assert "Was the sale right?  client side only" in ended.stdout
        assert not ended.summary["journal_checked"]
        assert ended.checks("not_checked") == JOURNAL_CHECKS | {"postgres"}
        assert ended.checks("passed") == set(CHECKS) - JOURNAL_CHECKS
        why = {ended.check(name)["why_not_checked"] for name in JOURNAL_CHECKS}
        assert all("journal" in each for each in why), why

    def test_twice_on_one_server(self, stampede, start_server):
        """The second run meets nothing of the first."""
        target = f"--target={start_server().address}"
        first, second = (stampede.run(STEADY, target).must_pass() for _ in range(2))
        assert first.summary["run_id"] != second.summary["run_id"]
        assert first.summary["brand"] != second.summary["brand"]
        again = {(row.kind, row.journey) for row in second.ledger() if row.flags & AGAIN}
        assert again
        for name, kind in (("Reserve", RESERVE), ("Confirm", CONFIRM)):
            expected = sum(1 for each in again if each[0] == kind)
            assert second.call(name)["replays"] == expected, "more than what was sent twice"

    def test_one_run_id_twice_on_one_server(self, stampede, start_server):
        """The stock can't be set up again under the ids of the first time."""
        words = (f"--target={start_server().address}", "--run-id=5eed", "--quiet")
        stampede.run(LOOKS, *words, repeats=0).must_pass()
        ended = stampede.run(LOOKS, *words)
        assert ended.code == COULD_NOT_RUN, ended
        assert "5eed" in ended.stderr, ended

    def test_first_attempt_that_is_answered_as_a_replay(self, stampede, start_server):
        """The same run id twice on a server that has forgotten the set-up, not what it holds."""
        server = start_server("--retention=1s")
        words = (f"--target={server.address}", "--run-id=5eed", "--quiet")
        first = stampede.run(HOLDS, *words, repeats=0).must_pass()
        # The journeys took longer than the retention.
        second = stampede.run(HOLDS, *words, repeats=0).must_be(WRONG)
        assert first.summary["run_id"] == second.summary["run_id"] == "5eed"
        assert second.checks("failed") == {"duplicate"}, second
        check = second.check("duplicate")
        assert check["count"] == second.call("Reserve")["replays"] == 600
        assert "a first attempt was answered as a replay" in check["counterexamples"][0]
        assert second.summary["reasons"][0] == "duplicate: 600 broken"


class TestIdentity:
    def test_same_requests_on_two_servers(self, stampede, start_server):
        """Same scenario, seed and run id; the second time as the first one resolved it."""
        words = ("--run-id=1dea", "--quiet")
        first = stampede.run(STEADY, f"--target={start_server().address}", *words, repeats=0)
        lock = first.folder / "scenario.lock.yaml"
        second = stampede.run(lock, f"--target={start_server().address}", *words, repeats=0)
        assert lock.read_bytes() == (second.folder / "scenario.lock.yaml").read_bytes()
        asked = [self.asked(ended) for ended in (first, second)]
        assert len(asked[0]) > 400
        assert asked[0] == asked[1]

    def test_another_run_id_or_seed_gives_other_requests(self, stampede, start_server):
        words = (f"--target={start_server().address}", "--set=load.stages.1.hold.for=1s", "--quiet")
        runs = [
            stampede.run(STEADY, *words, f"--run-id={number}", f"--set=seed={seed}", repeats=0)
            for number, seed in ((1, 1), (2, 1), (2, 2))
        ]
        by_id, by_seed, other = (self.asked(ended) for ended in runs)
        assert not by_id.keys() & by_seed.keys() and not by_seed.keys() & other.keys()
        assert sorted(by_id.values()) == sorted(by_seed.values()), "the run id changes no draw"
        assert sorted(by_seed.values()) != sorted(other.values())

    @staticmethod
    def asked(ended):
        """What was asked for under each reservation id."""
        ended.must_pass()
        return {
            (row.reservation_high, row.reservation_low, row.line): (
                row.journey, row.sku, row.requested, row.time_to_live
            )
            for row in ended.ledger()
            if row.kind == RESERVE and not row.flags & AGAIN
        }


class TestCouldNotRun:
    """Exit code 1, with the reason on standard error."""

    def test_nobody_listens(self, stampede):
        ended = stampede.run(LOOKS, f"--target={free_address()}", "--no-setup", repeats=0)
        ended.must_be(COULD_NOT_RUN)
        assert "0 of 4 connections opened" in ended.summary["reasons"][0]

    @pytest.mark.full
    def test_nobody_to_set_up_the_stock(self, stampede):
        address = free_address()
        ended = stampede.run(LOOKS, f"--target={address}")
        assert ended.code == COULD_NOT_RUN, ended
        assert ended.stdout == ""
        assert address in ended.stderr

    def test_command_that_is_not_there(self, stampede):
        ended = stampede.run(LOOKS, "--server-command=/no/such/stockade --listen {listen}")
        assert ended.code == COULD_NOT_RUN, ended
        assert ended.stdout == ""
        assert "/no/such/stockade: No such file or directory" in ended.stderr

    def test_command_that_ends_at_once(self, stampede):
        ended = stampede.run(LOOKS, *stampede.server("--loops 0"))
        assert ended.code == COULD_NOT_RUN, ended
        assert "ended with 2 before it was ready" in ended.stderr
        assert "--loops" in ended.stderr, "and what it said itself"

    def test_scenario_that_is_not_there(self, stampede):
        ended = stampede.run(stampede.place / "no.yaml", "--target=127.0.0.1:1")
        assert ended.code == COULD_NOT_RUN, ended
        assert "no.yaml: No such file or directory" in ended.stderr

    def test_folder_that_cannot_be_made(self, stampede):
        blocked = stampede.file("", "blocked")
        ended = stampede_words(
            "run", stampede.file(LOOKS), "--target=127.0.0.1:1", "--out", blocked / "runs"
        )
        assert ended.returncode == COULD_NOT_RUN, ended
        assert "Not a directory" in ended.stderr


class TestUsage:
    """Exit code 2 before anything begins."""

    @pytest.mark.parametrize(
        "words, hint",
        [
            (["--no-such-flag"], "--no-such-flag"),
            ([], "no server: give --target"),
            (["--target=here"], "here"),
            (["--target=127.0.0.1:65536"], "65536"),
            (["--target=127.0.0.1:1", "--run-id=xyz"], "--run-id"),
            (["--target=127.0.0.1:1", "--run-id=0"], "--run-id"),
            (["--target=127.0.0.1:1", "--rate=5k/s"], "--duration"),
            (["--target=127.0.0.1:1", "--rate=5k", "--duration=1s"], "5k"),
            (["--target=127.0.0.1:1", "--set=load.stages.0.hold.speed=1"], "speed"),
            (["--server-command=stockade serve"], "{listen}"),
            (["--server-command=stockade 'serve {listen}"], "quote"),
            (["--target=127.0.0.1:1", "--server-command=x {listen}"], "exclude each other"),
        ],
    )
    def test_flags(self, stampede, words, hint):
        ended = stampede.run(LOOKS, *words)
        assert ended.code == USAGE, ended
        assert ended.stdout == "" and hint in ended.stderr, ended
        assert ended.left_out == []

    def test_faults_of_a_scenario_have_their_place(self, stampede):
        text = LOOKS.replace("timeout: 30s", "timeout: 30").replace("skus", "skuz")
        file = stampede.file(text)
        ended = stampede.run(file, "--target=127.0.0.1:1")
        assert ended.code == USAGE, ended
        for word in ("skuz", "30 }"):
            place = next(
                (number, line.index(word) + 1)
                for number, line in enumerate(text.splitlines(), 1) if word in line
            )
            assert f"{file}:{place[0]}:{place[1]}: " in ended.stderr, ended
        assert "skus" in ended.stderr, "the nearest name"
        assert ended.left_out == []

    def test_comes_before_safety(self, stampede):
        """A scenario that kills, and no server at all."""
        ended = stampede.run(SCENARIOS / "flash-sale.yaml", "--target=here")
        assert ended.code == USAGE, ended


class TestSafety:
    """Exit code 8: only a server that stampede started itself is killed or stopped."""

    @pytest.mark.parametrize("fault", ["kill, restart: 50ms", "stop, for: 50ms"])
    def test_fault_at_a_target(self, stampede, start_server, fault):
        server = start_server()
        ended = stampede.run(
            LOOKS, f"--target={server.address}", f"--set=faults=[{{ at: 100ms, do: {fault} }}]"
        )
        assert ended.code == UNSAFE, ended
        assert ended.stdout == "" and "--server-command" in ended.stderr
        assert ended.left_out == []

    def test_cut_harms_nobody(self, stampede, start_server):
        stampede.run(
            LOOKS, f"--target={start_server().address}", "--set=calls.attempts=5",
            "--set=faults=[{ at: 500ms, do: cut, share: 50% }]",
        ).must_pass()


class TestVerdicts:
    @pytest.mark.parametrize(
        "objective, said",
        [("GetStock.p50 < 1us", "missed"), ("GetStock.p99 < 1h", "too few calls to say")],
    )
    def test_objective_missed(self, stampede, objective, said):
        ended = stampede.run(
            LOOKS, *stampede.server(), STANDSTILL, f"--set=slo=['{objective}']"
        ).must_be(MISSED)
        assert ended.summary["reasons"] == [f"{objective}: {said}"]
        assert [each["kept"] for each in ended.summary["objectives"]] == [False]

    def test_abort_rule(self, stampede):
        """And the objective isn't what the run ends with."""
        ended = stampede.run(
            LOOKS, *stampede.server(), STANDSTILL, "--set=load.stages.0.hold.for=60s",
            "--set=slo=['GetStock.p50 < 1us']", "--set=abort=['GetStock.p50 > 1us for 2s']",
        )
        assert ended.events("abort")
        ended.must_be(ABORTED)
        assert ended.summary["verdict"] == "ABORTED"
        assert ended.summary["reasons"][0] == "GetStock.p50 > 1us for 2 s"

    def test_more_than_anybody_can_send(self, stampede, start_server):
        ended = stampede.run(
            LOOKS, f"--target={start_server().address}", "--set=load.stages.0.hold.at=10m/s",
            "--set=load.stages.0.hold.for=500ms", "--set=load.max_in_flight=1k",
            "--set=calls.give_up=1ms", repeats=0,
        ).must_be(INVALID)
        assert ended.summary["verdict"] == "INVALID"
        assert ended.summary["reasons"][0].startswith("achieved / offered")

    def test_generator_that_was_away(self, stampede, start_server):
        """Stopped in the middle: what it measures then is itself."""
        running = stampede.begin(
            LOOKS, f"--target={start_server().address}", "--set=load.stages.0.hold.for=3s"
        )
        running.wait_for_second(1)
        running.signal(signal.SIGSTOP)
        try:
            time.sleep(0.7)
        finally:
            running.signal(signal.SIGCONT)
        ended = running.wait().must_be(INVALID)
        assert ended.summary["reasons"][0].startswith("schedule lag"), ended

    def test_server_that_was_away(self, stampede, start_server):
        """It answers in the first second of a hold and after the last: nothing was steady."""
        server = start_server()
        running = stampede.begin(
            LOOKS, f"--target={server.address}", "--set=load.stages.0.hold.for=6s"
        )
        running.wait_for_second(1)
        os.kill(server.pid, signal.SIGSTOP)
        try:
            running.wait_for_second(6)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        ended = running.wait().must_be(INVALID)
        assert ended.summary["reasons"][0].startswith("stationarity"), ended

    @pytest.mark.full
    def test_backlog(self, stampede, start_server):
        """One call at a time, and more of them than that."""
        ended = stampede.run(
            LOOKS, f"--target={start_server().address}", "--set=load.stages.0.hold.for=6s",
            "--set=load.stages.0.hold.at=60k/s", "--set=load.max_in_flight=1m",
            "--set=target={ connections: 1, max_streams: 1 }",
        ).must_be(INVALID)
        assert "a backlog grew" in ended.summary["reasons"][0], ended

    def test_nothing_measured(self, stampede, start_server):
        ended = stampede.run(
            LOOKS, f"--target={start_server().address}",
            "--set=load.stages.0.hold.measured=false", repeats=0,
        ).must_be(INVALID)
        assert ended.summary["reasons"] == ["samples: no measured call"]


class TestInterrupted:
    @pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_writes_its_report(self, stampede, number, code):
        """Its checks are made, its objectives aren't evaluated."""
        running = stampede.begin(
            STEADY, *stampede.server(), "--set=load.stages.1.hold.for=60s",
            "--set=slo=['GetStock.p50 < 1us']",
        )
        running.wait_for_second(1)
        running.signal(number)
        ended = running.wait(60).must_be(code)
        assert ended.stdout.startswith("INTERRUPTED  "), ended
        assert ended.summary["verdict"] == "INTERRUPTED"
        assert ended.summary["reasons"] == [f"stopped by signal {int(number)}"]
        assert ended.events("interrupt")
        assert ended.summary["journal_checked"]
        assert ended.checks("failed") == set()
        assert ended.checks("not_checked") == {"undersold", "postgres"}
        assert "INTERRUPTED" in (ended.folder / "report.html").read_text(encoding="utf-8")

    def test_second_signal_ends_at_once(self, stampede):
        """While it waits for the answers of a server that is stopped; that one ends too."""
        running = stampede.begin(
            STEADY, *stampede.server(), "--set=calls.timeout=50s", "--set=calls.attempts=1",
            "--set=load.stages.1.hold.for=60s",
            "--set=faults=[{ at: 1s, do: stop, for: 50s }]",
        )
        running.wait_for_second(2)
        server = running.server_pid()
        running.signal(signal.SIGINT)
        time.sleep(0.3)
        assert running.process.poll() is None, "it waits for what is in flight"
        running.signal(signal.SIGINT)
        ended = running.wait(10)
        assert ended.code == 130, ended
        assert ended.stdout == ""
        eventually(lambda: not os.path.exists(f"/proc/{server}/exe"))


class TestFreeze:
    def test_those_due_meanwhile_are_in_the_histogram(self, stampede):
        """A server stands still for F: who was due x after its begin waits for F - x. Arrivals are
        even, so those due in the first 1 % of the run's time are 1 % of all, and wait longest."""
        rate, seconds = 1_000, 10
        ended = stampede.run(
            LOOKS, *stampede.server(), f"--set=load.stages.0.hold.at={rate}/s",
            f"--set=load.stages.0.hold.for={seconds}s", "--set=target.connections=8",
            "--set=target.max_streams=512", "--set=calls.attempts=1",
            "--set=faults=[{ at: 3s, do: stop, for: 2s }]",
        )
        assert ended.code == 0, ended
        (stop,), (go_on,) = ended.events("stop"), ended.events("continue")
        frozen = go_on["at_s"] - stop["at_s"]
        calls = ended.call("GetStock")
        assert calls["calls"] == calls["ok"] == rate * seconds
        theory = frozen - seconds * 0.01
        assert calls["response_us"]["p99"] / 1e6 == pytest.approx(theory, rel=0.01)
        # A fifth was due while it stood still, so half of them waited for longer than half of it.
        assert calls["response_us"]["p90"] / 1e6 == pytest.approx(frozen - 1, rel=0.02)


def free_address():
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_it_names_what_was_answered_instead(stampede):
    """A server without room: which status and reason, on the terminal and in the summary."""
    ended = stampede.run(
        HOLDS.replace("200/s", "1k/s"), *stampede.server("--holds-max=1000"), repeats=0)
    reserve = ended.call("Reserve")
    (reason,) = reserve["reasons"]
    assert reason == {"name": "TOO_MANY_HOLDS", "count": reserve["failed"]}
    assert reason["count"] > 1_000
    count = f"{reason['count']:,}"
    assert f"Reserve: {count} x RESOURCE_EXHAUSTED (TOO_MANY_HOLDS)" in ended.stdout, ended
