# SPDX-License-Identifier: Apache-2.0
"""Bad values, field by field: each is refused with a message that names the field, and nothing
changes."""

import pytest
from refusals import CODE, outcome, refused, taken_apart
from shop import CALL_SECONDS, DEALER, DIRECT, FROM_RESERVATION, WAREHOUSE, line, new_id
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import order_service_pb2 as orders
from stockade.v1 import reservation_service_pb2 as reservation
from stockade.v1 import types_pb2 as types

import grpc

# Before a call reaches the core there is no difference.
SERVER_MODES = ("memory",)

BILLION = 1_000_000_000
TRILLION = 1_000_000_000_000
INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)

BAD_IDS = {
    "empty": b"",
    "short": b"\x01" * 15,
    "long": b"\x01" * 17,
    "very long": b"\x01" * 5_000,
    "zero": bytes(16),
}
BAD_CODES = {
    "empty": "",
    "too long": "x" * 65,
    "control character": "te\x01a",
    "newline": "te\na",
    "delete": "te\x7fa",
    "zero byte": "te\x00a",
    "not ascii": "thé",
    "emoji": "☺😈",
}
BAD_QUANTITIES = (0, -1, BILLION + 1, INT64_MAX, INT64_MIN)


def parametrize(name, values):
    return pytest.mark.parametrize(name, list(values.values()), ids=list(values))


@pytest.fixture(autouse=True)
def undisturbed(shop):
    """Some stock, which no test of this file may change."""
    shop.set_stock("tea", 10)
    held = shop.reserve({"tea": 2})
    before = shop.stock("tea")
    yield held
    assert shop.stock("tea") == before
    assert shop.reservation(held.reservation_id) == held


def refused_for(field, call, /, *arguments, because="INVALID_FIELD", **fields):
    refusal = refused(because, call, *arguments, **fields)
    assert refusal.code == CODE.INVALID_ARGUMENT
    assert field in refusal.message, f"{field} isn't named: {refusal.message!r}"
    return refusal


class TestReserve:
    @parametrize("bad", BAD_IDS)
    def test_reservation_id(self, shop, bad):
        refused_for("reservation_id", shop.reserve, {"tea": 1}, reservation_id=bad)

    @parametrize("bad", BAD_CODES)
    def test_brand(self, shop, bad):
        refused_for("brand", shop.reserve, {"tea": 1}, brand=bad)

    @parametrize("bad", BAD_CODES)
    def test_dealer(self, shop, bad):
        refused_for("dealer", shop.reserve, {"tea": 1}, dealer=bad)

    @parametrize("bad", BAD_CODES)
    def test_sku(self, shop, bad):
        refused_for("sku", shop.reserve, [line("tea", 1), line(bad, 1)])

    @parametrize("bad", {name: code for name, code in BAD_CODES.items() if code})
    def test_warehouse(self, shop, bad):
        """Empty is allowed: the server chooses."""
        refused_for("warehouse", shop.reserve, [line("tea", 1), line("tea", 1, bad)])

    @pytest.mark.parametrize("quantity", BAD_QUANTITIES)
    def test_quantity(self, shop, quantity):
        wanted = [line("tea", 1), line("tea", quantity)]
        refusal = refused_for("quantity", shop.reserve, wanted, because="QTY_OUT_OF_RANGE")
        assert refusal.metadata["line"] == "2"
        assert refusal.metadata["field"] == "lines[1].quantity"

    def test_no_lines(self, shop):
        refused_for("lines", shop.reserve, [])

    @pytest.mark.parametrize("count", [501, 600, 5_000])
    def test_too_many_lines(self, shop, count):
        refused_for("lines", shop.reserve, [("tea", 1)] * count)

    def test_line_numbers(self, shop):
        refused_for("line_number", shop.reserve, [line("tea", 1, number=3)] * 2)
        refused_for("line_number", shop.reserve, [line("tea", 1), line("tea", 1, number=1)])

    @pytest.mark.parametrize("ttl_ms", [1, 999, 86_400_001, 2**32 - 1])
    def test_ttl(self, shop, ttl_ms):
        refused_for("ttl_ms", shop.reserve, {"tea": 1}, ttl_ms=ttl_ms)

    @pytest.mark.parametrize("mode", [types.FILL_MODE_BACKORDER, 4, 99, 2**31 - 1, -1])
    def test_fill_mode(self, shop, mode):
        refused_for("fill_mode", shop.reserve, {"tea": 1}, fill_mode=mode)

    @pytest.mark.parametrize("field", ["region", "client_reference"])
    def test_texts(self, shop, field):
        refused_for(field, shop.reserve, {"tea": 1}, **{field: "x" * 65})

    def test_an_empty_message(self, shop):
        refused("INVALID_FIELD", shop.call, shop.reservations.Reserve, reservation.ReserveRequest())


