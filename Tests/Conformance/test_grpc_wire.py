# SPDX-License-Identifier: Apache-2.0
"""What a gRPC server owes its clients, looked at in frames.

One test (or class) per duty. The duties are those of gRPC's PROTOCOL-HTTP2, statuscodes,
compression and health-checking documents; their numbers are stable, so a report can name one.
"""

import base64
import re
import socket
import struct
import urllib.parse

import frames
import grpc
import h2.config
import h2.connection
import h2.events
import hypothesis
import pytest
from frames import Conversation, call_headers, frame, message
from google.rpc import error_details_pb2, status_pb2
from hypothesis import strategies
from refusals import CODE, taken_apart
from shop import CALL_SECONDS, HELD, Shop, new_id
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import reservation_service_pb2 as reservation

# Before a call reaches the core there is no difference.
SERVER_MODES = ("memory",)

RESERVE = "/stockade.v1.ReservationService/Reserve"
GET_STOCK = "/stockade.v1.InventoryService/GetStock"
SET_STOCK = "/stockade.v1.InventoryService/SetStock"
HEALTH = "/grpc.health.v1.Health/Check"

OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED = 0, 3, 4
NOT_FOUND, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, UNIMPLEMENTED, INTERNAL = 5, 8, 9, 12, 13


@pytest.fixture
def raw(server):
    """A connection in frames; whatever happened on it, the server is well afterwards."""
    with Conversation(server) as conversation:
        yield conversation
    with Conversation(server) as another:
        assert another.call(HEALTH).status == OK


@pytest.fixture
def stocked(shop):
    shop.set_stock("tea", 1_000_000)
    return shop


@pytest.fixture
def get_tea(stocked):
    """A GetStock request's bytes."""
    return inventory.GetStockRequest(key=stocked.key("tea")).SerializeToString()


def is_well(raw):
    """The connection still serves."""
    return raw.call(HEALTH).status == OK


def tea_in(reply):
    """The Stock in a GetStock reply."""
    assert reply.status == OK, reply
    flag, length = struct.unpack_from(">BI", reply.data)
    assert (flag, length) == (0, len(reply.data) - 5)
    return inventory.GetStockResponse.FromString(reply.data[5:]).stock


class TestG01PriorKnowledge:
    """Cleartext HTTP/2 by prior knowledge; the server's first frame is SETTINGS."""

    def test_first_frame_is_settings(self, server):
        with Conversation(server, polite=False) as raw:
            first = raw.next_frame()
            assert (first.name, first.stream) == ("SETTINGS", 0)
            assert not first.flags & frames.ACK

    def test_settings_are_acknowledged(self, raw):
        while not raw.expect(frames.SETTINGS).flags & frames.ACK:
            pass

    def test_the_preface_may_come_byte_by_byte(self, server):
        with Conversation(server, greet=False) as raw:
            for byte in frames.PREFACE + frame(frames.SETTINGS, 0, 0):
                raw.send(bytes((byte,)))
            assert is_well(raw)

    def test_everything_may_come_in_one_packet(self, server, get_tea):
        with Conversation(server, greet=False) as raw:
            stream = raw.new_stream()
            block = raw.block(call_headers(GET_STOCK))
            raw.send(
                frames.PREFACE
                + frame(frames.SETTINGS, 0, 0)
                + frame(frames.HEADERS, frames.END_HEADERS, stream, block)
                + frame(frames.DATA, frames.END_STREAM, stream, message(get_tea))
            )
            assert tea_in(raw.reply(stream)).on_hand == 1_000_000

    def test_another_http2_stack(self, server, get_tea):
        """python-h2, which keeps every rule and checks that we do."""
        client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="ascii"))
        client.initiate_connection()
        stream = client.get_next_available_stream_id()
        client.send_headers(stream, call_headers(GET_STOCK))
        client.send_data(stream, message(get_tea), end_stream=True)
        with socket.create_connection((server.host, server.port), timeout=10) as connection:
            connection.sendall(client.data_to_send())
            seen = []
            while not any(isinstance(event, h2.events.StreamEnded) for event in seen):
                received = connection.recv(65_536)
                assert received, seen
                seen += client.receive_data(received)
                connection.sendall(client.data_to_send())
        trailers = [event for event in seen if isinstance(event, h2.events.TrailersReceived)]
        assert ("grpc-status", "0") in trailers[0].headers


