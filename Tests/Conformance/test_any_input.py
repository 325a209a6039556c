# SPDX-License-Identifier: Apache-2.0
"""Anything at all, at random: messages, bytes, framings, frames.

Whatever comes, the server answers within the protocol and lives, holds no stock that nobody has,
grows by no more than a bound, and a neighbour is served all along. What fails is printed with a
line that repeats it.
"""

import itertools
import os
import socket
import struct
from pathlib import Path

import books
import drawn
import frames
import hypothesis
import pytest
import stockade_server
from books import Books, Neighbour
from frames import Closed, Conversation, call_headers, frame, message, stateless_block
from google.protobuf.message import DecodeError
from hypothesis import strategies as st
from shop import Shop, eventually, new_id
from stampede_process import PLANTED
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import types_pb2 as types
from stockade_server import StockadeServer

HEALTH = "/grpc.health.v1.Health/Check"
RESERVE = "/stockade.v1.ReservationService/Reserve"
SET_STOCK = "/stockade.v1.InventoryService/SetStock"

# All that was drawn in a test may make the server grow by no more.
GROWTH_KIB_MAX = 64 * 1024
# Nor keep more descriptors: the journal may have gone on to another segment.
DESCRIPTORS_MORE_MAX = 8
# Room for what thousands of examples leave behind in a journal.
FLAGS = ("--journal-max=256MiB", "--ids-max=400k", "--accounts-max=100k", "--codes-max=200k")
# The longest message that the server takes.
MESSAGE_BYTES_MAX = 4 << 20

OK, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 8, 12, 13
STATUSES = range(17)

SHARED = hypothesis.settings(
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.data_too_large,
        hypothesis.HealthCheck.large_base_example,
    ],
)


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A server on a journal, which is right in the end by another's reckoning."""
    data = tmp_path_factory.mktemp("data")
    with StockadeServer(*FLAGS, data=data) as running:
        yield running
    checked = stockade_server.run("check", f"--data={data}", seconds=120)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture(scope="module")
def client(target):
    with Shop(target.address, brand="client") as shop:
        yield shop


@pytest.fixture(autouse=True)
def neighbour(target):
    """Served while the test runs; the server has not grown much afterwards."""
    descriptors = Path(f"/proc/{target.pid}/fd")
    open_before = len(list(descriptors.iterdir()))
    beside = Neighbour(target.address)
    before = target.resident_kib()
    yield beside
    assert beside.finish() > 0
    assert target.is_alive
    grown = target.resident_kib() - before
    assert grown < GROWTH_KIB_MAX, f"grew by {grown} KiB"
    most = open_before + DESCRIPTORS_MORE_MAX
    eventually(lambda: len(list(descriptors.iterdir())) <= most)


def stock_up(known):
    """Gives the example's own brand something to sell."""
    brand = known.brands[drawn.OWN]
    for sku, warehouse in itertools.product(drawn.SKUS[:2], drawn.WAREHOUSES):
        key = types.StockKey(brand=brand, sku=sku, warehouse=warehouse)
        request = inventory.SetStockRequest(request_id=new_id(), key=key, on_hand=1_000)
        known.shop.call(known.shop.inventory.SetStock, request)


def test_every_call_is_drawn_and_served(client):
    """A call that the stubs know is one that the server serves."""
    assert {RESERVE, SET_STOCK} <= {method.path for method in drawn.METHODS}
    for method in drawn.METHODS:
        _, refusal = books.raw_outcome(client.channel, method.path, b"")
        assert refusal is None or refusal.code.value[0] != UNIMPLEMENTED, method.path


@hypothesis.settings(SHARED)
@hypothesis.given(asked=st.lists(drawn.calls(), min_size=1, max_size=12), is_held=st.booleans())
def test_any_messages(client, asked, is_held):
    """Good, wrong here and there, and anything: an answer with right figures, or a reason."""
    known = Books(client)
    stock_up(known)
    if is_held:
        # Something for the calls about reservations to meet.
        first = books.reserve_by(known.brands[drawn.OWN], drawn.IDS[0], quantity=5)
        client.call(client.reservations.Reserve, first)
    for method, request in asked:
        known.send(method, known.fill(request))
    known.balance()


@pytest.mark.skipif(
    not PLANTED.exists() and "STOCKADE_PLANTED" not in os.environ,
    reason="no server with planted faults: ops/build --planted makes it",
)
def test_a_unit_that_nobody_has_is_found(start_server):
    """The same books, on a server that takes what is sent twice once more."""
    server = start_server("--plant=double-effect-on-retry", program=PLANTED)
    with Shop(server.address, brand="client") as client:
        known = Books(client)
        stock_up(known)
        request = books.reserve_by(known.brands[drawn.OWN], drawn.IDS[0])
        client.call(client.reservations.Reserve, request)
        known.balance()
        second = books.reserve_by(known.brands[drawn.OWN], drawn.IDS[1])
        for _ in range(2):
            client.call(client.reservations.Reserve, second)
        with pytest.raises(AssertionError, match="not within"):
            known.balance(seconds=1)


