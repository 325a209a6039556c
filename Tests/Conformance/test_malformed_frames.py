# SPDX-License-Identifier: Apache-2.0
"""Frames that break HTTP/2's rules: the stream or the connection ends, never the server, and a
second connection goes on as if nothing were."""

import struct

import frames
import pytest
from frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Closed,
    Conversation,
    call_headers,
    frame,
)

# Before a call reaches the core there is no difference.
SERVER_MODES = ("memory",)

HEALTH = "/grpc.health.v1.Health/Check"

# What ends the connection when it comes first on one.
CONNECTION_FAULTS = {
    "DATA on stream 0": frame(DATA, 0, 0, b"x"),
    "DATA on an idle stream": frame(DATA, 0, 5, b"x"),
    "HEADERS on stream 0": frame(HEADERS, END_HEADERS, 0, b"\x82"),
    "HEADERS on an even stream": frame(HEADERS, END_HEADERS, 2, b"\x82"),
    "HEADERS padded past its end": frame(HEADERS, END_HEADERS | 0x8, 1, b"\xff\x82"),
    "HEADERS with a bad index": frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\x7f"),
    "HEADERS with index 0": frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x80"),
    "HEADERS with a truncated block": frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x40\x0aab"),
    "HEADERS with bad Huffman padding": frame(
        HEADERS, END_HEADERS | END_STREAM, 1, b"\x40\x01a\x81\x00"
    ),
    "HEADERS with a table update too large": frame(
        HEADERS, END_HEADERS | END_STREAM, 1, b"\x3f\xe2\xff\x7f"
    ),
    "HEADERS interrupted by PING": frame(HEADERS, 0, 1, b"\x82") + frame(PING, 0, 0, bytes(8)),
    "HEADERS interrupted by another stream": frame(HEADERS, 0, 1, b"\x82")
    + frame(CONTINUATION, END_HEADERS, 3, b"\x84"),
    "CONTINUATION without HEADERS": frame(CONTINUATION, END_HEADERS, 1, b"\x82"),
    "CONTINUATION on stream 0": frame(CONTINUATION, END_HEADERS, 0, b"\x82"),
    "PRIORITY on stream 0": frame(PRIORITY, 0, 0, bytes(5)),
    "RST_STREAM on stream 0": frame(RST_STREAM, 0, 0, bytes(4)),
    "RST_STREAM on an idle stream": frame(RST_STREAM, 0, 5, bytes(4)),
    "RST_STREAM of 3 bytes": frame(RST_STREAM, 0, 1, bytes(3)),
    "SETTINGS of 5 bytes": frame(SETTINGS, 0, 0, bytes(5)),
    "SETTINGS on stream 1": frame(SETTINGS, 0, 1),
    "SETTINGS ACK with a payload": frame(SETTINGS, 0x1, 0, bytes(6)),
    "SETTINGS with ENABLE_PUSH 2": frame(SETTINGS, 0, 0, struct.pack(">HI", 2, 2)),
    "SETTINGS with a window past 2^31": frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)),
    "SETTINGS with frames of 1 byte": frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 1)),
    "PUSH_PROMISE from a client": frame(PUSH_PROMISE, END_HEADERS, 1, bytes(4) + b"\x82"),
    "PING of 7 bytes": frame(PING, 0, 0, bytes(7)),
    "PING on stream 1": frame(PING, 0, 1, bytes(8)),
    "GOAWAY on stream 1": frame(GOAWAY, 0, 1, bytes(8)),
    "GOAWAY of 7 bytes": frame(GOAWAY, 0, 0, bytes(7)),
    "WINDOW_UPDATE of 3 bytes": frame(WINDOW_UPDATE, 0, 0, bytes(3)),
    "WINDOW_UPDATE of 0 for the connection": frame(WINDOW_UPDATE, 0, 0, bytes(4)),
    "WINDOW_UPDATE on an idle stream": frame(WINDOW_UPDATE, 0, 5, b"\x00\x00\x00\x01"),
    "WINDOW_UPDATE past 2^31": frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"),
    "a frame longer than allowed": frame(DATA, 0, 1, bytes(16_385)),
    "a frame of 16 MiB announced": b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
}

