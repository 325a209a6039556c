# SPDX-License-Identifier: Apache-2.0
"""Peers that mean harm. While each attack runs a second connection keeps answering; afterwards the
server is alive and has not grown."""

import socket
import struct
import threading
import time

import frames
import pytest
from frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    HEADERS,
    PING,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Closed,
    Conversation,
    call_headers,
    frame,
    message,
    stateless_block,
)
from shop import HELD, Shop
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import reservation_service_pb2 as reservation

# Before a call reaches the core there is no difference.
SERVER_MODES = ("memory",)

RESERVE = "/stockade.v1.ReservationService/Reserve"
GET_STOCK = "/stockade.v1.InventoryService/GetStock"
HEALTH = "/grpc.health.v1.Health/Check"

# An attack may not make the server grow by more.
GROWTH_KIB_MAX = 64 * 1024
# Each attack sends at most so long; the rest of the test is waiting for what must follow.
ATTACK_SECONDS = 5


class Bystander(threading.Thread):
    """A dealer who goes on buying over a connection of his own, whatever others do."""

    def __init__(self, server):
        super().__init__()
        self.shop = Shop(server.address, "bystander")
        self.shop.set_stock("tea", 10_000_000)
        self.done = threading.Event()
        self.bought = 0
        self.error = None

    def run(self):
        try:
            while not self.done.is_set():
                assert self.shop.reserve({"tea": 1}).state == HELD
                self.bought += 1
                time.sleep(0.002)
        except BaseException as error:
            self.error = error

    def finish(self):
        self.done.set()
        self.join(60)
        self.shop.channel.close()


@pytest.fixture(autouse=True)
def bystander(server):
    dealer = Bystander(server)
    for _ in range(50):
        dealer.shop.reserve({"tea": 1})
    before = server.resident_kib()
    dealer.start()
    yield dealer
    bought = dealer.bought
    deadline = time.monotonic() + 20
    while dealer.bought < bought + 5 and dealer.error is None:
        assert time.monotonic() < deadline, "the bystander starves"
        time.sleep(0.01)
    dealer.finish()
    assert dealer.error is None, dealer.error
    assert server.is_alive
    with Conversation(server) as newcomer:
        assert newcomer.call(HEALTH).status == 0
    grown = server.resident_kib() - before
    assert grown < GROWTH_KIB_MAX, f"grew by {grown} KiB"


def attack(raw, packet, times, read=True):
    """Sends `packet` up to `times` times, as long as the server listens and time allows.

    True when the server closed. With `read` what it answers is read and dropped.
    """
    deadline = time.monotonic() + ATTACK_SECONDS
    raw.socket.settimeout(ATTACK_SECONDS)
    try:
        for _ in range(times):
            raw.socket.sendall(packet)
            if read:
                raw.socket.setblocking(False)
                try:
                    while raw.socket.recv(1 << 20):
                        pass
                    return True
                except BlockingIOError:
                    pass
                finally:
                    raw.socket.settimeout(ATTACK_SECONDS)
            if time.monotonic() > deadline:
                break
    except TimeoutError:
        return False  # it doesn't take more: back-pressure
    except ConnectionError:
        return True
    return False


def is_closed_by_server(raw, seconds):
    """Drops what comes until the server closes."""
    raw.socket.settimeout(seconds)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if not raw.socket.recv(1 << 20):
                return True
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return False


