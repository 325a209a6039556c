# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 by hand: a conversation in frames with a server, rules kept or broken as the test says.

Nothing here stops a test from sending what no client library would. Header blocks are coded with
hpack, frames that are well formed with hyperframe; `send` takes any bytes.
"""

import socket
import struct
import time
from collections import deque
from dataclasses import dataclass, field

import hpack
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE = range(9)
CONTINUATION = 9
NAMES = (
    "DATA HEADERS PRIORITY RST_STREAM SETTINGS PUSH_PROMISE PING GOAWAY WINDOW_UPDATE CONTINUATION"
).split()

END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = 0x0, 0x1, 0x2, 0x3
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL = 0x5, 0x6, 0x7, 0x8
COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 0x9, 0xB

MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 0x3, 0x4
HEADER_TABLE_SIZE, MAX_HEADER_LIST_SIZE = 0x1, 0x6

PSEUDO = (":method", ":scheme", ":path", ":authority")

REPLY_SECONDS = 15


class Closed(Exception):
    """The server closed the connection."""


def message(body):
    """A gRPC message: its prefix and its bytes."""
    return struct.pack(">BI", 0, len(body)) + body


def frame(kind, flags, stream, payload=b""):
    """Any frame's bytes, well formed or not."""
    head = struct.pack(">I", len(payload))[1:] + bytes((kind, flags))
    return head + struct.pack(">I", stream) + payload


def stateless_block(headers):
    """A header block that changes no table: it may be sent any number of times, or not at all."""
    return hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(*each) for each in headers])


@dataclass
class Frame:
    """A frame as it came, its header block decoded if it has one."""

    kind: int
    flags: int
    stream: int
    payload: bytes
    headers: list = None

    @property
    def name(self):
        return NAMES[self.kind] if self.kind < len(NAMES) else f"type {self.kind}"

    @property
    def ends_stream(self):
        return self.kind in (DATA, HEADERS) and bool(self.flags & END_STREAM)

    @property
    def error(self):
        """The code of a RST_STREAM or GOAWAY."""
        at = 4 if self.kind == GOAWAY else 0
        return struct.unpack_from(">I", self.payload, at)[0]

    @property
    def last_stream(self):
        return struct.unpack_from(">I", self.payload)[0]


@dataclass
class Reply:
    """All that came on one stream."""

    frames: list = field(default_factory=list)

    @property
    def names(self):
        return [each.name for each in self.frames]

    @property
    def blocks(self):
        return [each.headers for each in self.frames if each.kind == HEADERS]

    @property
    def headers(self):
        return dict(self.blocks[0]) if self.blocks else {}

    @property
    def trailers(self):
        return dict(self.blocks[-1]) if self.blocks else {}

    @property
    def http_status(self):
        return self.headers.get(":status")

    @property
    def status(self):
        """grpc-status as a number, or None."""
        value = self.trailers.get("grpc-status")
        return None if value is None else int(value)

    @property
    def data(self):
        return b"".join(each.payload for each in self.frames if each.kind == DATA)

    @property
    def reset(self):
        """The code of the RST_STREAM, or None."""
        codes = [each.error for each in self.frames if each.kind == RST_STREAM]
        return codes[0] if codes else None

    @property
    def ended(self):
        return any(each.ends_stream for each in self.frames)

    @property
    def is_trailers_only(self):
        """One HEADERS frame that ends the stream, and nothing else but a farewell."""
        names = [name for name in self.names if name not in ("RST_STREAM", "WINDOW_UPDATE")]
        return names == ["HEADERS"] and self.frames[0].ends_stream


