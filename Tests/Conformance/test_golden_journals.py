# SPDX-License-Identifier: Apache-2.0
"""Journals that servers of earlier versions wrote: this one starts on them and knows all of it.

What they must say stands beside them, as `stockade check` dumped it then.
"""

import json

import pytest
import stockade_server
from journal_file import journal_format
from shop import Shop
from stockade.v1 import types_pb2 as types

GOLDEN = stockade_server.ROOT / "Protocols" / "golden" / "journal"
TYPES = set(journal_format.TYPES.values())
# Later than that a deadline may have come meanwhile.
SAFE_MS = 600_000


def segments(name):
    return journal_format.load_golden(GOLDEN / name)


def records(name):
    """Every record's fields, as the description of the format has them."""
    journal = journal_format.read_journal(segments(name))
    return [
        journal_format.parse_record(data)
        for block in journal.blocks for *_, data in block.records
    ]


@pytest.fixture(params=["server", "server-orders"])
def golden(request, tmp_path):
    """(data directory, the dump's lines by their kind) of a copy at full length."""
    directory = tmp_path / "data" / "journal"
    directory.mkdir(parents=True)
    for number, data in segments(request.param).items():
        (directory / f"{number:016x}.seg").write_bytes(data)
    told = {}
    for line in (GOLDEN / f"{request.param}.jsonl").read_text(encoding="ascii").splitlines():
        line = json.loads(line)
        told.setdefault(line["kind"], []).append(line)
    return tmp_path / "data", told


def shops(server, told):
    return {
        brand: Shop(server.address, brand)
        for brand in {each["brand"] for each in told["account"]}
    }


def check_stock(shop, told):
    stock = shop.stock(told["sku"], told["warehouse"])
    figures = ("on_hand", "held", "allocated", "safety", "version")
    assert {name: getattr(stock, name) for name in figures} == {
        name: told[name] for name in figures
    }
    policy = shop.policy(told["sku"], told["warehouse"])
    for name in ("safety", "backorder_limit", "low_water", "high_water", "hold_ttl_ms"):
        assert getattr(policy, name) == told.get(name, 0), name


def check_hold(shop, told):
    hold = shop.reservation(bytes.fromhex(told["reservation_id"]))
    assert types.ReservationState.Name(hold.state) == f"RESERVATION_STATE_{told['state']}"
    assert (hold.created_ms, hold.dealer) == (told["created_ms"], told["dealer"])
    if told["state"] == "CONFIRMED":
        assert hold.order_id.hex() == told["order_id"]
    granted = {}
    for each in told["lines"]:
        number = each["line_number"]
        granted[number] = granted.get(number, 0) + each["granted"]
    assert {each.line_number: each.granted for each in hold.lines} == granted


def check_order(shop, told):
    order = shop.order(bytes.fromhex(told["order_id"]))
    assert types.OrderReviewState.Name(order.review_state).endswith(
        f"_{told.get('state', 'ACCEPTED')}")
    assert (order.created_ms, order.dealer) == (told["created_ms"], told["dealer"])
    assert [
        (each.line_number, each.sku, each.warehouse, each.quantity, each.cancelled)
        for each in order.lines
    ] == [
        (each["line_number"], each["sku"], each["warehouse"], each["quantity"],
         each.get("cancelled", 0))
        for each in told["lines"]
    ]
    assert [each.hex() for each in order.reservation_ids] == told.get(
        "reservation_ids", [told["reservation_id"]])
    events = shop.timeline(order.order_id).events
    assert events[0].sequence == told["sequence"]
    assert events[-1].sequence == told.get("last_sequence", told["sequence"])


def test_a_server_knows_all_of_it(golden, journal_server):
    data, told = golden
    server = journal_server(data=data)
    clients = shops(server, told)
    try:
        for each in told["account"]:
            check_stock(clients[each["brand"]], each)
        tick = told["journal"][0]["highest_tick"]
        for each in told["hold"]:
            if each["state"] == "HELD" and each["deadline_tick"] < tick + SAFE_MS:
                continue
            check_hold(clients[each["brand"]], each)
        for each in told["order"]:
            check_order(clients[each["brand"]], each)
    finally:
        for client in clients.values():
            client.channel.close()
    server.stop()
    ended = stockade_server.run("check", f"--data={data}", seconds=120)
    assert ended.returncode == 0 and "violations 0" in ended.stdout, ended


def test_one_has_every_type_of_record_and_each_is_as_described():
    found = {each["type"] for each in records("server-orders")}
    assert found == TYPES
    transfer = next(each for each in records("server-orders") if each["type"] == "transfer")
    assert transfer["quantity"] == 100
    assert transfer["figures"]["on_hand"] + transfer["other_figures"]["on_hand"] == 1_500
    made = [each for each in records("server-orders") if each["type"] == "order_from_holds"]
    assert [len(each["reservations"]) for each in made] == [2, 1, 1]
    assert [leg["line"] for leg in made[0]["legs"]] == [1, 2, 3, 4]