class TestHeaders:
    def test_more_bytes_than_the_bound_in_one_block(self, server):
        with Conversation(server) as raw:
            for _ in range(20):
                stream = raw.new_stream()
                headers = call_headers(HEALTH) + [(f"x-{at}", "v" * 1_000) for at in range(60)]
                raw.send_headers(stream, headers, end_stream=True)
                reply = raw.reply(stream)
                assert reply.status != 0
            assert raw.call(HEALTH).status == 0

    def test_a_thousand_fields(self, server):
        with Conversation(server) as raw:
            stream = raw.new_stream()
            headers = call_headers(HEALTH) + [("x", "1")] * 1_000
            raw.send_headers(stream, headers, end_stream=True)
            assert raw.reply(stream).status != 0
            assert raw.call(HEALTH).status == 0

    def test_names_of_no_length(self, server):
        """They are dropped by most; they count all the same."""
        with Conversation(server) as raw:
            block = raw.block(call_headers(HEALTH)) + b"\x00\x00\x00" * 3_000
            stream = raw.new_stream()
            raw.send(frame(HEADERS, END_HEADERS | frames.END_STREAM, stream, block))
            try:
                assert raw.reply(stream).status != 0
                assert raw.call(HEALTH).status == 0
            except Closed:
                pass

    def test_a_bomb_of_indexed_fields(self, server):
        """One entry of 4,000 bytes, then one byte for each repetition."""
        with Conversation(server) as raw:
            stream = raw.new_stream()
            raw.send_headers(stream, [*call_headers(HEALTH), ("x-bomb", "b" * 4_000)], True)
            raw.reply(stream)
            for _ in range(50):
                stream = raw.new_stream()
                block = raw.block(call_headers(HEALTH)) + b"\xbe" * 16_000
                raw.send(frame(HEADERS, END_HEADERS | frames.END_STREAM, stream, block))
            is_closed_by_server(raw, 2)

    def test_a_flood_of_continuations(self, server):
        """A block that never ends: in the end the server hangs up."""
        with Conversation(server) as raw:
            stream = raw.new_stream()
            raw.send(frame(HEADERS, 0, stream, raw.block(call_headers(HEALTH))))
            closed = attack(raw, frame(CONTINUATION, 0, stream, b"\x00\x01x\x011" * 100), 100_000)
            assert closed or is_closed_by_server(raw, 10)

    def test_a_flood_of_empty_continuations(self, server):
        with Conversation(server) as raw:
            stream = raw.new_stream()
            raw.send(frame(HEADERS, 0, stream, raw.block(call_headers(HEALTH))))
            closed = attack(raw, frame(CONTINUATION, 0, stream) * 100, 10_000)
            assert closed or is_closed_by_server(raw, 10)