def call_headers(path, authority="stockade.test", **changes):
    """A gRPC call's headers; `changes` replace (with None, drop) fields, `_` meaning `-`."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": authority,
        "te": "trailers",
        "content-type": "application/grpc",
    }
    for name, value in changes.items():
        name = name.replace("_", "-")
        pseudo = ":" + name
        fields[pseudo if pseudo in fields else name] = value
    return [(name, value) for name, value in fields.items() if value is not None]


class Conversation:
    """One connection to the server.

    SETTINGS and PINGs are acknowledged as they are read unless `polite` is False; with `greet`
    False nothing is sent by itself; `receive_buffer` is the kernel's, in bytes.
    """

    def __init__(
        self,
        server,
        settings=None,
        greet=True,
        polite=True,
        timeout=REPLY_SECONDS,
        receive_buffer=None,
    ):
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_buffer is not None:
            # Before connecting, or the kernel has promised more already.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((server.host, server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.polite = polite
        self.timeout = timeout
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.next_stream = 1
        self.server_settings = {}
        self.goaway = None
        self._buffer = b""
        self._unclaimed = deque()
        self._block = None
        if greet:
            self.send(PREFACE)
            self.send_settings(settings or {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # Speaking

    def send(self, data):
        self.socket.sendall(data)

    def send_settings(self, settings):
        self.send(SettingsFrame(settings=dict(settings)).serialize())

    def acknowledge_settings(self):
        self.send(SettingsFrame(flags=["ACK"]).serialize())

    def new_stream(self):
        self.next_stream += 2
        return self.next_stream - 2

    def block(self, headers):
        """A header block's bytes; must be sent, as both sides' tables change with it."""
        return self.encoder.encode(headers, huffman=True)

    def send_headers(self, stream, headers, end_stream=False):
        """HEADERS, and CONTINUATIONs when they don't fit one frame."""
        block = self.block(headers)
        first = HeadersFrame(stream, data=block[:16_384])
        rest = [block[at : at + 16_384] for at in range(16_384, len(block), 16_384)]
        if end_stream:
            first.flags.add("END_STREAM")
        frames = [first, *(ContinuationFrame(stream, data=part) for part in rest)]
        frames[-1].flags.add("END_HEADERS")
        self.send(b"".join(each.serialize() for each in frames))

    def send_data(self, stream, data, end_stream=False, padding=None):
        each = DataFrame(stream, data=data)
        if end_stream:
            each.flags.add("END_STREAM")
        if padding is not None:
            each.flags.add("PADDED")
            each.pad_length = padding
        self.send(each.serialize())

    def reset(self, stream, code=CANCEL):
        self.send(RstStreamFrame(stream, error_code=code).serialize())

    def ping(self, data=b"stockade"):
        self.send(PingFrame(0, opaque_data=data).serialize())

    def open_window(self, stream, size):
        self.send(WindowUpdateFrame(stream, window_increment=size).serialize())

    def begin(self, path, **changes):
        """Opens a call and leaves it open; its stream."""
        stream = self.new_stream()
        self.send_headers(stream, call_headers(path, **changes))
        return stream

    def call(self, path, body=b"", **changes):
        """A whole unary call, as any client would make it; its reply."""
        stream = self.begin(path, **changes)
        self.send_data(stream, message(body), end_stream=True)
        return self.reply(stream)

    # Listening

    def _receive(self, deadline):
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            chunk = self.socket.recv(65_536)
        except TimeoutError:
            raise TimeoutError("the server said nothing more") from None
        except ConnectionError as error:
            raise Closed(str(error)) from None
        if not chunk:
            raise Closed("end of stream")
        self._buffer += chunk

    def next_frame(self, timeout=None):
        """The next frame, whatever it is; header blocks are decoded, politeness is observed."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while len(self._buffer) < 9:
            self._receive(deadline)
        length = int.from_bytes(self._buffer[:3], "big")
        while len(self._buffer) < 9 + length:
            self._receive(deadline)
        kind, flags = self._buffer[3], self._buffer[4]
        stream = struct.unpack_from(">I", self._buffer, 5)[0] & 0x7FFF_FFFF
        got = Frame(kind, flags, stream, self._buffer[9 : 9 + length])
        self._buffer = self._buffer[9 + length :]
        self._understand(got)
        return got

    def _understand(self, got):
        if got.kind == HEADERS or got.kind == CONTINUATION:
            self._block = got.payload if got.kind == HEADERS else self._block + got.payload
            if got.flags & END_HEADERS:
                got.headers = [
                    (as_text(name), as_text(value))
                    for name, value in self.decoder.decode(self._block, raw=True)
                ]
        elif got.kind == SETTINGS and not got.flags & ACK:
            for at in range(0, len(got.payload), 6):
                identifier, value = struct.unpack_from(">HI", got.payload, at)
                self.server_settings[identifier] = value
            if self.polite:
                self._answer(SettingsFrame(flags=["ACK"]).serialize())
        elif got.kind == PING and not got.flags & ACK:
            if self.polite:
                self._answer(PingFrame(0, opaque_data=got.payload, flags=["ACK"]).serialize())
        elif got.kind == GOAWAY:
            self.goaway = got

    def _answer(self, data):
        try:
            self.send(data)
        except ConnectionError:
            pass  # it closed meanwhile; what it sent before is still read

    def expect(self, kind, timeout=None, stream=None):
        """Reads up to the next frame of that kind (and stream); keeps what it passes for others."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        passed = deque()
        while True:
            got = self._unclaimed.popleft() if self._unclaimed else None
            if got is None:
                got = self.next_frame(max(0.001, deadline - time.monotonic()))
            if got.kind == kind and stream in (None, got.stream):
                self._unclaimed = passed + self._unclaimed
                return got
            passed.append(got)

    def reply(self, stream, timeout=None):
        """All that comes on the stream until the server ends or resets it."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        found = Reply()
        others = deque()
        while True:
            got = self._unclaimed.popleft() if self._unclaimed else None
            if got is None:
                got = self.next_frame(max(0.001, deadline - time.monotonic()))
            if got.stream != stream:
                others.append(got)
                continue
            found.frames.append(got)
            if got.ends_stream or got.kind == RST_STREAM:
                self._unclaimed = others + self._unclaimed
                return found

    def rest(self, seconds):
        """All frames that come within `seconds`, or until it closes."""
        found = list(self._unclaimed)
        self._unclaimed.clear()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found.append(self.next_frame(max(0.001, deadline - time.monotonic())))
            except (Closed, TimeoutError):
                break
        return found

    def settle(self):
        """A PING there and back: everything sent before has been taken in."""
        mark = struct.pack(">Q", 0x5354_4F43_4B41_4445)
        self.ping(mark)
        while True:
            got = self.expect(PING)
            if got.flags & ACK and got.payload == mark:
                return

    def is_closed_within(self, seconds):
        """Reads until the server closes; False when it doesn't."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.next_frame(max(0.001, deadline - time.monotonic()))
            except Closed:
                return True
            except TimeoutError:
                return False
        return False


def as_text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value
