# SPDX-License-Identifier: Apache-2.0
"""SIGTERM: GOAWAY, what was accepted is answered, exit 0."""

import socket
import threading
import time

import frames
import grpc
import pytest
from frames import Conversation, message
from grpc_health.v1 import health_pb2
from shop import CALL_SECONDS, Shop, eventually, new_id
from stockade.v1 import reservation_service_pb2 as reservation

RESERVE = "/stockade.v1.ReservationService/Reserve"
HEALTH = "/grpc.health.v1.Health/Check"


@pytest.fixture
def draining(start_server):
    """A server of its own, to be drained by the test."""
    return start_server()


def test_idle(draining):
    draining.terminate()
    code, rest = draining.wait()
    assert (code, rest) == (0, "")


def test_with_idle_connections(draining):
    with Shop(draining.address, "brand") as shop, Conversation(draining) as idle:
        shop.set_stock("tea", 1)
        idle.settle()
        draining.terminate()
        farewell = idle.expect(frames.GOAWAY)
        assert farewell.error == frames.NO_ERROR
        assert idle.is_closed_within(20)
        assert draining.wait()[0] == 0


def test_under_load(draining):
    """Each call ends in its answer or in UNAVAILABLE, and the server in exit 0."""
    shops = [Shop(draining.address, "brand") for _ in range(8)]
    shops[0].set_stock("tea", 1_000_000)
    stop = threading.Event()
    answered, unavailable, others = [], [], []

    def reserve_until_it_is_gone(shop):
        while not stop.is_set():
            try:
                shop.reservations.Reserve(shop.reserve_request({"tea": 1}), timeout=CALL_SECONDS)
                answered.append(1)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.UNAVAILABLE:
                    unavailable.append(1)
                    time.sleep(0.005)
                else:
                    others.append(error)
                    return

    threads = [
        threading.Thread(target=reserve_until_it_is_gone, args=(shop,))
        for shop in shops
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    eventually(lambda: len(answered) > 500)
    draining.terminate()
    code, _ = draining.wait()
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    for shop in shops:
        shop.channel.close()
    assert others == []
    assert code == 0
    assert unavailable, "the calls after the end"


def test_a_call_that_was_accepted_is_answered(draining):
    """Its headers came before the signal, its message after."""
    with Shop(draining.address, "brand") as shop, Conversation(draining) as caller:
        shop.set_stock("tea", 1)
        request = shop.reserve_request({"tea": 1})
        stream = caller.begin(RESERVE)
        caller.settle()
        draining.terminate()
        assert caller.expect(frames.GOAWAY).error == frames.NO_ERROR
        caller.send_data(stream, message(request.SerializeToString()), end_stream=True)
        reply = caller.reply(stream)
        assert reply.status == 0
        answer = reservation.ReserveResponse.FromString(reply.data[5:])
        assert answer.reservation.reservation_id == request.reservation_id
        assert draining.wait()[0] == 0


def test_health_says_not_serving_while_it_drains(draining):
    """Asked by a call whose headers came before the signal, so it must be answered."""
    with Conversation(draining) as caller:
        stream = caller.begin(HEALTH)
        caller.settle()
        draining.terminate()
        caller.expect(frames.GOAWAY)
        caller.send_data(stream, message(b""), end_stream=True)
        reply = caller.reply(stream)
        assert reply.status == 0
        answer = health_pb2.HealthCheckResponse.FromString(reply.data[5:])
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert draining.wait()[0] == 0


def test_no_new_connections(draining):
    with Conversation(draining) as caller:
        stream = caller.begin(RESERVE)
        caller.settle()
        draining.terminate()
        caller.expect(frames.GOAWAY)

        def is_refused():
            try:
                with socket.create_connection((draining.host, draining.port), timeout=5) as late:
                    late.settimeout(5)
                    late.sendall(frames.PREFACE + frames.frame(frames.SETTINGS, 0, 0))
                    return late.recv(1) == b""
            except ConnectionError:
                return True

        eventually(is_refused)
        caller.reset(stream)
    assert draining.wait()[0] == 0


def test_a_new_call_on_a_connection_that_said_goaway_is_not_executed_twice(draining):
    """Streams above the last id are safe to repeat: they get no answer but UNAVAILABLE or none."""
    with Shop(draining.address, "brand") as shop, Conversation(draining) as caller:
        shop.set_stock("tea", 10)
        caller.settle()
        draining.terminate()
        caller.expect(frames.GOAWAY)
        request = reservation.ReserveRequest(
            reservation_id=new_id(), brand="brand", dealer="dealer", lines=[]
        )
        try:
            stream = caller.begin(RESERVE)
            caller.send_data(stream, message(request.SerializeToString()), end_stream=True)
            reply = caller.reply(stream, timeout=5)
            assert reply.status in (3, 14) or reply.reset == frames.REFUSED_STREAM
        except (frames.Closed, TimeoutError, ConnectionError):
            assert caller.goaway.last_stream < 2**31 - 1 or not draining.is_alive
    assert draining.wait()[0] == 0


def test_a_second_server_takes_the_port_at_once(draining, start_server):
    """Nothing lingers on the port: a restart with the same flags comes up."""
    with Shop(draining.address, "brand") as shop:
        shop.set_stock("tea", 1)
        address = draining.address
        draining.terminate()
        assert draining.wait()[0] == 0
    successor = start_server(listen=address)
    assert successor.address == address


def test_a_second_signal_ends_it_at_once(draining):
    """Whoever can't wait for a call that never ends needn't."""
    with Conversation(draining) as caller:
        caller.begin(RESERVE)
        caller.settle()
        draining.terminate()
        caller.expect(frames.GOAWAY)
        assert draining.is_alive, "the call is waited for"
        draining.terminate()
        draining.wait(10)
