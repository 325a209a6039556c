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


def stream_fault(raw, headers):
    """Sends a call with these headers; it must be reset or refused, and the connection live."""
    stream = raw.new_stream()
    raw.send_headers(stream, headers, end_stream=True)
    reply = raw.reply(stream)
    assert reply.reset is not None or reply.http_status not in (None, "200") or reply.status
    assert raw.call(HEALTH).status == 0


GOOD = call_headers(HEALTH)

BAD_HEADERS = {
    "two methods": [(":method", "POST"), *GOOD],
    "two paths": [(":path", "/"), *GOOD],
    "no method": GOOD[1:],
    "no scheme": [each for each in GOOD if each[0] != ":scheme"],
    "a pseudo header behind others": [*GOOD, (":path", "/")],
    "an unknown pseudo header": [(":status", "200"), *GOOD],
    "an upper case name": [*GOOD, ("X-Note", "1")],
    "connection": [*GOOD, ("connection", "keep-alive")],
    "transfer-encoding": [*GOOD, ("transfer-encoding", "chunked")],
    "a content length that is wrong": [*GOOD, ("content-length", "5")],
    "no fields at all": [],
}


@pytest.mark.parametrize("headers", list(BAD_HEADERS.values()), ids=list(BAD_HEADERS))
def test_bad_headers_end_the_call_only(server, headers):
    with Conversation(server) as raw:
        stream_fault(raw, headers)


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
