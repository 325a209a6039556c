# SPDX-License-Identifier: Apache-2.0
"""`stockade check` on real journals: exit codes, what goes where, and that it never writes.

The damages that a disk may do are `Protocols/golden/journal/corpus.txt`'s; here is the command.
"""

import hashlib
import json
import os
import pathlib
import struct
import sys

import pytest
import stockade_server
from shop import Shop, line, new_id

sys.path.insert(0, str(stockade_server.ROOT / "Protocols" / "golden"))
import journal_format  # noqa: E402

SECTOR = journal_format.SECTOR


def check(data, *flags):
    return stockade_server.run("check", f"--data={data}", *flags, seconds=120)


def fingerprint(directory):
    """Every file under it with its content and times."""
    found = {}
    for path in sorted(pathlib.Path(directory).rglob("*")):
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = (digest, path.stat().st_mtime_ns, path.stat().st_mode)
    return found


def serve(data):
    """A server with a small journal: segments of 8 MiB."""
    return stockade_server.StockadeServer(
        "--mode=journal", f"--data={data}", "--journal-max=64MiB"
    )


@pytest.fixture
def journal(tmp_path):
    """A data directory with a short history, and the ids in it; its server has stopped."""
    data = tmp_path / "data"
    ids = {"reserve": new_id(), "order": new_id(), "release": new_id(), "set": new_id()}
    with serve(data) as server, Shop(server.address, "ACME") as shop:
        shop.set_stock("pen", 100, request_id=ids["set"], source_version=2**63 + 5)
        shop.reserve({"pen": 7}, reservation_id=ids["reserve"])
        shop.reserve({"pen": 5}, reservation_id=ids["release"])
        shop.confirm(ids["reserve"], ids["order"])
        shop.release(ids["release"])
        shop.reserve({"pen": 1})
    return data, ids


def segment(data, number=0):
    return data / "journal" / f"{number:016x}.seg"


def last_block(data):
    """Where the last block of segment 0 begins."""
    _, blocks = journal_format.parse_segment(segment(data).read_bytes())
    return blocks[-1].offset


def flip(file, byte):
    with open(file, "r+b") as opened:
        opened.seek(byte)
        value = opened.read(1)[0]
        opened.seek(byte)
        opened.write(bytes([value ^ 1]))