class TestConfirm:
    @parametrize("bad", BAD_IDS)
    def test_reservation_id(self, shop, bad):
        refused_for("reservation_id", shop.confirm, bad)

    @parametrize("bad", BAD_IDS)
    def test_order_id(self, shop, undisturbed, bad):
        refused_for("order_id", shop.confirm, undisturbed.reservation_id, bad)

    @parametrize("bad", BAD_CODES)
    def test_brand(self, shop, undisturbed, bad):
        refused_for("brand", shop.confirm, undisturbed.reservation_id, brand=bad)

    @pytest.mark.parametrize("quantity", BAD_QUANTITIES)
    def test_quantity(self, shop, undisturbed, quantity):
        refused_for(
            "quantity",
            shop.confirm,
            undisturbed.reservation_id,
            lines=[line("", quantity, "", 1)],
            because="QTY_OUT_OF_RANGE",
        )

    @parametrize("bad", {name: code for name, code in BAD_CODES.items() if code})
    @pytest.mark.parametrize("field", ["sku", "warehouse"])
    def test_codes(self, shop, undisturbed, field, bad):
        codes = {"sku": "", "warehouse": "", field: bad}
        wrong = line(codes["sku"], 1, codes["warehouse"], 1)
        refused_for(field, shop.confirm, undisturbed.reservation_id, lines=[wrong])

    def test_too_many_lines(self, shop, undisturbed):
        lines = [line("", 1, "", number) for number in range(1, 502)]
        refused_for("lines", shop.confirm, undisturbed.reservation_id, lines=lines)

    def test_line_numbers(self, shop, undisturbed):
        for numbers in ((1, 1), (1, 0)):
            lines = [line("", 1, "", number) for number in numbers]
            refused_for("line_number", shop.confirm, undisturbed.reservation_id, lines=lines)


class TestReleaseAndGet:
    @parametrize("bad", BAD_IDS)
    def test_reservation_id(self, shop, bad):
        refused_for("reservation_id", shop.release, bad)
        refused_for("reservation_id", shop.reservation, bad)

    @parametrize("bad", BAD_CODES)
    def test_brand(self, shop, undisturbed, bad):
        refused_for("brand", shop.release, undisturbed.reservation_id, brand=bad)
        refused_for("brand", shop.reservation, undisturbed.reservation_id, brand=bad)

    def test_cause(self, shop, undisturbed):
        refused_for("cause", shop.release, undisturbed.reservation_id, cause="x" * 65)