@hypothesis.settings(SHARED)
@hypothesis.given(call=drawn.calls(), changes=drawn.cuts(least=1))
def test_a_message_with_bytes_changed(client, call, changes):
    method, request = call
    known = Books(client)
    stock_up(known)
    body = drawn.cut(known.fill(request).SerializeToString(), changes)
    answer, refusal = books.raw_outcome(client.channel, method.path, body)
    if refusal is None:
        known.note(method.answer.FromString(answer))
    else:
        assert refusal.reason not in books.OURS - {"UNDECODABLE"}, refusal
        assert refusal.reason != "UNDECODABLE" or not is_clean(method, body), refusal
    known.balance()


def is_clean(method, body):
    """Google's own decoder takes the bytes, and nothing in them is unusual."""
    try:
        read = method.request.FromString(body)
    except DecodeError:
        return False
    return read.SerializeToString() == body


@hypothesis.settings(SHARED)
@hypothesis.given(method=st.sampled_from(drawn.METHODS), body=st.binary(max_size=300))
def test_any_bytes_as_a_message(client, method, body):
    _, refusal = books.raw_outcome(client.channel, method.path, body)
    assert refusal is None or refusal.reason not in books.OURS - {"UNDECODABLE"}, refusal


def expected_of(sent):
    """What a stream of these bytes must be answered with; None: it reaches the call itself."""
    if not sent:
        return UNIMPLEMENTED
    if len(sent) < 5:
        return INTERNAL
    flag, length = struct.unpack_from(">BI", sent)
    if flag:
        return INTERNAL
    if length > MESSAGE_BYTES_MAX:
        return RESOURCE_EXHAUSTED
    if len(sent) - 5 == length:
        return None
    return INTERNAL if len(sent) - 5 < length else UNIMPLEMENTED


BODIES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(drawn.IDS).map(lambda each: books.reserve_by("own", each).SerializeToString()),
)


@hypothesis.settings(SHARED)
@hypothesis.given(
    framing=drawn.framings(BODIES),
    method=st.sampled_from(drawn.METHODS),
    pieces=st.lists(st.integers(1, 60), max_size=20),
    padding=st.sampled_from((None, None, 0, 255)),
)
def test_any_framing(target, client, framing, method, pieces, padding):
    """One whole message reaches its call; anything else is told by its status, and the connection
    goes on."""
    messages, rest = framing
    sent = b"".join(each.serialized() for each in messages) + rest
    with Conversation(target) as raw:
        stream = raw.begin(method.path)
        left = sent
        for size in pieces:
            if len(left) > size:
                raw.send_data(stream, left[:size], padding=padding)
                left = left[size:]
        raw.send_data(stream, left, end_stream=True)
        reply = raw.reply(stream)
        expected = expected_of(sent)
        if expected is None:
            assert reply.status in STATUSES and reply.http_status == "200", reply
        else:
            assert reply.status == expected, (sent, reply)
            assert reply.is_trailers_only and reply.trailers["grpc-message"]
        assert raw.call(HEALTH).status == OK
    assert client.stock  # the stock client's connection is another


# Frames


STREAMS = st.sampled_from((0, 1, 1, 1, 3, 3, 5, 7, 2, 2**31 - 1, 2**32 - 1))
FLAGS_OF_FRAMES = st.sampled_from((0, 1, 4, 5, 5, 0x8, 0x20, 0x2D, 0xFF))
PATHS = (HEALTH, RESERVE, SET_STOCK, "/no.Such/Method", "", "*")
CHANGES = (
    {},
    {},
    {"method": "GET"},
    {"content_type": None},
    {"te": "gzip"},
    {"grpc_timeout": "50m"},
    {"grpc_timeout": "1x"},
    {"scheme": None},
    {"x_note": "n" * 9_000},
    {"x_stockade_shadow": "run"},
    {"connection": "close"},
)


def blocks():
    good = st.builds(
        lambda path, changes: stateless_block(call_headers(path, **changes)),
        st.sampled_from(PATHS),
        st.sampled_from(CHANGES),
    )
    return st.one_of(good, good, good, st.binary(max_size=60))