class TestFloods:
    def test_empty_data(self, server):
        with Conversation(server) as raw:
            stream = raw.begin(RESERVE)
            closed = attack(raw, frame(DATA, 0, stream) * 100, 1_000)
            assert closed or is_closed_by_server(raw, 10)

    def test_a_few_empty_data_frames_are_no_attack(self, server):
        with Conversation(server) as raw:
            stream = raw.begin(HEALTH)
            for _ in range(5):
                raw.send_data(stream, b"")
            raw.send_data(stream, message(b""), end_stream=True)
            assert raw.reply(stream).status == 0

    def test_empty_padded_data(self, server):
        """A frame of 256 bytes that carries nothing."""
        with Conversation(server) as raw:
            stream = raw.begin(RESERVE)
            attack(raw, frame(DATA, 0x8, stream, b"\xff" + bytes(255)), 20_000)

    @pytest.mark.parametrize("read", [True, False], ids=["reading", "not reading"])
    def test_pings(self, server, read):
        with Conversation(server) as raw:
            attack(raw, frame(PING, 0, 0, bytes(8)) * 1_000, 200, read=read)

    @pytest.mark.parametrize("read", [True, False], ids=["reading", "not reading"])
    def test_settings(self, server, read):
        entries = struct.pack(">HI", 4, 65_535) * 16
        with Conversation(server) as raw:
            attack(raw, frame(SETTINGS, 0, 0, entries) * 100, 500, read=read)

    def test_settings_of_very_many_entries(self, server):
        entries = struct.pack(">HI", 4, 65_535) * 2_700
        with Conversation(server) as raw:
            attack(raw, frame(SETTINGS, 0, 0, entries), 500)

    def test_window_updates_of_one_byte(self, server):
        with Conversation(server) as raw:
            attack(raw, frame(WINDOW_UPDATE, 0, 0, b"\x00\x00\x00\x01") * 1_000, 200)

    def test_priorities(self, server):
        packet = b"".join(
            frame(PRIORITY, 0, 2 * at + 1, struct.pack(">IB", 0, at % 256)) for at in range(1_000)
        )
        with Conversation(server) as raw:
            attack(raw, packet, 200)

    def test_unknown_frames(self, server):
        with Conversation(server) as raw:
            attack(raw, frame(0xEE, 0, 0, bytes(8)) * 1_000, 200)

    @pytest.mark.parametrize("read", [True, False], ids=["reading", "not reading"])
    def test_resets(self, server, read):
        """Open and reset, without a pause: calls that cost the client nothing."""
        with Conversation(server) as raw:
            raw.settle()
            block = stateless_block(call_headers(RESERVE))
            deadline = time.monotonic() + ATTACK_SECONDS
            while raw.next_stream < 60_000 and time.monotonic() < deadline:
                packet = b""
                for _ in range(200):
                    stream = raw.new_stream()
                    packet += frame(HEADERS, END_HEADERS, stream, block)
                    packet += frame(RST_STREAM, 0, stream, struct.pack(">I", frames.CANCEL))
                if attack(raw, packet, 1, read=read):
                    break

    def test_faults_that_make_the_server_reset(self, server):
        """Each a stream error of ours: the window of a stream overflows."""
        with Conversation(server) as raw:
            raw.settle()
            block = stateless_block(call_headers(RESERVE))
            deadline = time.monotonic() + ATTACK_SECONDS
            while raw.next_stream < 40_000 and time.monotonic() < deadline:
                packet = b""
                for _ in range(100):
                    stream = raw.new_stream()
                    packet += frame(HEADERS, END_HEADERS, stream, block)
                    packet += frame(WINDOW_UPDATE, 0, stream, b"\x7f\xff\xff\xff")
                if attack(raw, packet, 1):
                    break

    def test_connections_that_come_and_go(self, server):
        for _ in range(500):
            with socket.create_connection((server.host, server.port), timeout=10) as connection:
                connection.sendall(frames.PREFACE)

    def test_connections_that_come_and_stay(self, server):
        stay = []
        try:
            for _ in range(300):
                connection = socket.create_connection((server.host, server.port), timeout=10)
                connection.sendall(frames.PREFACE + frame(SETTINGS, 0, 0))
                stay.append(connection)
            with Conversation(server) as raw:
                assert raw.call(HEALTH).status == 0
        finally:
            for connection in stay:
                connection.close()

    def test_connections_reset_in_the_middle(self, server):
        linger = struct.pack("ii", 1, 0)
        for at in range(200):
            with Conversation(server) as raw:
                stream = raw.begin(RESERVE)
                raw.send_data(stream, bytes(at % 5))
                raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


