# SPDX-License-Identifier: Apache-2.0
"""A disk that fails, and crashes at each system call of the journal: by strace.

An error ends the server, never a second try: after a failed fdatasync nobody knows what is on the
disk. Whoever waited is told that the outcome is unknown.
"""

import contextlib
import re

import grpc
import pytest
from journal_check import check, check_is_fine
from journal_file import JournalFiles
from refusals import CODE, taken_apart
from shop import CALL_SECONDS, CONFIRMED, HELD, RELEASED, Shop, eventually, new_id
from stockade_server import StockadeServer
from tracing import Tracer, strace

FAILED = 1


@pytest.mark.parametrize(
    "call, error", [("fdatasync", "EIO"), ("pwrite64", "EIO"), ("fdatasync", "ENOSPC"),
                    ("pwrite64", "ENOSPC")]
)
def test_an_error_ends_the_server(journal_server, call, error):
    server = journal_server()
    granted, unknown = [], []
    with Shop(server.address, "brand") as shop:
        shop.set_stock("tea", 1_000)
        inject = f"{call}:error={error}:when=12+"
        with Tracer(server.thread_id("journal"), inject) as tracer:
            for _ in range(500):
                request = shop.reserve_request({"tea": 1})
                try:
                    shop.reservations.Reserve(request, timeout=CALL_SECONDS)
                    granted.append(request)
                except grpc.RpcError as refusal:
                    unknown.append((request, refusal))
                    break
            code, rest = server.wait(20)
            lines = tracer.lines()
    assert (code, rest) == (FAILED, ""), server.log()
    assert granted and len(unknown) == 1
    refusal = unknown[0][1]
    assert refusal.code() == CODE.UNAVAILABLE
    told = taken_apart(refusal)
    assert (told.reason, told.metadata["applied"]) == ("JOURNAL_FAILED", "unknown")
    assert re.search(r"error.*\.seg", server.log()), "which file"

    failed = [at for at, each in enumerate(lines) if "(INJECTED)" in each]
    assert len(failed) == 1, f"tried again: {lines}"
    file = re.search(r"<([^>]+\.seg)>", lines[failed[0]]).group(1)
    behind = [each for each in lines[failed[0] + 1 :] if file in each]
    assert behind == [], "nothing is written or flushed after an error"

    second = journal_server.again(server)
    with Shop(second.address, "brand") as shop:
        for request in granted:
            assert shop.reservation(request.reservation_id).state == HELD
        held = shop.stock("tea").held
        assert held in (len(granted), len(granted) + 1)
        answer = shop.call(shop.reservations.Reserve, unknown[0][0])
        assert answer.is_replay == (held == len(granted) + 1)
        assert shop.stock("tea").held == len(granted) + 1
    second.kill()
    check_is_fine(server.data)


def details_of(error):
    """The bytes of the status that came with it; none when the connection just ended."""
    return dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")


def test_many_who_wait_are_all_told(journal_server):
    """Several connections, replays and reads among the callers: none is acknowledged afterwards."""
    server = journal_server()
    shops = [Shop(server.address, "brand", ("client", at)) for at in range(4)]
    shops[0].set_stock("tea", 1_000)
    for shop in shops:
        shop.stock("tea")
    # Then the next flush is that of the calls.
    eventually(lambda: JournalFiles(server.data).last()[0].is_seal)
    with Tracer(server.thread_id("journal"), "fdatasync:error=EIO:when=1") as tracer:
        requests = [shops[at % 4].reserve_request({"tea": 1}) for at in range(200)]
        calls = [
            shops[at % 4].reservations.Reserve.future(request, timeout=CALL_SECONDS)
            for at, request in enumerate(requests)
        ]
        errors = [call.exception() for call in calls]
        code, _ = server.wait(20)
        lines = tracer.lines()
    for shop in shops:
        shop.channel.close()
    assert code == FAILED
    assert all(error is not None for error in errors), "acknowledged after the flush failed"
    assert {error.code() for error in errors} == {CODE.UNAVAILABLE}
    told = [error for error in errors if b"JOURNAL_FAILED" in details_of(error)]
    assert told, {error.details() for error in errors}
    assert sum("INJECTED" in each for each in lines) == 1
    assert sum("fdatasync" in each for each in lines) == 1
    second = journal_server.again(server)
    with Shop(second.address, "brand") as shop:
        for request in requests:
            shop.call(shop.reservations.Reserve, request)
        assert shop.stock("tea").held == 200


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "fsync"])
def test_an_error_during_the_start(tmp_path, call):
    """It doesn't come up, and comes up when the disk is well again."""
    data = tmp_path / "data"
    with StockadeServer(data=data) as server, Shop(server.address, "brand") as shop:
        shop.set_stock("tea", 7)
    tracer = strace(tmp_path / "trace", f"{call}:error=EIO:when=1")
    failing = StockadeServer(data=data, under=tracer).begin()
    code, rest = failing.wait()
    assert code in (FAILED, 78) and rest == "", failing.log()
    assert "error" in failing.log()
    with StockadeServer(data=data) as server, Shop(server.address, "brand") as shop:
        assert shop.stock("tea").on_hand == 7


