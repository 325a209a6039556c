# SPDX-License-Identifier: Apache-2.0
"""Stress traffic never touches real stock: until shadow accounts exist, a tagged call is
refused."""

import grpc
import pytest
from frames import Conversation
from grpc_health.v1 import health_pb2, health_pb2_grpc
from refusals import CODE, taken_apart
from shop import CALL_SECONDS, HELD, new_id
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import reservation_service_pb2 as reservation

RESERVE = "/stockade.v1.ReservationService/Reserve"
FAILED_PRECONDITION = CODE.FAILED_PRECONDITION.value[0]
TAGS = ("x-stockade-shadow", "p-pradar-cluster-test", "you-zan")
# A header that is present is a tag, whatever its value.
VALUES = ("run-1", "true", "false", "0", "", "no", "~" * 64)


def requests(shop, held):
    """Each call with a request that would be done, were it not tagged."""
    return {
        shop.inventory.GetStock: inventory.GetStockRequest(key=shop.key("tea")),
        shop.inventory.SetStock: shop.set_stock_request("tea", 1),
        shop.inventory.AdjustStock: shop.adjust_request("tea", -1),
        shop.reservations.Reserve: shop.reserve_request({"tea": 1}),
        shop.reservations.Confirm: reservation.ConfirmRequest(
            reservation_id=held.reservation_id, brand=shop.brand, order_id=new_id()
        ),
        shop.reservations.Release: reservation.ReleaseRequest(
            reservation_id=held.reservation_id, brand=shop.brand
        ),
        shop.reservations.GetReservation: reservation.GetReservationRequest(
            reservation_id=held.reservation_id, brand=shop.brand
        ),
    }


def refused_as_tagged(shop, stub, request, *metadata):
    with pytest.raises(grpc.RpcError) as caught:
        shop.call(stub, request, metadata=metadata)
    refusal = taken_apart(caught.value)
    assert (refusal.code, refusal.reason) == (CODE.FAILED_PRECONDITION, "SHADOW_UNAVAILABLE")


@pytest.fixture
def held(shop):
    shop.set_stock("tea", 10)
    return shop.reserve({"tea": 4})


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:8] or "empty")
def test_any_tag_with_any_value_changes_nothing(shop, held, tag, value):
    before = shop.stock("tea")
    for stub, request in requests(shop, held).items():
        refused_as_tagged(shop, stub, request, (tag, value))
    assert shop.stock("tea") == before
    assert shop.reservation(held.reservation_id) == held


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("value", ("\x01", "run\x7f", "1\r\n2"), ids=ascii)
def test_a_value_that_http_forbids_is_one_too(server, shop, held, tag, value):
    before = shop.stock("tea")
    with Conversation(server) as raw:
        for _ in range(3):
            body = shop.reserve_request({"tea": 1}).SerializeToString()
            assert raw.call(RESERVE, body, **{tag: value}).status == FAILED_PRECONDITION
    assert shop.stock("tea") == before


def test_several_tags_at_once(shop, held):
    for stub, request in requests(shop, held).items():
        refused_as_tagged(shop, stub, request, *((tag, "x") for tag in TAGS), (TAGS[0], "y"))


def test_nothing_is_remembered_of_it(shop, held):
    """The same ids, untagged, are new."""
    for stub, request in requests(shop, held).items():
        refused_as_tagged(shop, stub, request, (TAGS[0], "run-1"))
    request = shop.reserve_request({"tea": 1})
    refused_as_tagged(shop, shop.reservations.Reserve, request, (TAGS[0], "run-1"))
    assert not shop.call(shop.reservations.Reserve, request).is_replay
    late = new_id()
    release = reservation.ReleaseRequest(reservation_id=late, brand=shop.brand)
    refused_as_tagged(shop, shop.reservations.Release, release, (TAGS[0], "run-1"))
    assert shop.reserve({"tea": 1}, reservation_id=late).state == HELD, "no tombstone"


def test_no_account_is_made(shop):
    refused_as_tagged(
        shop, shop.inventory.SetStock, shop.set_stock_request("ghost", 5), (TAGS[0], "1")
    )
    with pytest.raises(grpc.RpcError) as caught:
        shop.stock("ghost")
    assert taken_apart(caught.value).reason == "SKU_NOT_FOUND"


def test_before_the_form(shop):
    bad = shop.reserve_request({"tea": 0}, reservation_id=b"short")
    refused_as_tagged(shop, shop.reservations.Reserve, bad, (TAGS[0], "1"))


def test_after_decoding(shop):
    call = shop.channel.unary_unary("/stockade.v1.ReservationService/Reserve")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"\x0a\x10", timeout=CALL_SECONDS, metadata=((TAGS[0], "1"),))
    assert taken_apart(caught.value).reason == "UNDECODABLE"


def test_headers_that_only_look_like_one_are_no_tag(shop, held):
    for name in ("x-stockade-shadows", "x-stockade", "youzan", "p-pradar-cluster-tes"):
        answer = shop.call(
            shop.inventory.GetStock,
            inventory.GetStockRequest(key=shop.key("tea")),
            metadata=((name, "1"),),
        )
        assert answer.message.stock.held == 4


@pytest.mark.parametrize("tag", TAGS)
def test_health_is_exempt(shop, tag):
    stub = health_pb2_grpc.HealthStub(shop.channel)
    answer = stub.Check(
        health_pb2.HealthCheckRequest(), timeout=CALL_SECONDS, metadata=((tag, "run-1"),)
    )
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_tagged_calls_between_others_touch_only_themselves(shop, held):
    tagged = [
        shop.reservations.Reserve.future(
            shop.reserve_request({"tea": 1}), timeout=20, metadata=((TAGS[0], "run-1"),)
        )
        for _ in range(20)
    ]
    plain = [
        shop.reservations.Reserve.future(shop.reserve_request({"tea": 1}), timeout=20)
        for _ in range(6)
    ]
    assert all(each.result().reservation.state == HELD for each in plain)
    assert {taken_apart(each.exception()).reason for each in tagged} == {"SHADOW_UNAVAILABLE"}
    assert shop.figures("tea") == (10, 10, 0, 0)
