# SPDX-License-Identifier: Apache-2.0
"""Every way to be refused, as a stock client sees it.

`refused` takes each refusal apart: the details' code and message equal the trailers' (from_call
insists), one ErrorInfo of our domain, a reason of the published enum under its own status, and only
known metadata keys. Here is what each carries besides.
"""

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from refusals import CODE, refused, taken_apart
from shop import CALL_SECONDS, HELD, WAREHOUSE, line, new_id


@pytest.fixture(autouse=True)
def stocked(shop):
    shop.set_stock("tea", 10)


def test_sold_out_says_what_there_was(shop):
    shop.confirm(shop.reserve({"tea": 3}).reservation_id)
    shop.reserve({"tea": 2})
    refusal = refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 6})
    assert refusal.metadata == {
        "line": "1",
        "sku": "tea",
        "warehouse": WAREHOUSE,
        "requested": "6",
        "available": "5",
        "failing_lines": "1",
    } | {key: refusal.metadata[key] for key in ("on_hand", "deficit") if key in refusal.metadata}
    assert refusal.metadata.get("on_hand", "10") == "10"
    assert refusal.metadata.get("deficit", "0") == "0"


def test_the_first_failing_line_is_named_by_its_number(shop):
    shop.set_stock("coffee", 0)
    wanted = [line("tea", 1, number=40), line("coffee", 1, number=30), line("tea", 10, number=20)]
    refusal = refused("INSUFFICIENT_STOCK", shop.reserve, wanted)
    assert int(refusal.metadata["line"]) in (40, 30), "tea fails as a sum, coffee by itself"
    assert refusal.metadata["sku"] in ("tea", "coffee")


def test_a_deficit_is_said(shop):
    shop.reserve({"tea": 8})
    shop.set_stock("tea", 5)
    refusal = refused("INSUFFICIENT_STOCK", shop.reserve, {"tea": 1})
    assert int(refusal.metadata["available"]) == -3


def test_what_is_not_found_is_named(shop):
    refusal = refused("SKU_NOT_FOUND", shop.reserve, [("tea", 1), ("coffee", 1)])
    assert (refusal.metadata["line"], refusal.metadata["sku"]) == ("2", "coffee")
    refusal = refused("WAREHOUSE_NOT_FOUND", shop.reserve, [("tea", 1), ("tea", 1, "south")])
    assert refusal.metadata["line"] == "2"
    assert (refusal.metadata["sku"], refusal.metadata["warehouse"]) == ("tea", "south")


@pytest.mark.parametrize("sku", ["50%-off", "a b", '"quoted"', "back\\slash", "<b>", "~!@#$^&*()"])
def test_odd_codes_come_back_as_they_were(shop, sku):
    refusal = refused("SKU_NOT_FOUND", shop.reserve, {sku: 1})
    assert refusal.metadata["sku"] == sku


def test_states(shop):
    confirmed = shop.reserve({"tea": 1})
    released = shop.reserve({"tea": 1})
    shop.confirm(confirmed.reservation_id)
    shop.release(released.reservation_id)
    for reason, call, held, state in (
        ("ALREADY_CONFIRMED", shop.confirm, confirmed, "CONFIRMED"),
        ("ALREADY_CONFIRMED", shop.release, confirmed, "CONFIRMED"),
        ("ALREADY_RELEASED", shop.confirm, released, "RELEASED"),
    ):
        assert refused(reason, call, held.reservation_id).metadata["state"] == state


def test_the_limit_is_said_where_there_is_one(shop):
    shop.set_stock("tea", 1_000_000_000_000)
    refusal = refused("QTY_OUT_OF_RANGE", shop.adjust, "tea", 1)
    assert refusal.metadata.get("limit")


def test_version_mismatch(shop):
    refusal = refused("VERSION_MISMATCH", shop.adjust, "tea", 1, expected_version=99)
    assert refusal.code == CODE.ABORTED


def test_undecodable_bytes(shop):
    """The server can't know what was asked for; it says so and nothing else."""
    for path, bytes_sent in (
        ("/stockade.v1.ReservationService/Reserve", b"\x0a\x10short"),
        ("/stockade.v1.ReservationService/Confirm", b"\xff" * 12),
        ("/stockade.v1.InventoryService/GetStock", b"\x0a\x05\x0a\x03\xff\xfe\xfd"),
        ("/stockade.v1.InventoryService/SetStock", b"\x00\x00"),
    ):
        call = shop.channel.unary_unary(path)
        with pytest.raises(grpc.RpcError) as caught:
            call(bytes_sent, timeout=CALL_SECONDS)
        refusal = taken_apart(caught.value)
        assert (refusal.code, refusal.reason) == (CODE.INTERNAL, "UNDECODABLE")


