# SPDX-License-Identifier: Apache-2.0
"""The programs that partners start from are run as they would run them."""

import os
import re
import subprocess
import sys

import pytest

from stockade_server import ROOT

EXAMPLES = ROOT / "Protocols" / "examples"


def run(program, *arguments):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    return subprocess.run(
        [sys.executable, EXAMPLES / program, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_first_call(server):
    ended = run("first_call.py", server.address)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    for expected in (
        r"^Stock: +3 on hand, 3 available$",
        r"^Reserved: +2 units, state HELD",
        r"^Sold out: +INSUFFICIENT_STOCK: 2 requested, 1 available$",
        r"^Retried: +the same 2 units, replay mark: 1$",
        r"^Confirmed: +state CONFIRMED, order [0-9a-f]{32}$",
        r"^Stock: +3 on hand, 2 allocated, 1 available$",
    ):
        assert re.search(expected, ended.stdout, re.MULTILINE), f"{expected}\n{ended.stdout}"


def test_first_call_again(server):
    """It can be run as often as one likes."""
    assert run("first_call.py", server.address).returncode == 0


def test_first_order(server):
    for _ in range(2):
        ended = run("first_order.py", server.address)
        assert ended.returncode == 0, ended.stderr
        assert ended.stderr == ""
        for expected in (
            r"^Ordered: +5 from south, 1 from north$",
            r"^Cancelled: +2 of 6$",
            r"^Refused: +REASON_INSUFFICIENT_STOCK: line 1: 50 asked for, 1 available$",
            r"^Joined: +2 reservations, 2 lines$",
            r"^Timeline: +CREATED, 6 units$",
            r"^Timeline: +CANCELLED_IN_PART, 2 units$",
            r"^Listed: +2 orders$",
        ):
            assert re.search(expected, ended.stdout, re.MULTILINE), f"{expected}\n{ended.stdout}"


@pytest.mark.parametrize("program", ["first_call.py", "first_order.py"])
def test_the_stubs_are_made_as_it_says_on_top(program, tmp_path):
    """What is pasted from the file itself, backslash and all."""
    source = (EXAMPLES / program).read_text(encoding="utf-8")
    recipe = re.search(r"^    mkdir .*?\.proto$", source, re.MULTILINE | re.DOTALL)
    (tmp_path / "Protocols").symlink_to(ROOT / "Protocols")
    path = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    subprocess.run(
        ["bash", "-euc", recipe.group()],
        cwd=tmp_path,
        env=dict(os.environ, PATH=path),
        timeout=60,
        check=True,
    )
    assert (tmp_path / "stubs/stockade/v1/order_service_pb2_grpc.py").is_file()


@pytest.mark.parametrize("program", ["first_call.py", "first_order.py"])
def test_it_says_how_it_is_used(program):
    ended = run(program)
    assert ended.returncode == 2
    assert "HOST:PORT" in ended.stderr


@pytest.mark.parametrize("program", ["first_call.py", "first_order.py"])
def test_without_a_server(program):
    ended = run(program, "127.0.0.1:1")
    assert ended.returncode == 1
    assert "UNAVAILABLE" in ended.stderr
    assert "Traceback" not in ended.stderr
