# SPDX-License-Identifier: Apache-2.0
"""`stampede run` with orders at once and cancellations, against a real server that is killed."""

import json
import subprocess

import pytest
from stampede_process import (
    ACKNOWLEDGED,
    AGAIN,
    CANCEL_ORDER,
    CHECKS,
    CREATE_ORDER,
    PLANTED,
    SCENARIOS,
    Stampede,
)
from stockade_server import STOCKADE

ORDERS = (SCENARIOS / "orders.yaml").read_text(encoding="utf-8")
WRONG = 4


@pytest.fixture(scope="module")
def sale(tmp_path_factory):
    """The shipped scenario with a server of its own; the tests of its files share it."""
    runs = Stampede(tmp_path_factory.mktemp("orders"))
    yield runs.run(ORDERS, *runs.server())
    runs.end()


def test_passes(sale):
    sale.must_be(0)
    assert sale.checks("passed") == set(CHECKS), sale
    assert {each["call"] for each in sale.summary["calls"]} == {
        "GetStock", "Reserve", "Confirm", "CreateOrder", "CancelOrder"
    }
    assert len(sale.events("kill")) == len(sale.events("restart")) == 1


def test_every_kind_of_order_was_made_and_cancelled(sale):
    """Replays among them: of answers that came, and of those that the crash swallowed."""
    for name in ("CreateOrder", "CancelOrder"):
        call = sale.call(name)
        assert call["ok"] > 100 and call["failed"] == 0 and call["replays"] > 10, call
    cancels = [
        row for row in sale.ledger()
        if row.kind == CANCEL_ORDER and row.outcome == ACKNOWLEDGED and not row.flags & AGAIN
    ]
    orders = {
        row.journey: row for row in sale.ledger() if row.kind == CREATE_ORDER and row.line == 1
    }
    at_once = [row for row in cancels if row.journey in orders and row.line == 1]
    assert at_once and any(row.journey not in orders for row in cancels)
    assert all(row.granted == row.requested for row in cancels)
    parts = {row.requested < orders[row.journey].granted for row in at_once}
    assert parts == {True, False}
    assert "cancelled" in sale.check("conservation")["extent"]


def test_the_checker_agrees(sale):
    """What the dump has adds up to what the buyers know."""
    data = sale.out.parent.parent / sale.out.name.replace("runs", "data")
    done = subprocess.run(
        [STOCKADE, "check", f"--data={data}", "--dump=-"], capture_output=True, text=True,
        check=False, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    orders = [
        each for each in map(json.loads, done.stdout.splitlines()) if each["kind"] == "order"
    ]
    cancelled = sum(line["cancelled"] for each in orders for line in each["lines"])
    assert cancelled > 0
    assert {each["state"] for each in orders} == {"ACCEPTED", "CANCELLED"}


@pytest.mark.skipif(not PLANTED.exists(), reason="ops/build --planted makes the server")
def test_an_order_too_many_is_found(stampede):
    ended = stampede.run(
        ORDERS, *stampede.server("--plant oversell-by-one", program=PLANTED),
        "--set=faults=[]", "--quiet",
    ).must_be(WRONG)
    assert ended.checks("failed") >= {"oversold", "conservation"}, ended
