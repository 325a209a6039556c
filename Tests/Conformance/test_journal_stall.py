# SPDX-License-Identifier: Apache-2.0
"""A disk that stands still: nothing leaves before its flush, reads of what is durable go on.

The journal's thread is stopped instead of the disk: to everybody else that is the same.
"""

import base64
import time

import grpc
import pytest
from frames import Conversation, message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from journal_check import check_is_fine
from refusals import CODE, refused, taken_apart
from shop import CONFIRMED, HELD, RELEASED, Shop, eventually, line, new_id, open_channel
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import reservation_service_pb2 as reservation
from tracing import StoppedThread

# For a call that must wait. Long enough that one that doesn't would have been answered.
SHORT = 0.7
LONG = 60


@pytest.fixture
def stocked(journal_server):
    server = journal_server()
    with Shop(server.address, "brand") as shop:
        shop.set_stock("tea", 100)
        shop.set_stock("coffee", 100)
        yield server, shop


def waits(stub, request):
    """The call isn't answered while the journal stands still: its deadline ends it."""
    began = time.monotonic()
    try:
        answer = stub(request, timeout=SHORT)
    except grpc.RpcError as error:
        assert error.code() == CODE.DEADLINE_EXCEEDED, error
        assert time.monotonic() - began > SHORT - 0.1
        return error
    raise AssertionError(f"answered before the flush: {answer}")


class TestNothingLeavesBeforeTheFlush:
    def test_a_grant_and_all_that_depends_on_it(self, stocked):
        server, shop = stocked
        request = shop.reserve_request({"tea": 100})
        reservation_id = request.reservation_id
        reserve = shop.reservations.Reserve
        with StoppedThread(server, "journal") as stopped:
            first = reserve.future(request, timeout=LONG)
            waits(reserve, request)  # the replay
            waits(shop.inventory.GetStock, inventory.GetStockRequest(key=shop.key("tea")))
            waits(reserve, shop.reserve_request({"tea": 1}))  # sold out, by what isn't durable
            waits(
                shop.reservations.GetReservation,
                reservation.GetReservationRequest(
                    reservation_id=reservation_id, brand=shop.brand
                ),
            )
            waits(
                shop.inventory.AdjustStock, shop.adjust_request("tea", 1, expected_version=1)
            )  # VERSION_MISMATCH, by a version that isn't durable
            changed = shop.reserve_request({"tea": 99}, reservation_id=reservation_id)
            waits(reserve, changed)  # IDEMPOTENCY_KEY_REUSED, by an id that isn't durable
            assert not first.done()
            # What is durable is told, and refusals that depend on nothing.
            assert shop.figures("coffee") == (100, 0, 0, 100)
            refused("SKU_NOT_FOUND", shop.stock, "cocoa")
            refused("QTY_OUT_OF_RANGE", shop.reserve, {"tea": 0})
            stopped.resume()
            assert first.result().reservation.state == HELD
        assert shop.call(reserve, request).is_replay
        assert shop.figures("tea") == (100, 100, 0, 0)

    def test_confirm_and_release(self, stocked):
        server, shop = stocked
        one, two = shop.reserve({"tea": 1}), shop.reserve({"tea": 2})
        order_id = new_id()
        with StoppedThread(server, "journal"):
            waits(
                shop.reservations.Confirm,
                reservation.ConfirmRequest(
                    reservation_id=one.reservation_id, order_id=order_id, brand=shop.brand
                ),
            )
            waits(
                shop.reservations.Release,
                reservation.ReleaseRequest(reservation_id=two.reservation_id, brand=shop.brand),
            )
            # Refusals by states that aren't durable.
            waits(
                shop.reservations.Release,
                reservation.ReleaseRequest(reservation_id=one.reservation_id, brand=shop.brand),
            )
            waits(
                shop.reservations.Confirm,
                reservation.ConfirmRequest(
                    reservation_id=two.reservation_id, order_id=new_id(), brand=shop.brand
                ),
            )
        assert shop.confirm(one.reservation_id, order_id).state == CONFIRMED
        assert shop.release(two.reservation_id).state == RELEASED
        assert shop.figures("tea") == (100, 0, 1, 99)

    def test_an_answer_that_never_left_binds_nobody(self, stocked, journal_server):
        """kill -9 while it waits: the grant may be gone, and then nobody was told of it."""
        server, shop = stocked
        request = shop.reserve_request({"tea": 100})
        with StoppedThread(server, "journal") as stopped:
            call = shop.reservations.Reserve.future(request, timeout=LONG)
            waits(shop.inventory.GetStock, inventory.GetStockRequest(key=shop.key("tea")))
            stopped.kill(server)
            assert call.exception().code() == CODE.UNAVAILABLE
        second = journal_server.again(server)
        with Shop(second.address, "brand") as after:
            assert after.figures("tea") == (100, 0, 0, 100), "nothing of it was on the disk"
            assert not after.call(after.reservations.Reserve, request).is_replay
            assert after.figures("tea") == (100, 100, 0, 0)

    def test_the_deadline_says_unknown(self, stocked):
        """Told by the server where it is sooner than the client: a deadline on the wire only."""
        server, shop = stocked
        request = shop.reserve_request({"tea": 1})
        with StoppedThread(server, "journal"):
            # The client's own timer mustn't win: the deadline goes as a header of its own.
            with Conversation(server) as caller:
                stream = caller.begin(
                    "/stockade.v1.ReservationService/Reserve", grpc_timeout="300m"
                )
                caller.send_data(
                    stream, message(request.SerializeToString()), end_stream=True
                )
                reply = caller.reply(stream)
                assert reply.status == 4
                status = status_pb2.Status.FromString(
                    base64.b64decode(reply.trailers["grpc-status-details-bin"] + "==")
                )
                info = error_details_pb2.ErrorInfo()
                assert status.details[0].Unpack(info)
                assert info.metadata["applied"] == "unknown"
        assert shop.call(shop.reservations.Reserve, request).is_replay
        assert shop.stock("tea").held == 1