NOT_HTTP2 = {
    "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: stockade.test\r\n\r\n",
    "HTTP/1.1 upgrade": b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
    "a TLS hello": bytes.fromhex("16030100c4010000c00303") + bytes(189),
    "zeros": bytes(64),
    "half a preface, then another": frames.PREFACE[:12] + frames.PREFACE,
    "the preface, then text": frames.PREFACE + b"hello, is anybody there, I would like to order",
    "HEADERS before SETTINGS": frames.PREFACE + frame(HEADERS, END_HEADERS, 1, b"\x82\x84\x86"),
}


@pytest.fixture(autouse=True)
def bystander(server):
    """A connection that was there before, and is served afterwards."""
    with Conversation(server) as other:
        assert other.call(HEALTH).status == 0
        yield other
        assert other.call(HEALTH).status == 0
    assert server.is_alive


def ends(conversation):
    """Reads until the server says GOAWAY or closes."""
    try:
        while conversation.goaway is None:
            conversation.next_frame()
    except (Closed, ConnectionError):
        return True
    assert conversation.goaway.error != frames.NO_ERROR
    return conversation.is_closed_within(10)


@pytest.mark.parametrize("fault", list(CONNECTION_FAULTS.values()), ids=list(CONNECTION_FAULTS))
def test_a_fault_of_the_connection(server, fault):
    with Conversation(server) as raw:
        raw.settle()
        raw.send(fault)
        assert ends(raw)


@pytest.mark.parametrize("greeting", list(NOT_HTTP2.values()), ids=list(NOT_HTTP2))
def test_something_else_than_http2(server, greeting):
    with Conversation(server, greet=False) as raw:
        raw.send(greeting)
        try:
            while True:
                raw.next_frame()
        except (Closed, ConnectionError):
            pass


def is_reset(raw, stream):
    """The call is malformed, no more and no less; the connection lives."""
    reply = raw.reply(stream)
    assert reply.reset == frames.PROTOCOL_ERROR and reply.blocks == []
    assert raw.call(HEALTH).status == 0


GOOD = call_headers(HEALTH)


def but(name, value):
    """A right call's fields but for one."""
    return [(each, value if each == name else old) for each, old in GOOD]


def without(*names):
    return [each for each in GOOD if each[0] not in names]


BAD_HEADERS = {
    "two methods": [(":method", "POST"), *GOOD],
    "two schemes": [(":scheme", "http"), *GOOD],
    "two paths": [(":path", "/"), *GOOD],
    "two authorities": [(":authority", "stockade.test"), *GOOD],
    "no method": without(":method"),
    "no scheme": without(":scheme"),
    "no path": without(":path"),
    "neither authority nor host": without(":authority"),
    "an empty method": but(":method", ""),
    "an empty scheme": but(":scheme", ""),
    "an empty path": but(":path", ""),
    "an empty authority": but(":authority", ""),
    "a method with a blank": but(":method", "PO ST"),
    "a scheme that begins with a digit": but(":scheme", "1http"),
    "a path without a slash": but(":path", HEALTH[1:]),
    "a path without a slash, the scheme in capitals": [
        (name, {":path": HEALTH[1:], ":scheme": "HTTP"}.get(name, value)) for name, value in GOOD
    ],
    "a path with a blank": but(":path", HEALTH + " "),
    "a path of one asterisk": but(":path", "*"),
    "an authority with a blank": but(":authority", "a b"),
    "CONNECT with a path": but(":method", "CONNECT"),
    "CONNECT without an authority": [(":method", "CONNECT"), *without(*frames.PSEUDO)],
    "two hosts": [*GOOD, ("host", "stockade.test"), ("host", "stockade.test")],
    "an empty host": [*GOOD, ("host", "")],
    "a pseudo header behind others": [*GOOD, (":path", "/")],
    "a pseudo header behind one that is left out": [("x a", "1"), *GOOD],
    "a pseudo header of answers": [(":status", "200"), *GOOD],
    "a pseudo header of extended CONNECT": [(":protocol", "websocket"), *GOOD],
    "an unknown pseudo header": [(":note", "1"), *GOOD],
    "a colon for a name": [(":", "1"), *GOOD],
    "an upper case name": [*GOOD, ("X-Note", "1")],
    "one upper case letter": [*GOOD, ("x-notE", "1")],
    "te: gzip": but("te", "gzip"),
    "te: trailers, gzip": but("te", "trailers, gzip"),
    "connection": [*GOOD, ("connection", "close")],
    "keep-alive": [*GOOD, ("keep-alive", "timeout=5")],
    "proxy-connection": [*GOOD, ("proxy-connection", "close")],
    "transfer-encoding": [*GOOD, ("transfer-encoding", "chunked")],
    "upgrade": [*GOOD, ("upgrade", "h2c")],
    "a content length without content": [*GOOD, ("content-length", "5")],
    "two content lengths": [*GOOD, ("content-length", "0"), ("content-length", "0")],
    "a content length that is no number": [*GOOD, ("content-length", "0x5")],
    "a content length with a sign": [*GOOD, ("content-length", "+0")],
    "a content length that is empty": [*GOOD, ("content-length", "")],
    "a content length past 2^63": [*GOOD, ("content-length", str(2**63))],
    "no fields at all": [],
}