class TestG02Method:
    @pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "post"])
    def test_must_be_post(self, raw, method):
        stream = raw.new_stream()
        raw.send_headers(stream, call_headers(GET_STOCK, method=method), end_stream=True)
        reply = raw.reply(stream)
        assert reply.http_status == "405"
        assert reply.status == INTERNAL
        assert is_well(raw)

    @pytest.mark.parametrize("path", ["/", GET_STOCK])
    def test_a_browser(self, raw, path):
        """GET without a content type: 415 with a word of text."""
        stream = raw.new_stream()
        headers = call_headers(path, method="GET", content_type=None, te=None)
        raw.send_headers(stream, headers, end_stream=True)
        reply = raw.reply(stream)
        assert reply.http_status == "415"
        assert reply.data
        assert is_well(raw)


class TestG03Path:
    @pytest.mark.parametrize(
        "path",
        [
            "/stockade.v1.InventoryService/Steal",
            "/stockade.v1.Nothing/GetStock",
            "/stockade.v1.InventoryService/getstock",
            "/stockade.v1.inventoryservice/GetStock",
            "/stockade.v1.InventoryService/GetStock/",
            "/stockade.v1.InventoryService/GetStock?x=1",
            "/stockade.v1.InventoryService/GetStoc",
            "/stockade.v1.InventoryService/GetStockX",
            "/stockade.v1.ReservationService/GetStock",
            "/" + "x" * 2_000 + "/y",
        ],
    )
    def test_unknown_is_unimplemented(self, raw, get_tea, path):
        reply = raw.call(path, get_tea)
        assert reply.http_status == "200"
        assert reply.status == UNIMPLEMENTED
        assert reply.is_trailers_only
        assert is_well(raw)

    def test_exact_is_served(self, raw, get_tea):
        assert tea_in(raw.call(GET_STOCK, get_tea)).on_hand == 1_000_000


class TestG04MalformedPath:
    @pytest.mark.parametrize("path", ["", "/", "//Svc/M", "stockade.v1.InventoryService/GetStock"])
    def test_never_reaches_a_handler(self, raw, get_tea, path):
        reply = raw.call(path, get_tea)
        assert reply.status == UNIMPLEMENTED or reply.reset == frames.PROTOCOL_ERROR
        assert is_well(raw)

    def test_no_path_at_all(self, raw):
        stream = raw.new_stream()
        raw.send_headers(stream, call_headers(None), end_stream=True)
        assert raw.reply(stream).reset == frames.PROTOCOL_ERROR
        assert is_well(raw)


class TestG05ContentType:
    @pytest.mark.parametrize(
        "content_type",
        [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc;charset=utf-8",
            "application/grpc+json",
        ],
    )
    def test_grpc(self, raw, get_tea, content_type):
        """What follows + is the client's word for its own bytes, which are taken as protobuf."""
        reply = raw.call(GET_STOCK, get_tea, content_type=content_type)
        assert tea_in(reply).on_hand == 1_000_000

    @pytest.mark.parametrize(
        "content_type",
        [
            None,
            "",
            "application/grpc-web",
            "application/grpc-web+proto",
            "application/grpcx",
            "application/json",
            "text/plain",
            "xapplication/grpc",
            "application/grp",
        ],
    )
    def test_anything_else_is_415(self, raw, get_tea, content_type):
        reply = raw.call(GET_STOCK, get_tea, content_type=content_type)
        assert reply.http_status == "415"
        assert reply.data, "a word of text"
        assert "stock" not in reply.data.decode("latin-1").lower().replace("stockade", "")
        assert is_well(raw)


class TestG06TE:
    def test_trailers(self, raw, get_tea):
        assert tea_in(raw.call(GET_STOCK, get_tea, te="trailers"))

    def test_absent(self, raw, get_tea):
        assert tea_in(raw.call(GET_STOCK, get_tea, te=None))

    @pytest.mark.parametrize("te", ["gzip", "trailers, deflate", ""])
    def test_anything_else(self, raw, get_tea, te):
        assert raw.call(GET_STOCK, get_tea, te=te).reset == frames.PROTOCOL_ERROR
        assert is_well(raw)


class TestG07Timeout:
    @pytest.mark.parametrize(
        "timeout", ["1H", "60M", "10S", "9999m", "9999999u", "99999999n", "99999999H", "00000010S"]
    )
    def test_well_formed(self, raw, get_tea, timeout):
        assert tea_in(raw.call(GET_STOCK, get_tea, grpc_timeout=timeout))

    def test_absent_is_without_end(self, raw, get_tea):
        assert tea_in(raw.call(GET_STOCK, get_tea))

    @pytest.mark.parametrize(
        "timeout",
        ["", "1", "S", "1x", "1s", "-1S", "+1S", "1.5S", "123456789S", "1 S", "0x1S", "1SS", "١S"],
    )
    def test_malformed(self, raw, get_tea, timeout):
        value = timeout.encode() if not timeout.isascii() else timeout
        reply = raw.call(GET_STOCK, get_tea, grpc_timeout=value)
        assert reply.http_status == "400"
        assert reply.status == INTERNAL
        assert is_well(raw)