def payloads(kind, brand):
    """What the frame is usually made of, or anything."""
    number = st.sampled_from((0, 1, 2, 100, 16_384, 65_535, 2**24, 2**31 - 1, 2**31, 2**32 - 1))
    usual = {
        frames.DATA: st.sampled_from(drawn.IDS).map(
            lambda each: message(books.reserve_by(brand, each).SerializeToString())
        ),
        frames.HEADERS: blocks(),
        frames.PRIORITY: number.map(lambda on: struct.pack(">IB", on, 15)),
        frames.RST_STREAM: number.map(lambda code: struct.pack(">I", code)),
        frames.SETTINGS: st.lists(st.tuples(st.integers(0, 9), number), max_size=20).map(
            lambda entries: b"".join(struct.pack(">HI", *each) for each in entries)
        ),
        frames.PUSH_PROMISE: blocks().map(lambda block: bytes(4) + block),
        frames.PING: st.binary(min_size=8, max_size=8),
        frames.GOAWAY: st.builds(lambda last, code: struct.pack(">II", last, code), number, number),
        frames.WINDOW_UPDATE: number.map(lambda size: struct.pack(">I", size)),
        frames.CONTINUATION: blocks(),
    }.get(kind, st.binary(max_size=20))
    return st.one_of(usual, usual, usual, st.binary(max_size=30))


@st.composite
def packets(draw, brand):
    """The bytes of a frame; now and then its length is another than it says."""
    kind = draw(st.sampled_from((0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xEE)))
    payload = draw(payloads(kind, brand))
    made = frame(kind, draw(FLAGS_OF_FRAMES), draw(STREAMS), payload)
    lie = draw(st.sampled_from((0,) * 12 + (1, -1, 200, 2**24 - 1)))
    length = min(max(len(payload) + lie, 0), 2**24 - 1)
    return struct.pack(">I", length)[1:] + made[3:]


# Replaced by the example's own brand of the same length, so that no length changes.
BRAND = "own-000000000000"


@st.composite
def whole_calls(draw, stream, brand):
    """A call as it should be, or nearly."""
    path = draw(st.sampled_from((RESERVE, RESERVE, *PATHS)))
    changes = draw(st.sampled_from(({},) * 9 + CHANGES))
    block = stateless_block(call_headers(path, **changes))
    body = message(books.reserve_by(brand, draw(st.sampled_from(drawn.IDS))).SerializeToString())
    first = draw(st.integers(0, len(body)))
    return (
        frame(frames.HEADERS, frames.END_HEADERS, stream, block),
        frame(frames.DATA, 0, stream, body[:first]),
        frame(frames.DATA, frames.END_STREAM, stream, body[first:]),
    )


@st.composite
def talks(draw):
    """All that a client says on a connection: calls as they should be, with frames in between that
    should not, and now and then bytes changed."""
    said = [frames.PREFACE, frame(frames.SETTINGS, 0, 0)]
    for stream in range(1, 2 * draw(st.integers(1, 6)), 2):
        said += draw(whole_calls(stream, BRAND))
    for _ in range(draw(st.integers(0, 4))):
        said.insert(draw(st.integers(2, len(said))), draw(packets(BRAND)))
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(said) - 1))
        said[at] = drawn.cut(said[at], draw(drawn.cuts(least=1)))
    return b"".join(said)


@hypothesis.settings(SHARED)
@hypothesis.given(talk=talks())
def test_any_frames(target, client, talk):
    """GOAWAY, RST_STREAM, a reply or the end of the connection, all of it well formed."""
    known = Books(client)
    stock_up(known)
    brand = known.brands[drawn.OWN]
    assert len(brand) == len(BRAND)
    with Conversation(target, greet=False) as raw:
        read_to_the_end(raw, talk.replace(BRAND.encode(), brand.encode()))
    known.balance()


@hypothesis.settings(SHARED)
@hypothesis.given(said=st.binary(max_size=400), after=st.booleans())
def test_any_bytes_on_a_connection(target, said, after):
    with Conversation(target, greet=False) as raw:
        read_to_the_end(raw, (frames.PREFACE if after else b"") + said)


def read_to_the_end(raw, said):
    """Says it and hangs up; what the server says until it hangs up too is within the protocol."""
    try:
        raw.send(said)
        raw.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it has had enough already
    raw.polite = False
    try:
        while True:
            judge(raw.next_frame())
    except Closed:
        # Nothing is left of a frame that was begun, unless the connection was torn.
        pass


def judge(got):
    assert got.kind in (
        frames.DATA,
        frames.HEADERS,
        frames.RST_STREAM,
        frames.SETTINGS,
        frames.PING,
        frames.GOAWAY,
        frames.WINDOW_UPDATE,
    ), got
    if got.kind in (frames.RST_STREAM, frames.GOAWAY):
        assert got.error <= 0xD, got
    if got.headers:
        fields = dict(got.headers)
        assert fields.get(":status", "200") in ("200", "400", "405", "415", "431"), got
        if "grpc-status" in fields:
            assert int(fields["grpc-status"]) in STATUSES, got
            assert fields["grpc-status"] == "0" or fields["grpc-message"], got