BAD_TRAILERS = {
    "the fields of the request": GOOD,
    "a pseudo header": [(":path", HEALTH)],
    "a pseudo header of answers": [(":status", "200")],
    "an upper case name": [("X-Note", "1")],
    "connection": [("connection", "close")],
    "te: gzip": [("te", "gzip")],
}

BODY = frames.message(b"")

# What is said of a body of `BODY`, and whether that is right.
CONTENT_LENGTHS = {
    "right": (len(BODY), True),
    "right, with zeros": (f"00{len(BODY)}", True),
    "too small": (len(BODY) - 1, False),
    "too large": (len(BODY) + 1, False),
    "none at all": (0, False),
}


@pytest.mark.parametrize("headers", list(BAD_HEADERS.values()), ids=list(BAD_HEADERS))
def test_bad_headers_end_the_call_only(server, headers):
    with Conversation(server) as raw:
        stream = raw.new_stream()
        raw.send_headers(stream, headers, end_stream=True)
        is_reset(raw, stream)


@pytest.mark.parametrize("headers", list(BAD_HEADERS.values()), ids=list(BAD_HEADERS))
def test_bad_headers_are_bad_each_time(server, headers):
    """The very same bytes, between those of right calls, and all in one write."""
    bad, good = frames.stateless_block(headers), frames.stateless_block(GOOD)
    with Conversation(server) as raw:
        calls = []
        for _ in range(4):
            one, other = raw.new_stream(), raw.new_stream()
            calls.append((one, other))
            raw.send(
                frame(HEADERS, END_HEADERS | END_STREAM, one, bad)
                + frame(HEADERS, END_HEADERS, other, good)
                + frame(DATA, END_STREAM, other, BODY)
            )
        for one, other in calls:
            assert raw.reply(one).reset == frames.PROTOCOL_ERROR
            assert raw.reply(other).status == 0


@pytest.mark.parametrize("glued", [False, True])
@pytest.mark.parametrize("trailers", list(BAD_TRAILERS.values()), ids=list(BAD_TRAILERS))
def test_bad_trailers_end_the_call_only(server, trailers, glued):
    good = frames.stateless_block(GOOD)
    with Conversation(server) as raw:
        for _ in range(3):
            # A right call first, of the same bytes: then they are known.
            stream = raw.new_stream()
            raw.send(frame(HEADERS, END_HEADERS, stream, good))
            raw.send_data(stream, BODY, end_stream=True)
            assert raw.reply(stream).status == 0
            stream = raw.new_stream()
            parts = [
                frame(HEADERS, END_HEADERS, stream, good),
                frame(DATA, 0, stream, BODY),
                frame(HEADERS, END_HEADERS | END_STREAM, stream, frames.stateless_block(trailers)),
            ]
            for part in [b"".join(parts)] if glued else parts:
                raw.send(part)
            is_reset(raw, stream)