class TestCreateOrder:
    def refused(self, shop, field, wanted=None, because="INVALID_FIELD", **fields):
        wanted = {"tea": 1} if wanted is None else wanted
        refusal = refused_for(field, shop.create_order, wanted, because=because, **fields)
        assert refusal.metadata["field"] == field
        return refusal

    @parametrize("bad", BAD_IDS)
    def test_order_id(self, shop, bad):
        self.refused(shop, "order_id", order_id=bad)

    @parametrize("bad", BAD_CODES)
    @pytest.mark.parametrize("field", ["brand", "dealer"])
    def test_codes(self, shop, field, bad):
        self.refused(shop, field, **{field: bad})

    @pytest.mark.parametrize("mode", [0, 3, 99, -1])
    def test_mode(self, shop, mode):
        self.refused(shop, "mode", mode=mode)

    @pytest.mark.parametrize("quantity", BAD_QUANTITIES)
    def test_quantity(self, shop, quantity):
        wanted = [line("tea", 1), line("tea", quantity)]
        self.refused(shop, "lines[1].quantity", wanted, because="QTY_OUT_OF_RANGE")

    def test_lines(self, shop):
        self.refused(shop, "lines", [])
        self.refused(shop, "lines", [("tea", 1)] * 501)
        self.refused(shop, "lines[0].line_number", [line("tea", 1, number=3)] * 2)

    @pytest.mark.parametrize("mode", [types.FILL_MODE_BACKORDER, 99])
    def test_fill_mode(self, shop, mode):
        self.refused(shop, "fill_mode", fill_mode=mode)

    def test_what_a_direct_order_must_not_say(self, shop, undisturbed):
        ids = [undisturbed.reservation_id]
        self.refused(shop, "reservation_ids", mode=DIRECT, reservation_ids=ids)

    def test_what_an_order_of_reservations_must_not_say(self, shop, undisturbed):
        ids = [undisturbed.reservation_id]
        self.refused(shop, "lines", reservation_ids=ids)
        self.refused(
            shop, "fill_mode", (), reservation_ids=ids, fill_mode=types.FILL_MODE_PARTIAL
        )

    @parametrize("bad", BAD_IDS)
    def test_reservation_ids(self, shop, undisturbed, bad):
        ids = [undisturbed.reservation_id, bad]
        self.refused(shop, "reservation_ids[1]", (), reservation_ids=ids)

    def test_the_number_of_reservations(self, shop, undisturbed):
        self.refused(shop, "reservation_ids", (), mode=FROM_RESERVATION)
        ids = [new_id() for _ in range(17)]
        self.refused(shop, "reservation_ids", (), reservation_ids=ids)
        twice = [undisturbed.reservation_id] * 2
        self.refused(shop, "reservation_ids[1]", (), reservation_ids=twice)

    @parametrize(
        "fields",
        {
            "external_number": {"external_number": "PO-1"},
            "placed_by": {"placed_by": "clerk"},
            "quote_hash": {"quote_hash": b"hash"},
            "ship_to.region": {"ship_to": orders.ShipTo(region="EU")},
            "ship_to.contact": {"ship_to": orders.ShipTo(contact="A. Person")},
            "ship_to.phone": {"ship_to": orders.ShipTo(phone="+1 555")},
            "ship_to.address": {"ship_to": orders.ShipTo(address="1 Street")},
        },
    )
    def test_what_is_not_kept_yet(self, shop, request, fields):
        field = request.node.callspec.id.rsplit("-")[-1]
        assert "must be empty" in self.refused(shop, field, **fields).message


class TestCancelOrder:
    @parametrize("bad", BAD_IDS)
    @pytest.mark.parametrize("field", ["request_id", "order_id"])
    def test_ids(self, shop, field, bad):
        fields = {"order_id": new_id(), field: bad}
        refused_for(field, shop.cancel, fields.pop("order_id"), **fields)

    @parametrize("bad", BAD_CODES)
    def test_brand(self, shop, bad):
        for call in (shop.cancel, shop.order, shop.timeline):
            refused_for("brand", call, new_id(), brand=bad)

    @parametrize("bad", BAD_IDS)
    def test_order_id(self, shop, bad):
        for call in (shop.order, shop.timeline):
            refused_for("order_id", call, bad)

    @pytest.mark.parametrize("cause", [8, 99, -1, 256])
    def test_cause(self, shop, cause):
        refused_for("cause", shop.cancel, new_id(), cause=cause)

    @pytest.mark.parametrize("quantity", BAD_QUANTITIES)
    def test_quantity(self, shop, quantity):
        lines = [line("", quantity, "", 1)]
        refused_for(
            "lines[0].quantity", shop.cancel, new_id(), lines, because="QTY_OUT_OF_RANGE"
        )

    def test_lines(self, shop):
        lines = [line("", 1, "", number) for number in range(1, 502)]
        refused_for("lines", shop.cancel, new_id(), lines)
        refused_for("lines[0].line_number", shop.cancel, new_id(), [line("", 1, "", 1)] * 2)