class TestG08ExpiredTimeout:
    @pytest.mark.parametrize("timeout", ["0n", "0H", "00000000m", "1n"])
    def test_answered_before_the_handler(self, raw, stocked, timeout):
        request = stocked.reserve_request({"tea": 1})
        reply = raw.call(RESERVE, request.SerializeToString(), grpc_timeout=timeout)
        assert reply.status == DEADLINE_EXCEEDED
        assert reply.is_trailers_only
        assert stocked.stock("tea").held == 0

    def test_it_says_that_nothing_was_done(self, raw, stocked):
        request = stocked.reserve_request({"tea": 1})
        reply = raw.call(RESERVE, request.SerializeToString(), grpc_timeout="0n")
        status, info = details_of(reply)
        assert status.code == DEADLINE_EXCEEDED
        assert info.reason == "DEADLINE_EXCEEDED"
        assert info.metadata["applied"] == "false"

    def test_grpcio(self, stocked):
        with pytest.raises(grpc.RpcError) as caught:
            too_late(stocked)
        assert caught.value.code() == CODE.DEADLINE_EXCEEDED
        assert stocked.stock("tea").held == 0


class TestG09OwnDeadline:
    """The server keeps the time itself, for clients that don't."""

    def test_a_call_that_never_sends_its_message(self, raw):
        stream = raw.begin(RESERVE, grpc_timeout="200m")
        reply = raw.reply(stream)
        assert reply.status == DEADLINE_EXCEEDED or reply.reset == frames.CANCEL
        assert is_well(raw)

    def test_half_a_message(self, raw, stocked):
        body = message(stocked.reserve_request({"tea": 1}).SerializeToString())
        stream = raw.begin(RESERVE, grpc_timeout="200m")
        raw.send_data(stream, body[: len(body) // 2])
        reply = raw.reply(stream)
        assert reply.status == DEADLINE_EXCEEDED or reply.reset == frames.CANCEL
        assert stocked.stock("tea").held == 0
        assert is_well(raw)


class TestG10Cancel:
    def test_no_reply_bytes_after_a_reset(self, raw, stocked):
        body = message(stocked.reserve_request({"tea": 1}).SerializeToString())
        stream = raw.begin(RESERVE)
        raw.send_data(stream, body[:-1])
        raw.reset(stream)
        raw.settle()
        assert is_well(raw)
        assert [each for each in raw.rest(0.2) if each.stream == stream] == []
        assert stocked.stock("tea").held == 0

    def test_a_reset_right_behind_the_call(self, raw, stocked):
        """It may have been done; then it is done whole. The connection goes on."""
        request = stocked.reserve_request({"tea": 1})
        stream = raw.begin(RESERVE)
        raw.send_data(stream, message(request.SerializeToString()), end_stream=True)
        raw.reset(stream)
        raw.settle()
        assert is_well(raw)
        stocked.call(stocked.reservations.Reserve, request)
        assert stocked.stock("tea").held == 1

    def test_a_lost_connection(self, server, stocked):
        for _ in range(20):
            with Conversation(server) as raw:
                body = message(stocked.reserve_request({"tea": 1}).SerializeToString())
                stream = raw.begin(RESERVE)
                raw.send_data(stream, body[:-1])
        assert stocked.stock("tea").held == 0

    def test_grpcio_cancels(self, stocked):
        calls = [
            stocked.reservations.Reserve.future(stocked.reserve_request({"tea": 1}), timeout=20)
            for _ in range(200)
        ]
        for call in calls:
            call.cancel()
        assert stocked.stock("tea").held <= 200


class TestG11Boundaries:
    """DATA frames are not messages."""

    def test_a_byte_at_a_time(self, raw, get_tea):
        stream = raw.begin(GET_STOCK)
        body = message(get_tea)
        for at, byte in enumerate(body):
            raw.send_data(stream, bytes((byte,)), end_stream=at == len(body) - 1)
        assert tea_in(raw.reply(stream)).on_hand == 1_000_000

    def test_the_end_in_a_frame_of_its_own(self, raw, get_tea):
        stream = raw.begin(GET_STOCK)
        raw.send_data(stream, message(get_tea))
        raw.send_data(stream, b"", end_stream=True)
        assert tea_in(raw.reply(stream)).on_hand == 1_000_000

    @pytest.mark.parametrize("padding", [0, 1, 7, 255])
    def test_padding(self, raw, get_tea, padding):
        stream = raw.begin(GET_STOCK)
        raw.send_data(stream, message(get_tea), end_stream=True, padding=padding)
        assert tea_in(raw.reply(stream)).on_hand == 1_000_000

    def test_a_message_of_no_bytes(self, raw):
        assert raw.call(HEALTH, b"").status == OK

    def test_a_message_of_many_frames(self, raw, stocked):
        """Longer than a frame and than what a call keeps inline; the window is given back."""
        request = stocked.reserve_request([("tea", 1)] * 500, dealer="d" * 64)
        body = message(request.SerializeToString() + b"\xf2\x7f\xff\xff\x01" + bytes(0x7FFF))
        stream = raw.begin(RESERVE)
        for at in range(0, len(body), 16_384):
            raw.send_data(stream, body[at : at + 16_384], end_stream=at + 16_384 >= len(body))
        reply = raw.reply(stream)
        assert reply.status == OK
        answer = reservation.ReserveResponse.FromString(reply.data[5:])
        assert (answer.reservation.state, len(answer.reservation.lines)) == (HELD, 500)

    def test_two_calls_interleaved(self, raw, get_tea):
        body = message(get_tea)
        first, second = raw.begin(GET_STOCK), raw.begin(GET_STOCK)
        for at in range(0, len(body), 5):
            for stream in (first, second):
                raw.send_data(stream, body[at : at + 5], end_stream=at + 5 >= len(body))
        assert tea_in(raw.reply(second)) == tea_in(raw.reply(first))

    @hypothesis.settings(
        suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
    )
    @hypothesis.given(
        cuts=strategies.lists(strategies.integers(0, 200), max_size=8),
        padding=strategies.lists(strategies.none() | strategies.integers(0, 255), min_size=9),
        ends_apart=strategies.booleans(),
        glued=strategies.booleans(),
    )
    def test_any_cut_any_padding(self, raw, get_tea, cuts, padding, ends_apart, glued):
        """Glued: all frames in one packet; else a packet each."""
        body = message(get_tea)
        edges = sorted({0, len(body), *(cut % len(body) for cut in cuts)})
        parts = [body[a:b] for a, b in zip(edges, edges[1:])] + ([b""] if ends_apart else [])
        stream = raw.new_stream()
        block = raw.block(call_headers(GET_STOCK))
        out = [frame(frames.HEADERS, frames.END_HEADERS, stream, block)]
        for at, part in enumerate(parts):
            flags = frames.END_STREAM if at == len(parts) - 1 else 0
            pad = padding[at % len(padding)]
            if pad is not None:
                flags |= 0x8
                part = bytes((pad,)) + part + bytes(pad)
            out.append(frame(frames.DATA, flags, stream, part))
        for packet in [b"".join(out)] if glued else out:
            raw.send(packet)
        assert tea_in(raw.reply(stream)).on_hand == 1_000_000


class TestG12WrongNumberOfMessages:
    def test_none(self, raw):
        stream = raw.new_stream()
        raw.send_headers(stream, call_headers(GET_STOCK), end_stream=True)
        assert raw.reply(stream).status == UNIMPLEMENTED
        assert is_well(raw)

    def test_none_with_an_empty_frame(self, raw):
        stream = raw.begin(GET_STOCK)
        raw.send_data(stream, b"", end_stream=True)
        assert raw.reply(stream).status == UNIMPLEMENTED
        assert is_well(raw)

    @pytest.mark.parametrize("glued", [True, False])
    def test_two(self, raw, stocked, glued):
        one = message(stocked.reserve_request({"tea": 1}).SerializeToString())
        two = message(stocked.reserve_request({"tea": 1}).SerializeToString())
        stream = raw.begin(RESERVE)
        if glued:
            raw.send_data(stream, one + two, end_stream=True)
        else:
            raw.send_data(stream, one)
            raw.send_data(stream, two, end_stream=True)
        assert raw.reply(stream).status == UNIMPLEMENTED
        assert stocked.stock("tea").held == 0
        assert is_well(raw)

    @pytest.mark.parametrize("missing", [1, 10])
    def test_part_of_one(self, raw, stocked, missing):
        body = message(stocked.reserve_request({"tea": 1}).SerializeToString())
        stream = raw.begin(RESERVE)
        raw.send_data(stream, body[:-missing], end_stream=True)
        assert raw.reply(stream).status == INTERNAL
        assert stocked.stock("tea").held == 0
        assert is_well(raw)

    @pytest.mark.parametrize("count", [1, 4])
    def test_part_of_the_prefix(self, raw, count):
        stream = raw.begin(GET_STOCK)
        raw.send_data(stream, bytes(count), end_stream=True)
        assert raw.reply(stream).status == INTERNAL
        assert is_well(raw)


class TestG13CompressedFlag:
    @pytest.mark.parametrize("flag", [2, 3, 0x80, 0xFF])
    def test_neither_0_nor_1(self, raw, get_tea, flag):
        stream = raw.begin(GET_STOCK)
        raw.send_data(stream, bytes((flag,)) + message(get_tea)[1:], end_stream=True)
        assert raw.reply(stream).status == INTERNAL
        assert is_well(raw)

    @pytest.mark.parametrize("encoding", [None, "identity"])
    def test_1_without_an_encoding(self, raw, get_tea, encoding):
        stream = raw.begin(GET_STOCK, grpc_encoding=encoding)
        raw.send_data(stream, b"\x01" + message(get_tea)[1:], end_stream=True)
        reply = raw.reply(stream)
        assert reply.status == INTERNAL
        assert reply.trailers["grpc-message"]
        assert is_well(raw)


class TestG14Encoding:
    @pytest.mark.parametrize("encoding", ["snappy", "gzip", "deflate", "Identity"])
    def test_unknown(self, raw, get_tea, encoding):
        stream = raw.begin(GET_STOCK, grpc_encoding=encoding)
        raw.send_data(stream, b"\x01" + message(get_tea)[1:], end_stream=True)
        reply = raw.reply(stream)
        assert reply.status == UNIMPLEMENTED
        accepted = reply.trailers["grpc-accept-encoding"].replace(" ", "").split(",")
        assert "identity" in accepted
        assert encoding not in accepted
        assert is_well(raw)

    def test_identity(self, raw, get_tea):
        assert tea_in(raw.call(GET_STOCK, get_tea, grpc_encoding="identity"))

    def test_what_the_client_accepts_is_its_own_business(self, raw, get_tea):
        reply = raw.call(GET_STOCK, get_tea, grpc_accept_encoding="gzip, snappy, whatever")
        assert tea_in(reply)
        assert reply.headers.get("grpc-encoding", "identity") == "identity"

    def test_grpcio_compresses(self, stocked):
        with pytest.raises(grpc.RpcError) as caught:
            stocked.inventory.GetStock(
                inventory.GetStockRequest(key=stocked.key("tea")),
                timeout=CALL_SECONDS,
                compression=grpc.Compression.Gzip,
            )
        assert caught.value.code() == CODE.UNIMPLEMENTED


class TestG15MessageLength:
    @pytest.mark.parametrize("length", [0x007F_FFFF, 0x7FFF_FFFF, 0xFFFF_FFFF])
    def test_decided_from_the_prefix_alone(self, raw, length):
        """Nothing but the prefix was sent, and the call isn't ended: the answer comes at once."""
        stream = raw.begin(RESERVE)
        raw.send_data(stream, struct.pack(">BI", 0, length))
        assert raw.reply(stream).status == RESOURCE_EXHAUSTED
        assert is_well(raw)

    def test_the_rest_is_thrown_away(self, raw):
        """What the client has under way already must not hurt the connection, nor its window."""
        stream = raw.begin(RESERVE)
        raw.send_data(stream, struct.pack(">BI", 0, 0x7FFF_FFFF) + bytes(10_000))
        for _ in range(3):
            raw.send_data(stream, bytes(16_000))
        assert raw.reply(stream).status == RESOURCE_EXHAUSTED
        for _ in range(30):
            assert is_well(raw)

    def test_grpcio_sends_more_than_a_client_may(self, stocked):
        call = stocked.channel.unary_unary(RESERVE)
        with pytest.raises(grpc.RpcError) as caught:
            call(bytes(5 << 20), timeout=CALL_SECONDS)
        assert caught.value.code() == CODE.RESOURCE_EXHAUSTED
        assert stocked.stock("tea").held == 0


class TestG17Undecodable:
    @pytest.mark.parametrize("body", [b"\xff", b"\x0a\x7f", b"\x0c", b"\x12\x02\xc3\x28"])
    def test_is_internal(self, raw, body):
        assert raw.call(RESERVE, body).status == INTERNAL
        assert is_well(raw)

    def test_a_bad_value_is_the_callers(self, raw, stocked):
        request = stocked.reserve_request({"tea": 0})
        assert raw.call(RESERVE, request.SerializeToString()).status == INVALID_ARGUMENT

    def test_grpcio(self, shop):
        with pytest.raises(grpc.RpcError) as caught:
            shop.channel.unary_unary(RESERVE)(b"\xff\xff", timeout=CALL_SECONDS)
        assert taken_apart(caught.value).reason == "UNDECODABLE"

    @hypothesis.settings(
        suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
    )
    @hypothesis.given(body=strategies.binary(max_size=64))
    def test_any_bytes_are_answered(self, raw, body):
        reply = raw.call(RESERVE, body)
        assert reply.status in (INTERNAL, INVALID_ARGUMENT)


class TestG21MetadataLimit:
    def test_usual_amounts(self, raw, get_tea):
        extra = {f"x-note-{at}": "n" * 100 for at in range(20)}
        assert tea_in(raw.call(GET_STOCK, get_tea, **extra))

    def test_8_kib(self, raw, get_tea):
        assert tea_in(raw.call(GET_STOCK, get_tea, x_note="n" * 7_500))

    @pytest.mark.parametrize("size", [17_000, 30_000])
    def test_too_many_bytes(self, raw, get_tea, size):
        """Refused, and the connection survives with its header table in step."""
        reply = raw.call(GET_STOCK, get_tea, x_note="n" * size)
        assert refused_for_its_size(reply), reply
        for _ in range(3):
            assert tea_in(raw.call(GET_STOCK, get_tea))

    def test_too_many_fields(self, raw, get_tea):
        extra = {f"x-{at}": "1" for at in range(200)}
        reply = raw.call(GET_STOCK, get_tea, **extra)
        assert refused_for_its_size(reply), reply
        for _ in range(3):
            assert tea_in(raw.call(GET_STOCK, get_tea))

    def test_grpcio(self, stocked):
        big = (("x-note", "n" * 20_480),)
        with pytest.raises(grpc.RpcError) as caught:
            stocked.call(
                stocked.inventory.GetStock,
                inventory.GetStockRequest(key=stocked.key("tea")),
                metadata=big,
            )
        assert caught.value.code() in (CODE.RESOURCE_EXHAUSTED, CODE.INTERNAL, CODE.UNAVAILABLE)
        assert stocked.stock("tea").on_hand == 1_000_000


def refused_for_its_size(reply):
    """RESOURCE_EXHAUSTED, HTTP 431, or the stream reset."""
    return (
        reply.status == RESOURCE_EXHAUSTED
        or reply.http_status == "431"
        or reply.reset in (frames.INTERNAL_ERROR, frames.ENHANCE_YOUR_CALM, frames.REFUSED_STREAM)
    )


class TestG24RefusedStream:
    """REFUSED_STREAM promises that the call wasn't looked at: the client repeats it."""

    def test_more_streams_than_allowed_before_the_settings_are_acknowledged(self, server):
        with Conversation(server, polite=False) as raw:
            raw.expect(frames.SETTINGS)
            allowed = raw.server_settings[frames.MAX_CONCURRENT_STREAMS]
            opened = [raw.begin(RESERVE) for _ in range(allowed)]
            late = raw.begin(RESERVE)
            reply = raw.reply(late)
            assert reply.reset == frames.REFUSED_STREAM
            assert reply.names == ["RST_STREAM"]
            for stream in opened:
                raw.reset(stream)
            raw.acknowledge_settings()
            assert is_well(raw)

    def test_never_after_the_call_was_seen(self, raw, stocked):
        """Of many calls at once, each is answered."""
        requests = [stocked.reserve_request({"tea": 1}) for _ in range(100)]
        streams = []
        for request in requests:
            stream = raw.begin(RESERVE)
            raw.send_data(stream, message(request.SerializeToString()), end_stream=True)
            streams.append(stream)
        for request, stream in zip(requests, streams):
            reply = raw.reply(stream)
            assert reply.status == OK
            answer = reservation.ReserveResponse.FromString(reply.data[5:])
            assert answer.reservation.reservation_id == request.reservation_id


class TestG30Reply:
    def test_headers_message_trailers(self, raw, get_tea):
        reply = raw.call(GET_STOCK, get_tea)
        assert reply.names == ["HEADERS", "DATA", "HEADERS"]
        head, data, tail = reply.frames
        assert dict(head.headers)[":status"] == "200"
        assert re.fullmatch(r"application/grpc(\+proto)?", dict(head.headers)["content-type"])
        assert "grpc-status" not in dict(head.headers)
        assert not head.ends_stream and not data.ends_stream and tail.ends_stream
        assert dict(tail.headers)["grpc-status"] == "0"
        assert not any(name.startswith(":") for name, _ in tail.headers)

    def test_content_type_comes_back(self, raw, get_tea):
        for _ in range(3):
            reply = raw.call(GET_STOCK, get_tea, content_type="application/grpc+proto")
            assert reply.headers["content-type"].startswith("application/grpc")

    def test_a_long_reply(self, raw, stocked):
        """Longer than a frame, within the client's window."""
        request = stocked.reserve_request([("tea", 1)] * 500)
        reply = raw.call(RESERVE, request.SerializeToString())
        assert reply.status == OK
        assert len(reservation.ReserveResponse.FromString(reply.data[5:]).reservation.lines) == 500

    def test_a_reply_waits_for_the_clients_window(self, server, stocked):
        request = stocked.reserve_request([("tea", 1)] * 500)
        with Conversation(server, settings={frames.INITIAL_WINDOW_SIZE: 100}) as raw:
            raw.settle()
            stream = raw.begin(RESERVE)
            raw.send_data(stream, message(request.SerializeToString()), end_stream=True)
            first = raw.expect(frames.DATA, stream=stream)
            assert len(first.payload) <= 100
            raw.settle()
            assert [each.name for each in raw.rest(0.2) if each.stream == stream] == ["HEADERS"]
            raw.open_window(stream, 1 << 20)
            reply = raw.reply(stream)
            assert reply.status == OK
            body = (first.payload + reply.data)[5:]
            answer = reservation.ReserveResponse.FromString(body)
            assert len(answer.reservation.lines) == 500

    def test_a_waiting_reply_holds_up_no_other(self, server, stocked, get_tea):
        with Conversation(server, settings={frames.INITIAL_WINDOW_SIZE: 10}) as raw:
            raw.settle()
            waiting = raw.begin(GET_STOCK)
            raw.send_data(waiting, message(get_tea), end_stream=True)
            raw.expect(frames.DATA, stream=waiting)
            assert is_well(raw)


class TestG31TrailersOnly:
    def test_a_refusal_is_one_headers_frame(self, raw, stocked):
        request = stocked.reserve_request({"tea": 2_000_000 - 1})
        reply = raw.call(RESERVE, request.SerializeToString())
        assert reply.names == ["HEADERS"]
        assert reply.is_trailers_only
        assert reply.http_status == "200"
        assert reply.headers["content-type"].startswith("application/grpc")
        assert reply.status == FAILED_PRECONDITION
        assert reply.headers["grpc-message"]

    def test_every_kind_of_refusal(self, raw, stocked):
        for path, body, status in (
            (RESERVE, stocked.reserve_request({"tea": 0}), INVALID_ARGUMENT),
            (RESERVE, stocked.reserve_request({"coffee": 1}), NOT_FOUND),
            ("/no.Such/Method", stocked.reserve_request({"tea": 1}), UNIMPLEMENTED),
        ):
            reply = raw.call(path, body.SerializeToString())
            assert reply.names == ["HEADERS"]
            assert reply.status == status


class TestG32Message:
    """grpc-message: printable ASCII as it is but for %, all else as %XX of its UTF-8."""

    ALLOWED = re.compile(r"([\x20-\x24\x26-\x7E]|%[0-9A-Fa-f]{2})*")

    @pytest.mark.parametrize(
        "code", ["50%-off", "%41%42", "plain", "thé", "☺😈", "a\tb\nc\r", "\x7f", "%", "%%%2"]
    )
    def test_is_percent_encoded(self, raw, stocked, code):
        """The code, well formed or not, may or may not be in the message; it never spoils it."""
        request = stocked.reserve_request({code: 1})
        reply = raw.call(RESERVE, request.SerializeToString())
        text = reply.trailers["grpc-message"]
        assert self.ALLOWED.fullmatch(text), text
        status, _ = details_of(reply)
        assert urllib.parse.unquote_to_bytes(text) == status.message.encode()

    def test_grpcio_reads_it(self, stocked):
        for code in ("50%-off", "☺😈"):
            with pytest.raises(grpc.RpcError) as caught:
                stocked.reserve({code: 1})
            taken_apart(caught.value)


def details_of(reply):
    """The Status and the ErrorInfo in a raw refusal."""
    value = reply.trailers["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(base64.b64decode(value + "=" * (-len(value) % 4)))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    return status, info


class TestG33Details:
    def test_unpadded_base64(self, raw, stocked):
        """Of every length modulo three, as the requested figure grows."""
        lengths = set()
        for digits in range(7, 10):
            request = stocked.reserve_request({"tea": 10**digits - 1})
            reply = raw.call(RESERVE, request.SerializeToString())
            value = reply.trailers["grpc-status-details-bin"]
            assert re.fullmatch(r"[A-Za-z0-9+/]+", value)
            status, info = details_of(reply)
            assert status.code == reply.status == FAILED_PRECONDITION
            assert status.message == urllib.parse.unquote(reply.trailers["grpc-message"])
            assert (info.domain, info.reason) == ("stockade.v1", "INSUFFICIENT_STOCK")
            assert info.metadata["requested"] == str(10**digits - 1)
            lengths.add(len(value) % 4)
        assert lengths <= {0, 2, 3}

    def test_the_trailers_are_ascii(self, raw, stocked):
        reply = raw.call(RESERVE, stocked.reserve_request({"☺": 1}).SerializeToString())
        for name, value in reply.trailers.items():
            assert name.isascii() and name == name.lower()
            assert value.isascii() and value.isprintable()


class TestG37Codes:
    """Which code comes from where: the library's own, and those only the application may use."""

    @pytest.mark.parametrize(
        "code, provoke",
        [
            (CODE.INVALID_ARGUMENT, lambda shop: shop.reserve({"tea": 0})),
            (CODE.NOT_FOUND, lambda shop: shop.reserve({"coffee": 1})),
            (CODE.FAILED_PRECONDITION, lambda shop: shop.reserve({"tea": 1_000_000_000})),
            (CODE.ABORTED, lambda shop: shop.adjust("tea", 1, expected_version=9_999)),
            (CODE.INTERNAL, lambda shop: plain(shop, RESERVE, b"\xff")),
            (CODE.UNIMPLEMENTED, lambda shop: plain(shop, "/no.Such/Method", b"")),
            (CODE.RESOURCE_EXHAUSTED, lambda shop: plain(shop, RESERVE, bytes(5 << 20))),
            (CODE.DEADLINE_EXCEEDED, lambda shop: too_late(shop)),
        ],
        ids=lambda value: value.name if isinstance(value, grpc.StatusCode) else "",
    )
    def test_through_grpcio(self, stocked, code, provoke):
        with pytest.raises(grpc.RpcError) as caught:
            provoke(stocked)
        assert caught.value.code() == code


def too_late(shop):
    """A Reserve through grpcio whose time is over on arrival. As a header: given as a timeout, the
    client sends up to a millisecond more, and within that the server does answer."""
    return shop.call(
        shop.reservations.Reserve,
        shop.reserve_request({"tea": 1}),
        metadata=(("grpc-timeout", "0n"),),
        timeout=None,
    )


def plain(shop, path, body):
    return shop.channel.unary_unary(path)(body, timeout=CALL_SECONDS)


class TestG57ConcurrentStreams:
    def test_the_bound_is_advertised(self, raw):
        raw.settle()
        assert 100 <= raw.server_settings[frames.MAX_CONCURRENT_STREAMS] <= 256

    def test_as_many_as_allowed(self, raw, get_tea):
        raw.settle()
        allowed = raw.server_settings[frames.MAX_CONCURRENT_STREAMS]
        streams = [raw.begin(GET_STOCK) for _ in range(allowed)]
        for stream in streams:
            raw.send_data(stream, message(get_tea), end_stream=True)
        for stream in streams:
            assert tea_in(raw.reply(stream)).on_hand == 1_000_000

    def test_one_more_after_the_acknowledgement(self, server):
        """The client knew better: the connection ends, and only it."""
        with Conversation(server) as raw, Conversation(server) as other:
            raw.settle()
            for _ in range(raw.server_settings[frames.MAX_CONCURRENT_STREAMS]):
                raw.begin(RESERVE)
            late = raw.begin(RESERVE)
            try:
                while raw.goaway is None:
                    got = raw.next_frame()
                    if got.stream == late and got.kind == frames.RST_STREAM:
                        break
                else:
                    assert raw.goaway.error == frames.PROTOCOL_ERROR
                    assert raw.is_closed_within(10)
            except frames.Closed:
                pass
            assert is_well(other)

    def test_grpcio_waits_for_a_free_stream(self, server, stocked):
        """More calls than streams on one connection: all are served."""
        with Shop(server.address, stocked.brand) as client:
            calls = [
                client.reservations.Reserve.future(
                    client.reserve_request({"tea": 1}), timeout=30
                )
                for _ in range(1_000)
            ]
            assert all(call.result().reservation.state == HELD for call in calls)


def test_a_set_stock_that_came_too_late_made_nothing(raw, shop):
    """G08 once more, for a call that would have made an account."""
    request = shop.set_stock_request("ghost", 5, request_id=new_id())
    reply = raw.call(SET_STOCK, request.SerializeToString(), grpc_timeout="0n")
    assert reply.status == DEADLINE_EXCEEDED
    with pytest.raises(grpc.RpcError) as caught:
        shop.stock("ghost")
    assert taken_apart(caught.value).reason == "SKU_NOT_FOUND"