def test_trailers_without_the_end_of_the_stream(server):
    with Conversation(server) as raw:
        stream = raw.begin(HEALTH)
        raw.send_headers(stream, [("x-note", "1")])
        is_reset(raw, stream)


@pytest.mark.parametrize("end", ["with the last byte", "by an empty frame", "by trailers"])
@pytest.mark.parametrize(
    ("length", "is_right"), list(CONTENT_LENGTHS.values()), ids=list(CONTENT_LENGTHS)
)
def test_a_content_length_must_be_right(server, length, is_right, end):
    with Conversation(server) as raw:
        for _ in range(2):
            stream = raw.new_stream()
            raw.send_headers(stream, [*GOOD, ("content-length", str(length))])
            raw.send_data(stream, BODY, end_stream=end == "with the last byte")
            if end == "by an empty frame":
                raw.send_data(stream, b"", end_stream=True)
            elif end == "by trailers":
                raw.send_headers(stream, [("x-note", "1")], end_stream=True)
            if is_right:
                assert raw.reply(stream).status == 0
            else:
                is_reset(raw, stream)


def test_a_refused_call_may_have_a_content_length(server):
    """Its refusal is what the caller gets, whatever comes of its body."""
    headers = [*call_headers("/no.Such/Method"), ("content-length", str(len(BODY)))]
    with Conversation(server) as raw:
        for _ in range(3):
            stream = raw.new_stream()
            head = frame(HEADERS, END_HEADERS, stream, frames.stateless_block(headers))
            raw.send(head + frame(DATA, END_STREAM, stream, BODY))
            assert raw.reply(stream).status == 12


def test_a_field_that_cannot_be_is_left_out(server):
    """A regular one with a character that isn't allowed: as if it hadn't come."""
    more = [("x a", "1"), ("x:a", "1"), ("x-a", "1\x00"), ("upgrade", "h2c\r\n"), ("host", "a b")]
    with Conversation(server) as raw:
        for field in more:
            stream = raw.new_stream()
            raw.send_headers(stream, [*GOOD, field])
            raw.send_data(stream, BODY, end_stream=True)
            assert raw.reply(stream).status == 0, field


def test_a_window_that_overflows_ends_the_call_only(server):
    with Conversation(server) as raw:
        stream = raw.begin(HEALTH)
        raw.open_window(stream, 2**31 - 1)
        reply = raw.reply(stream)
        assert reply.reset == frames.FLOW_CONTROL_ERROR
        assert raw.call(HEALTH).status == 0


def test_what_is_unknown_is_ignored(server):
    """Frame types, flags and settings of later times."""
    with Conversation(server) as raw:
        raw.send(frame(0xFE, 0xFF, 0, b"whatever") + frame(0x55, 0, 7, bytes(100)))
        raw.send(frame(SETTINGS, 0, 0, struct.pack(">HIHI", 0xFE03, 1, 0x9999, 7)))
        raw.send(frame(PING, 0xFE, 0, bytes(8)))
        assert raw.call(HEALTH).status == 0


def test_priority_frames_are_ignored(server):
    with Conversation(server) as raw:
        stream = raw.begin(HEALTH)
        raw.send(frame(PRIORITY, 0, stream, struct.pack(">IB", 0, 15)))
        raw.send(frame(PRIORITY, 0, 99, struct.pack(">IB", 1, 15)))
        raw.send_data(stream, frames.message(b""), end_stream=True)
        assert raw.reply(stream).status == 0


def test_frames_after_the_end_of_a_call(server):
    """What crosses our reply on its way is no fault; what comes much later is at most one."""
    with Conversation(server) as raw:
        stream = raw.new_stream()
        raw.send_headers(stream, call_headers("/no.Such/Method"), end_stream=True)
        assert raw.reply(stream).status == 12
        raw.open_window(stream, 1)
        raw.reset(stream)
        assert raw.call(HEALTH).status == 0


def test_trailers_from_the_client_are_tolerated(server):
    with Conversation(server) as raw:
        stream = raw.begin(HEALTH)
        raw.send_data(stream, frames.message(b""))
        raw.send_headers(stream, [("x-trailer", "1")], end_stream=True)
        assert raw.reply(stream).status == 0
