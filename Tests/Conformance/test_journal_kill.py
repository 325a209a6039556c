# SPDX-License-Identifier: Apache-2.0
"""kill -9 under load, again and again on the same data: nothing acknowledged is lost."""

import json
import os
import random
import subprocess
import sys

import pytest
from journal_check import check_is_fine, dump_to
from kill_ledger import Client
from shop import eventually
from stockade_server import BINARIES, ROOT

# One seed decides what the clients do and when the server dies; the rest is the machine's.
SEED = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(1 << 32)))

FLAGS = ("--journal-max=128MiB", "--accounts-max=10k", "--codes-max=20k", "--holds-max=200k",
         "--ids-max=1m", "--legs-max=1m")


@pytest.fixture(params=range(10))
def series(request, is_full):
    """Ten series of twenty kills in the long run, one of five in the ordinary one."""
    if request.param and not is_full:
        pytest.skip("a further series of kills: --full")
    return request.param


def test_under_load(journal_server, series, is_full):
    seed = SEED + series
    print(f"KILL_SEED={seed}")
    chance = random.Random(seed)
    client = Client(seed)
    server = journal_server(*FLAGS)
    client.stock_up(server.address)
    for _ in range(20 if is_full else 5):
        client.run_until(server, chance.randint(20, 1_200), server.kill)
        server = journal_server.again(server)
        client.settle(server.address)
        client.audit_figures(server.address)
    client.audit(server.address)
    answers, retried, granted, refused = client.totals
    print(f"{answers} answers, {retried} repeated, {granted} granted, {refused} refused")
    assert granted and retried
    server.kill()
    check_is_fine(server.data)
    server = journal_server.again(server)
    client.audit(server.address)
    server.stop()
    check_is_fine(server.data)


def test_during_the_replay(journal_server):
    """A start that is killed, several times, leaves the journal as good as it was."""
    client = Client(SEED)
    server = journal_server(*FLAGS)
    client.stock_up(server.address)
    client.run_until(server, 600, server.kill)
    for _ in range(6):
        early = server.successor().begin()
        early.kill()
    server = journal_server.again(server)
    client.settle(server.address)
    client.audit(server.address)


def test_under_stampede(journal_server, tmp_path, is_full):
    """The load tester repeats what isn't answered; its ledger, joined with the dump, tells."""
    print(f"KILL_SEED={SEED}")
    chance = random.Random(SEED)
    kills = 40 if is_full else 5
    requests = 25_000 * kills
    server = journal_server(
        "--journal-max=1GiB", "--holds-max=1m", "--ids-max=2500k", "--legs-max=2500k", "--accounts-max=10k",
        "--codes-max=20k",
    )
    address = server.address
    ledger = tmp_path / "sale.jsonl"
    with (tmp_path / "stampede.log").open("w+b") as log:
        bench = subprocess.Popen(
            [
                BINARIES / "stampede", "bench", "--target", address, "--requests", str(requests),
                "--connections=4", "--streams=32", f"--skus={20 * kills}", "--stock=1000",
                f"--seed={SEED}", "--retry", "--give-up=60", "--ledger", ledger,
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            for number in range(kills):
                share = requests // kills
                moment = number * share + chance.randint(share // 10, share // 2)
                wait_for_lines(ledger, moment, bench)
                server.kill()
                server = journal_server.again(server, listen=address)
            code = bench.wait(120)
        finally:
            if bench.poll() is None:
                bench.kill()
                bench.wait()
        log.seek(0)
        assert code == 0, log.read().decode()
    server.kill()
    check_is_fine(server.data)
    state = dump_to(server.data, tmp_path / "state.jsonl")
    joined = subprocess.run(
        [sys.executable, ROOT / "ops/lib/ledger.py", ledger, state, "--json"],
        capture_output=True, text=True, check=False,
    )
    assert joined.returncode == 0, joined.stdout + joined.stderr
    told = json.loads(joined.stdout)
    assert told["passes"] and told["complete"]
    figures = told["figures"]
    assert figures["granted"] + figures.get("refused", 0) == requests
    print(figures)


def wait_for_lines(ledger, count, bench):
    """Until the ledger tells of so many answers."""
    seen = 0
    with eventually(lambda: ledger.exists() and ledger.open("rb")) as file:

        def enough():
            nonlocal seen
            assert bench.poll() is None, "it ended before the last kill"
            while chunk := file.read(1 << 20):
                seen += chunk.count(b"\n")
            return seen >= count

        eventually(enough, seconds=120, every=0.002)