class TestStock:
    """The key, in each of the calls that take one."""

    @staticmethod
    def calls(shop, key):
        return (
            (shop.inventory.GetStock, inventory.GetStockRequest(key=key)),
            (
                shop.inventory.SetStock,
                inventory.SetStockRequest(request_id=new_id(), key=key, on_hand=1),
            ),
            (
                shop.inventory.AdjustStock,
                inventory.AdjustStockRequest(request_id=new_id(), key=key, delta=1),
            ),
        )

    @parametrize("bad", BAD_CODES)
    @pytest.mark.parametrize("field", ["brand", "sku", "warehouse"])
    def test_key(self, shop, field, bad):
        key = types.StockKey(brand=shop.brand, sku="tea", warehouse=WAREHOUSE)
        setattr(key, field, bad)
        for call, request in self.calls(shop, key):
            refused_for(field, shop.call, call, request)

    def test_no_key(self, shop):
        for call, request in self.calls(shop, None):
            refused("INVALID_FIELD", shop.call, call, request)

    @parametrize("bad", BAD_IDS)
    def test_request_id(self, shop, bad):
        refused_for("request_id", shop.set_stock, "tea", 1, request_id=bad)
        refused_for("request_id", shop.adjust, "tea", 1, request_id=bad)

    @pytest.mark.parametrize("on_hand", [-1, TRILLION + 1, INT64_MAX, INT64_MIN])
    def test_on_hand(self, shop, on_hand):
        refused_for("on_hand", shop.set_stock, "tea", on_hand, because="QTY_OUT_OF_RANGE")

    @pytest.mark.parametrize("delta", [0, BILLION + 1, -BILLION - 1, INT64_MAX, INT64_MIN])
    def test_delta(self, shop, delta):
        refused_for("delta", shop.adjust, "tea", delta, because="QTY_OUT_OF_RANGE")

    def test_source(self, shop):
        refused_for("source", shop.set_stock, "tea", 1, source="x" * 65)

    def test_reason(self, shop):
        refused_for("reason", shop.adjust, "tea", 1, reason="x" * 65)

    @pytest.mark.parametrize("number", [1, 2**64 - 1])
    def test_applied_shipment(self, shop, number):
        """Before shipments exist: anything but 0."""
        refused_for("applied_shipment", shop.set_stock, "tea", 1, applied_shipment=number)

    def test_expected_version(self, shop):
        refused_for("expected_version", shop.adjust, "tea", 1, expected_version=0)