def health(address):
    with open_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        return stub.Check(health_pb2.HealthCheckRequest(), timeout=20).status


def test_a_full_buffer(journal_server):
    """JOURNAL_STALLED without waiting; afterwards each id has exactly one effect."""
    server = journal_server("--ids-max=600k", "--legs-max=600k")
    skus = [f"sku-{at}" for at in range(500)]
    # Many connections: one takes no further call while 256 KiB of its answers wait.
    shops = [Shop(server.address, "brand", ("client", at)) for at in range(32)]
    shop = shops[0]
    for sku in [*skus, "tea"]:
        shop.set_stock(sku, 100_000)
    lines = [line(sku, 1) for sku in skus]
    durable = shop.reserve({"tea": 1})
    requests = [shop.reserve_request(lines) for _ in range(400)]
    with StoppedThread(server, "journal"):
        calls = [
            shops[at % 32].reservations.Reserve.future(request, timeout=LONG)
            for at, request in enumerate(requests)
        ]
        stalled = eventually(lambda: [each for each in calls if each.done()], seconds=60)
        for each in stalled:
            refusal = taken_apart(each.exception())
            assert (refusal.reason, refusal.code) == ("JOURNAL_STALLED", CODE.UNAVAILABLE)
        refused("JOURNAL_STALLED", shops[1].reserve, lines)
        # What is durable is told.
        assert shop.stock("tea").held == 1
        assert shop.reservation(durable.reservation_id) == durable
        assert health(server.address) == health_pb2.HealthCheckResponse.SERVING
    granted = 0
    for call in calls:
        error = call.exception()
        if error is None:
            assert call.result().reservation.state == HELD
            granted += 1
        else:
            assert taken_apart(error).reason == "JOURNAL_STALLED"
    assert 100 < granted < len(calls)
    assert shop.stock(skus[0]).held == granted, "a refusal changed nothing"
    for call, request in zip(calls, requests):
        answer = shop.call(shop.reservations.Reserve, request)
        assert answer.is_replay == (call.exception() is None)
    assert shop.stock(skus[0]).held == len(calls)
    before = [shop.stock(sku) for sku in skus[:20]]
    for each in shops:
        each.channel.close()
    server.kill()
    second = journal_server.again(server)
    with Shop(second.address, "brand") as after:
        assert [after.stock(sku) for sku in skus[:20]] == before
        for request in requests[::50]:
            assert after.call(after.reservations.Reserve, request).is_replay
    second.kill()
    check_is_fine(server.data)