class TestSlowReaders:
    """Replies that can't leave wait in a bounded place; then the server stops listening."""

    @pytest.fixture
    def long_reply(self, bystander):
        """A Reserve whose replay answers 500 lines."""
        request = bystander.shop.reserve_request([("tea", 1)] * 500)
        bystander.shop.call(bystander.shop.reservations.Reserve, request)
        return message(request.SerializeToString())

    def test_a_window_of_zero(self, server, bystander):
        key = bystander.shop.key("tea")
        body = message(inventory.GetStockRequest(key=key).SerializeToString())
        with Conversation(server, settings={frames.INITIAL_WINDOW_SIZE: 0}) as raw:
            raw.settle()
            allowed = raw.server_settings[frames.MAX_CONCURRENT_STREAMS]
            streams = []
            for _ in range(allowed):
                streams.append(raw.begin(GET_STOCK))
                raw.send_data(streams[-1], body, end_stream=True)
            raw.settle()
            for stream in streams:
                raw.open_window(stream, 1_000)
            for stream in streams:
                assert raw.reply(stream).status == 0, "patience is rewarded"

    def test_a_window_of_one(self, server, long_reply):
        with Conversation(server, settings={frames.INITIAL_WINDOW_SIZE: 1}) as raw:
            raw.settle()
            stream = raw.begin(RESERVE)
            for at in range(0, len(long_reply), 16_000):
                raw.send_data(
                    stream, long_reply[at : at + 16_000], end_stream=at + 16_000 >= len(long_reply)
                )
            for _ in range(50):
                raw.expect(frames.DATA, stream=stream)
                raw.open_window(stream, 1)

    def test_windows_open_and_nobody_reads(self, server, bystander):
        """The sockets fill; replies pile up to a bound, and calls are no longer taken in.

        40 bytes ask for 8 KiB: what waits would be 320 MiB.
        """
        reserved = bystander.shop.reserve_request([("tea", 1)] * 500)
        bystander.shop.call(bystander.shop.reservations.Reserve, reserved)
        ask = message(
            reservation.GetReservationRequest(
                reservation_id=reserved.reservation_id, brand=bystander.shop.brand
            ).SerializeToString()
        )
        block = stateless_block(call_headers("/stockade.v1.ReservationService/GetReservation"))
        wide = {frames.INITIAL_WINDOW_SIZE: 2**31 - 1}
        before = server.resident_kib()
        several = []
        try:
            for _ in range(4):
                raw = Conversation(server, settings=wide, receive_buffer=4_096)
                several.append(raw)
                raw.open_window(0, 2**31 - 1 - 65_535)
                raw.socket.settimeout(1)
                try:
                    for _ in range(100):
                        packet = b""
                        for _ in range(100):
                            stream = raw.new_stream()
                            packet += frame(HEADERS, END_HEADERS, stream, block)
                            packet += frame(DATA, frames.END_STREAM, stream, ask)
                        raw.send(packet)
                except (TimeoutError, ConnectionError):
                    pass  # it doesn't take more, or has had enough
            time.sleep(0.5)
            assert server.resident_kib() - before < GROWTH_KIB_MAX
            assert several[0].next_frame().kind == SETTINGS, "what was sent is there to be read"
        finally:
            for raw in several:
                raw.socket.close()


class TestSlowSenders:
    def test_who_does_not_finish_what_was_begun_is_hung_up_on(self, server):
        """Half a preface, no SETTINGS, a header block without an end: all at once, as each has its
        timer."""
        silent = Conversation(server, greet=False)
        half_a_preface = Conversation(server, greet=False)
        half_a_preface.send(frames.PREFACE[:10])
        no_settings = Conversation(server, greet=False)
        no_settings.send(frames.PREFACE)
        half_a_block = Conversation(server)
        block = half_a_block.block(call_headers(HEALTH))
        half_a_block.send(frame(HEADERS, 0, half_a_block.new_stream(), block))
        half_a_frame = Conversation(server)
        half_a_frame.send(frame(HEADERS, END_HEADERS, half_a_frame.new_stream(), block)[:-3])
        patient = Conversation(server)
        patient.settle()
        try:
            deadline = time.monotonic() + 40
            for name, raw in (
                ("silent", silent),
                ("half a preface", half_a_preface),
                ("no SETTINGS", no_settings),
                ("half a header block", half_a_block),
                ("half a frame", half_a_frame),
            ):
                assert is_closed_by_server(raw, max(1, deadline - time.monotonic())), name
            assert patient.call(HEALTH).status == 0, "idle is no fault"
        finally:
            for raw in (silent, half_a_preface, no_settings, half_a_block, half_a_frame, patient):
                raw.socket.close()

    @pytest.mark.full
    def test_a_message_that_never_comes_and_a_reply_that_never_leaves(self, server, bystander):
        """The slow timers: a unary call's message, and a write that doesn't move."""
        key = bystander.shop.key("tea")
        body = message(inventory.GetStockRequest(key=key).SerializeToString())
        with (
            Conversation(server) as waiting,
            Conversation(server, settings={frames.INITIAL_WINDOW_SIZE: 0}) as stalled,
        ):
            stream = waiting.begin(RESERVE)
            waiting.send_data(stream, body[:3])
            stalled.settle()
            held_back = stalled.begin(GET_STOCK)
            stalled.send_data(held_back, body, end_stream=True)
            try:
                reply = waiting.reply(stream, timeout=120)
                assert reply.reset is not None or reply.status
            except Closed:
                pass
            try:
                reply = stalled.reply(held_back, timeout=120)
                assert reply.reset is not None
            except Closed:
                pass