# Crash points.

CALLS = ("pwrite64", "fdatasync", "fsync", "openat", "/^rename")


def script(shop, told):
    """A short run; `told` gets what was acknowledged, in order."""
    shop.set_stock("tea", 100)
    told.append(("stock", None))
    for at in range(12):
        held = shop.reserve({"tea": 1})
        told.append((HELD, held.reservation_id))
        if at % 3 == 1:
            shop.confirm(held.reservation_id, new_id())
            told.append((CONFIRMED, held.reservation_id))
        if at % 3 == 2:
            shop.release(held.reservation_id)
            told.append((RELEASED, held.reservation_id))


def crash_at(tmp_path, call, when, has_history):
    """kill -9 at the `when`th `call` of any of the server's threads, then a restart.

    Whether it came to that: a short run needn't make so many calls.
    """
    data = tmp_path / f"{has_history}-{when}-{call.strip('/^')}"
    before, told = [], []
    if has_history:
        server = StockadeServer(data=data).start()
        with Shop(server.address, "brand") as shop:
            script(shop, before)
        server.kill()
    tracer = strace(
        tmp_path / "trace",
        f"{call}:signal=KILL:when={when}",
        calls="pwrite64,fdatasync,fsync,openat,/^rename",
    )
    server = StockadeServer(data=data, under=tracer)
    crashed = True
    try:
        server.start()
    except AssertionError:
        pass  # it died before it was ready
    else:
        with Shop(server.address, "brand") as shop, contextlib.suppress(grpc.RpcError):
            script(shop, told)
            crashed = False
        server.kill()
    with StockadeServer(data=data) as again, Shop(again.address, "brand") as shop:
        states = {}
        for state, reservation_id in [*before, *told]:
            if reservation_id:
                states[reservation_id] = state
        if before or told:
            stock = shop.stock("tea")
            held = sum(state == HELD for state in states.values())
            allocated = sum(state == CONFIRMED for state in states.values())
            assert stock.on_hand == 100
            # One call more may have been under way.
            assert stock.held - held in (-1, 0, 1)
            assert stock.allocated - allocated in (0, 1)
            assert stock.version >= len(before) + len(told)
        found = {each: shop.reservation(each).state for each in states}
        different = [each for each in states if found[each] != states[each]]
        assert len(different) <= 1, "acknowledged and gone"
        for each in different:
            assert states[each] == HELD, "back in an earlier state"
    check_is_fine(data)
    return crashed


@pytest.mark.parametrize(
    "call, has_history",
    # A short run on an old journal renames nothing: its segments lie ready.
    [(call, has_history) for call in CALLS for has_history in (False, True)][:-1],
    ids=lambda each: each.strip("/^") if isinstance(each, str) else ("first", "later")[each],
)
def test_a_crash_at_a_system_call(tmp_path, call, has_history, is_full):
    few = {
        "pwrite64": (2, 19, 20) if not has_history else (1, 5),
        "fdatasync": (2, 19) if not has_history else (1, 7),
        "fsync": (1, 2),
        "openat": (5, 11),
        "/^rename": (1, 2),
    }[call]
    crashes = [
        crash_at(tmp_path, call, when, has_history)
        for when in (range(1, 31) if is_full else few)
    ]
    assert any(crashes), "no crash at all"


def test_a_crash_at_the_start_leaves_nothing_that_check_takes_for_damage(tmp_path):
    data = tmp_path / "data"
    tracer = strace(tmp_path / "trace", "pwrite64:signal=KILL:when=3")
    server = StockadeServer(data=data, under=tracer).begin()
    server.process.wait(20)
    server.process.stdout.close()
    assert check(data).returncode in (0, 78)