def test_a_good_journal_is_fine_and_untouched(journal):
    data, _ = journal
    before = fingerprint(data)
    done = check(data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "violations 0" in done.stdout
    assert "reserve 3, confirm 1, release 1, expire 0" in done.stdout
    assert "units 100 on hand, 1 held, 7 allocated" in done.stdout
    assert "holds 1 live, 2 ended; orders 1" in done.stdout
    assert done.stderr == ""
    assert fingerprint(data) == before


def test_another_hand_reads_the_same(journal):
    data, _ = journal
    read = journal_format.read_journal(journal_format.load(data))
    assert read.verdict == "fine 10"
    done = check(data, "--dump=-")
    head = json.loads(done.stdout.splitlines()[0])
    assert head["uuid"] == read.uuid.hex()
    assert head["last_sequence"] == read.last_sequence
    assert head["epoch"] == read.epoch == 1
    assert head["highest_tick"] == read.highest_tick


def test_the_dump_tells_the_state(journal, tmp_path):
    data, ids = journal
    file = tmp_path / "dump.jsonl"
    file.write_text("an old dump")
    assert check(data, f"--dump={file}").returncode == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    by_kind = {}
    for line in lines:
        by_kind.setdefault(line["kind"], []).append(line)
    (account,) = by_kind["account"]
    assert (account["on_hand"], account["held"], account["allocated"]) == (100, 1, 7)
    assert account["available"] == 92 and account["source_version"] == 2**63 + 5
    states = {line["reservation_id"]: line["state"] for line in by_kind["hold"]}
    assert states[ids["reserve"].hex()] == "CONFIRMED"
    assert states[ids["release"].hex()] == "RELEASED"
    assert sorted(states.values()) == ["CONFIRMED", "HELD", "RELEASED"]
    (order,) = by_kind["order"]
    assert order["order_id"] == ids["order"].hex()
    assert order["lines"][0]["quantity"] == 7
    (outcome,) = by_kind["outcome"]
    assert outcome["request_id"] == ids["set"].hex()
    assert list(tmp_path.glob("*.new")) == []


def test_orders_policies_and_transfers_are_judged_and_told(tmp_path):
    data = tmp_path / "data"
    with serve(data) as server, Shop(server.address, "ACME") as shop:
        for warehouse in ("north", "south"):
            shop.set_stock("pen", 100, warehouse)
        shop.set_policy("pen", "north", safety=3, low_water=4, high_water=5, hold_ttl_ms=70_000)
        shop.transfer("pen", 10, "north", "south")
        split = shop.create_order([line("pen", 150, ""), line("pen", 2, "south")])
        parts = [shop.reserve([line("pen", 2, "north"), line("pen", 1, "north")]),
                 shop.reserve([line("pen", 1, "north")])]
        joined = shop.create_order(reservation_ids=[each.reservation_id for each in parts])
        shop.cancel(split.order_id, [line("", 120, "", 1)])
        gone = shop.create_order([line("pen", 5, "south")])
        shop.cancel(gone.order_id, cause=7)
        held = shop.reserve([line("pen", 1, "north")])
        shop.extend(held.reservation_id, 3_600_000)
        shown = {each.order_id: shop.order(each.order_id) for each in (split, joined, gone)}

    done = check(data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "order 2, orderFromHolds 1, cancel 2, extend 1, setPolicy 1, transfer 1" in done.stdout
    assert "orders 3, of them 1 cancelled" in done.stdout
    lines = [json.loads(each) for each in check(data, "--dump=-").stdout.splitlines()]
    orders = {each["order_id"]: each for each in lines if each["kind"] == "order"}
    assert set(orders) == {each.hex() for each in shown}
    for order_id, order in shown.items():
        told = orders[order_id.hex()]
        assert told["reservation_ids"] == [each.hex() for each in order.reservation_ids]
        assert told["state"] == ("CANCELLED" if order_id == gone.order_id else "ACCEPTED")
        assert (told["created_ms"], told["last_change_ms"]) == (
            order.created_ms, order.updated_ms)
        assert [tuple(each.values()) for each in told["lines"]] == [
            (each.line_number, each.sku, each.warehouse, each.quantity, each.cancelled)
            for each in order.lines
        ]
    assert orders[split.order_id.hex()]["reservation_id"] is None
    north = next(each for each in lines if each.get("warehouse") == "north")
    fields = ("safety", "backorder_limit", "low_water", "high_water", "hold_ttl_ms")
    assert [north[each] for each in fields] == [3, 0, 4, 5, 70_000]
    calls = [each["call"] for each in lines if each["kind"] == "outcome"]
    assert calls == ["SetStock", "SetStock", "SetStockPolicy", "TransferStock", "CancelOrder",
                     "CancelOrder", "Extend"]


def test_a_dump_on_standard_output_is_nothing_but_the_dump(journal):
    data, _ = journal
    done = check(data, "--dump=-")
    assert done.returncode == 0
    assert all(json.loads(line)["kind"] for line in done.stdout.splitlines())
    assert "violations 0" in done.stderr


def test_a_dump_that_cannot_be_written_is_said_before_the_reading(journal, tmp_path):
    data, _ = journal
    done = check(data, f"--dump={tmp_path}/missing/dump.jsonl")
    assert done.returncode == 78
    assert "missing/dump.jsonl" in done.stderr


def test_a_device_is_written_to_and_not_replaced(journal):
    data, _ = journal
    assert check(data, "--dump=/dev/null").returncode == 0
    assert not os.path.isfile("/dev/null")


def test_a_directory_in_use_is_left_alone(tmp_path):
    data = tmp_path / "data"
    with serve(data):
        done = check(data)
    assert done.returncode == 69
    assert "in use" in done.stderr


def test_no_journal(tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        done = check(path)
        assert done.returncode == 78
        assert "no journal" in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_bad_usage(journal):
    data, _ = journal
    assert stockade_server.run("check").returncode == 2
    assert check(data, "--retention=1ms").returncode == 2
    assert check(data, "--all").returncode == 2


def test_a_torn_tail_is_fine(journal):
    data, _ = journal
    last = last_block(data)
    with open(segment(data), "r+b") as file:
        file.seek(last + SECTOR)
        file.write(b"SKBK" + bytes(100) + b"the rest of a write")
    done = check(data)
    assert done.returncode == 0
    assert f"torn tail {SECTOR} bytes" in done.stdout
    assert '"torn":true' in check(data, "--dump=-").stdout


def test_damage_is_exit_3_and_says_where(journal):
    data, _ = journal
    # The block before the last: the seal behind it is the witness.
    _, blocks = journal_format.parse_segment(segment(data).read_bytes())
    broken = blocks[-2].offset
    flip(segment(data), broken + 70)
    before = fingerprint(data)
    done = check(data, f"--dump={data.parent}/dump.jsonl")
    assert done.returncode == 3
    assert f"{segment(data).name}, byte {broken}" in done.stderr
    assert "backup" in done.stderr
    assert done.stdout == ""
    assert not (data.parent / "dump.jsonl").exists()
    assert fingerprint(data) == before


def test_a_flip_in_a_last_block_without_a_seal_reads_as_torn(journal):
    data, _ = journal
    flip(segment(data), last_block(data) + 70)
    done = check(data)
    assert done.returncode == 0
    assert "torn tail" in done.stdout


def test_a_missing_segment_is_damage(journal):
    data, _ = journal
    segment(data).unlink()
    assert check(data).returncode == 3


def test_a_shorter_file_is_damage(journal):
    data, _ = journal
    size = segment(data).stat().st_size
    for length in (size - 1, size - SECTOR, SECTOR, 100, 0):
        os.truncate(segment(data), length)
        done = check(data)
        assert done.returncode == 3, f"{length} bytes: {done.stdout}"


def test_a_wrong_figure_is_a_violation_by_name(journal):
    data, ids = journal
    content = bytearray(segment(data).read_bytes())
    _, blocks = journal_format.parse_segment(content)
    for block in blocks:
        place = block.offset + journal_format.BLOCK_HEADER + journal_format.BASE
        for _, _, _, record in block.records:
            fields = journal_format.parse_record(record)
            if fields.get("reservation_id") == ids["reserve"] and fields["type"] == "reserve":
                struct.pack_into("<q", content, place + 68, 8)  # held
                journal_format.reseal(content, block.offset)
            place += len(record)
    # The blocks behind name the old header as their predecessor.
    chain = None
    for block in blocks:
        header = slice(block.offset, block.offset + journal_format.BLOCK_HEADER)
        if chain is not None:
            struct.pack_into("<Q", content, block.offset + 56, chain)
            journal_format.reseal(content, block.offset)
        chain = journal_format.chain_after(bytes(content[16:32]), bytes(content[header]))
    segment(data).write_bytes(content)
    done = check(data)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert first.startswith("violation held: record ")
    assert "holds 8" in first and '"pen"' in first and "make 7" in first
