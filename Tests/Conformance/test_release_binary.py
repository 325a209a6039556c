# SPDX-License-Identifier: Apache-2.0
"""What the optimiser promised, looked up in the release binaries."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = ROOT / ".build" / "release"
COUNTER = pathlib.Path(__file__).parent / "native" / "count_allocations.c"


def test_the_decision_is_specialised_for_its_sink():
    binary = (RELEASE / "stockade").read_bytes()
    # The mangled names of ReservationCore.place (what Reserve comes to) and others, specialised
    # (Tg5) with MemorySink.
    for method in ("5place", "7confirm", "7release"):
        name = rb"\$s15ReservationCoreAAC" + method.encode() + rb"[^\0]*MemorySinkC_Tg5\0"
        assert re.search(name, binary), f"{method[1:]} isn't specialised in .build/release/stockade"


def git(*words):
    return subprocess.run(
        ["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)


@pytest.mark.skipif(git("rev-parse", "HEAD").returncode != 0, reason="no git checkout here")
def test_it_knows_the_commit_that_it_was_built_from():
    said = subprocess.run(
        [RELEASE / "stockade", "--version"], capture_output=True, text=True, check=True).stdout
    told = re.fullmatch(r"stockade \d+\.\d+\.\d+ \(commit ([0-9a-f]{40})(?:-dirty)?\)\n", said)
    assert told, f"build it with ops/build: {said}"
    # Which one depends on when it was built last: one of this repository's.
    assert git("cat-file", "-e", f"{told.group(1)}^{{commit}}").returncode == 0, said


def count(probe, library, decisions):
    done = subprocess.run(
        [probe, str(decisions)],
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True, text=True, timeout=120, check=True)
    granted, refused, given_back = map(int, re.findall(r"\d+", done.stdout))
    assert granted == given_back and granted + refused == decisions
    assert refused == decisions // 3
    return int(re.search(r"allocations (\d+)", done.stderr).group(1))


@pytest.fixture
def library(tmp_path):
    """What counts the allocations of a process that it is preloaded into."""
    compiler = shutil.which("cc") or shutil.which("clang")
    assert compiler, "needs a C compiler; the Swift toolchain brings clang"
    library = tmp_path / "count_allocations.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, COUNTER, "-ldl"], check=True)
    return library


def count_calls(library, tmp_path, calls):
    """Allocations of a server from its start to its end, with so many durable reservations."""
    flags = ["serve", "--listen=127.0.0.1:0", f"--data={tmp_path / str(calls)}", "--loops=1"]
    flags += ["--holds-max=200k", "--ids-max=500k", "--accounts-max=1k", "--codes-max=1k"]
    flags += ["--journal-max=256MiB"]
    server = subprocess.Popen(
        [RELEASE / "stockade", *flags], env={**os.environ, "LD_PRELOAD": str(library)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        word, address = server.stdout.readline().split()
        assert word == "ready"
        load = [RELEASE / "stampede", "bench", "--target", address, "--requests", str(calls)]
        subprocess.run(
            [*load, "--skus", "10", "--connections", "4", "--streams", "16"],
            capture_output=True, timeout=120, check=True)
        server.terminate()
        _, log = server.communicate(timeout=60)
    finally:
        server.kill()
    return int(re.search(r"allocations (\d+)", log).group(1))


def test_a_call_allocates_nothing(library, tmp_path):
    """From the socket to the disk and back, nghttp2 included: its blocks are used again."""
    few = count_calls(library, tmp_path, 20_000)
    many = count_calls(library, tmp_path, 120_000)
    assert few > 0, "the counter counts nothing"
    # Threads that look around once a second, and kernels that split reads differently.
    assert many - few < 100, f"100,000 calls more allocated {many - few} times more"


def test_a_decision_allocates_nothing(library):
    few = count(RELEASE / "decision-probe", library, 30_000)
    many = count(RELEASE / "decision-probe", library, 630_000)
    assert few > 0, "the counter counts nothing"
    assert many - few < 60, f"600,000 decisions more allocated {many - few} times more"