class TestProtobuf:
    """Bytes that are no message: INTERNAL, and the connection goes on."""

    GOOD = reservation.ReserveRequest(
        reservation_id=b"\x01" * 16,
        brand="brand",
        dealer=DEALER,
        lines=[types.Line(sku="tea", warehouse=WAREHOUSE, quantity=1)],
    ).SerializeToString()

    BAD = {
        "truncated varint": b"\x28\xff",
        "varint of eleven bytes": b"\x28" + b"\xff" * 10 + b"\x01",
        "length past the end": b"\x12\x7fbrand",
        "length of two gigabytes": b"\x12\xff\xff\xff\xff\x07",
        "length past 64 bits": b"\x12" + b"\xff" * 10,
        "field number 0": b"\x00\x01",
        "group": b"\x0b\x0c",
        "lone end of a group": b"\x0c",
        "wire type 6": b"\x0e",
        "wire type 7": b"\x0f",
        "tag past 32 bits": b"\xff\xff\xff\xff\x7f\x00",
        "truncated fixed64": b"\xa1\x7f\x00\x00",
        "truncated fixed32": b"\xa5\x7f\x00",
        "text that is not UTF-8": b"\x12\x02\xc3\x28",
        "a surrogate in UTF-8": b"\x12\x03\xed\xa0\x80",
        "an overlong UTF-8 form": b"\x12\x02\xc0\xaf",
        "truncated line": b"\x22\x05\x0a\x09tea",
        "line past the message": b"\x22\x20\x0a\x03tea",
    }

    @staticmethod
    def send(shop, body, path="/stockade.v1.ReservationService/Reserve"):
        return shop.channel.unary_unary(path)(body, timeout=CALL_SECONDS)

    @parametrize("bad", BAD)
    def test_malformed(self, shop, bad):
        for body in (bad, self.GOOD + bad):
            with pytest.raises(grpc.RpcError) as caught:
                self.send(shop, body)
            refusal = taken_apart(caught.value)
            assert (refusal.code, refusal.reason) == (CODE.INTERNAL, "UNDECODABLE")

    def test_cut_anywhere(self, shop):
        """Each prefix of a message is either malformed or lacks something."""
        for end in range(len(self.GOOD)):
            _, refusal = outcome(self.send, shop, self.GOOD[:end])
            assert refusal.reason in ("UNDECODABLE", "INVALID_FIELD", "QTY_OUT_OF_RANGE")

    def test_one_byte_changed_anywhere(self, shop):
        """Whatever it becomes, it is answered and nothing breaks. (The brand doesn't exist.)"""
        calls = []
        for at in range(len(self.GOOD)):
            for value in (0x00, 0x7F, 0x80, 0xFF):
                body = self.GOOD[:at] + bytes((value,)) + self.GOOD[at + 1 :]
                call = shop.channel.unary_unary("/stockade.v1.ReservationService/Reserve")
                calls.append(call.future(body, timeout=CALL_SECONDS))
        for call in calls:
            refusal = taken_apart(call.exception())
            assert refusal.code in (CODE.INTERNAL, CODE.INVALID_ARGUMENT, CODE.NOT_FOUND)

    @pytest.mark.parametrize(
        "method",
        [
            "InventoryService/GetStock",
            "InventoryService/SetStock",
            "InventoryService/AdjustStock",
            "ReservationService/Reserve",
            "ReservationService/Confirm",
            "ReservationService/Release",
            "ReservationService/GetReservation",
            "InventoryService/BatchGetStock",
            "InventoryService/SetStockPolicy",
            "InventoryService/TransferStock",
            "InventoryService/ListMovements",
            "ReservationService/BatchReserve",
            "ReservationService/Extend",
            "ReservationService/ListReservations",
            "OrderService/CreateOrder",
            "OrderService/GetOrder",
            "OrderService/ListOrders",
            "OrderService/CancelOrder",
            "OrderService/GetOrderTimeline",
        ],
    )
    def test_in_every_call(self, shop, method):
        for body in (b"\xff", b"\x0a\x7f", b"\x0c", b"\x00\x00"):
            with pytest.raises(grpc.RpcError) as caught:
                self.send(shop, body, f"/stockade.v1.{method}")
            assert taken_apart(caught.value).reason == "UNDECODABLE"
        _, refusal = outcome(self.send, shop, b"", f"/stockade.v1.{method}")
        assert refusal.reason == "INVALID_FIELD", "an empty message is well formed"

    def test_unknown_fields_are_skipped(self, shop):
        """Of every wire type, before and after the known ones."""
        unknown = (
            b"\x98\x7d\x01"  # varint
            + (b"\xa1\x7f" + bytes(8))  # fixed64
            + b"\xf2\x7f\x03abc"  # bytes
            + (b"\xa5\x7f" + bytes(4))  # fixed32
        )
        request = inventory.GetStockRequest(key=shop.key("tea"))
        body = unknown + request.SerializeToString() + unknown
        answer = self.send(shop, body, "/stockade.v1.InventoryService/GetStock")
        assert inventory.GetStockResponse.FromString(answer).stock == shop.stock("tea")