def test_a_deadline_that_has_passed(shop):
    """Sent as a header, so that the client doesn't give up by itself before the server answers."""
    request = shop.reserve_request({"tea": 1})
    with pytest.raises(grpc.RpcError) as caught:
        shop.call(
            shop.reservations.Reserve, request, metadata=(("grpc-timeout", "0n"),), timeout=None
        )
    refusal = taken_apart(caught.value)
    assert (refusal.code, refusal.reason) == (CODE.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")
    assert refusal.metadata == {"applied": "false"}
    assert shop.stock("tea").held == 0


def test_a_client_that_gave_up_repeats_under_the_same_id(shop):
    """Whether it was in time or not, it is done once."""
    for _ in range(3):
        request = shop.reserve_request({"tea": 1})
        held = shop.stock("tea").held
        try:
            shop.reservations.Reserve(request, timeout=1e-9)
        except grpc.RpcError as error:
            assert error.code() == CODE.DEADLINE_EXCEEDED
        shop.call(shop.reservations.Reserve, request)
        assert shop.stock("tea").held == held + 1


def test_unknown_method_and_service(shop):
    for path in (
        "/stockade.v1.ReservationService/Steal",
        "/stockade.v1.InventoryService/Reserve",
        "/stockade.v2.ReservationService/Reserve",
        "/stockade.v1.reservationservice/Reserve",
    ):
        with pytest.raises(grpc.RpcError) as caught:
            shop.channel.unary_unary(path)(b"", timeout=CALL_SECONDS)
        assert caught.value.code() == CODE.UNIMPLEMENTED


@pytest.mark.parametrize(
    "provoke, code",
    [
        (lambda shop: shop.reserve({"tea": 0}), CODE.INVALID_ARGUMENT),
        (lambda shop: shop.reserve({"coffee": 1}), CODE.NOT_FOUND),
        (lambda shop: shop.reserve({"tea": 11}), CODE.FAILED_PRECONDITION),
        (lambda shop: shop.adjust("tea", 1, expected_version=7), CODE.ABORTED),
        (
            lambda shop: shop.channel.unary_unary("/stockade.v1.ReservationService/Reserve")(
                b"\x0a", timeout=CALL_SECONDS
            ),
            CODE.INTERNAL,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, grpc.StatusCode) else "",
)
def test_details_and_trailers_say_the_same(shop, provoke, code):
    with pytest.raises(grpc.RpcError) as caught:
        provoke(shop)
    error = caught.value
    assert error.code() == code
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert (status.code, status.message) == (code.value[0], error.details())
    assert [each.type_url for each in status.details] == [
        "type.googleapis.com/google.rpc.ErrorInfo"
    ]
    info = error_details_pb2.ErrorInfo()
    status.details[0].Unpack(info)
    assert info.domain == "stockade.v1"


def test_trailers_stay_within_what_clients_take(shop):
    """Clients take 8 KiB of trailers; the longest codes there are fill far less."""
    sku, warehouse = "%" * 64, '"' * 64
    shop.set_stock(sku, 0, warehouse)
    with pytest.raises(grpc.RpcError) as caught:
        shop.reserve([(sku, 1, warehouse)] * 500, dealer="%" * 64)
    refusal = taken_apart(caught.value)
    size = sum(len(key) + len(value) + 32 for key, value in refusal.trailers.items())
    assert size < 8_192


def test_a_refusal_disturbs_nothing_else(shop):
    """Refusals and grants interleaved on one connection, each with its own answer."""
    good = [shop.reserve_request({"tea": 1}) for _ in range(10)]
    bad = [shop.reserve_request({"coffee": 1}) for _ in range(10)]
    reserve = shop.reservations.Reserve
    calls = [reserve.future(each, timeout=20) for pair in zip(good, bad) for each in pair]
    for wanted, call in zip(good, calls[::2]):
        answer = call.result().reservation
        assert (answer.reservation_id, answer.state) == (wanted.reservation_id, HELD)
    for call in calls[1::2]:
        assert taken_apart(call.exception()).reason == "SKU_NOT_FOUND"
    assert shop.figures("tea") == (10, 10, 0, 0)


def test_ids_are_not_in_messages(shop):
    """A message may be logged by anyone; what it says is about the request's form and figures."""
    held = shop.reserve({"tea": 1})
    order_id = new_id()
    shop.confirm(held.reservation_id, order_id)
    refusal = refused("ALREADY_CONFIRMED", shop.confirm, held.reservation_id)
    for secret in (order_id.hex(), held.reservation_id.hex()):
        assert secret not in refusal.message.lower()
        assert not any(secret in value.lower() for value in refusal.metadata.values())
