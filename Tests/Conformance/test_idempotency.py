# SPDX-License-Identifier: Apache-2.0
"""One id, one effect: what a retry under the same id is answered."""

import pytest
from refusals import CODE, outcome, refused, taken_apart
from shop import APPLIED, CALL_SECONDS, CONFIRMED, HELD, PARTIAL, RELEASED, line, new_id
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import reservation_service_pb2 as reservation

import grpc


@pytest.fixture(autouse=True)
def stocked(shop):
    shop.set_stock("tea", 100)
    shop.set_stock("coffee", 100)


def reserve(shop, request):
    answer = shop.call(shop.reservations.Reserve, request)
    return answer.message.reservation, answer.is_replay


class TestReserve:
    def test_again(self, shop):
        request = shop.reserve_request([("tea", 4), ("coffee", 2)], region="EU", ttl_ms=60_000)
        first, was_replay = reserve(shop, request)
        assert not was_replay
        for _ in range(3):
            assert reserve(shop, request) == (first, True)
        assert shop.figures("tea") == (100, 4, 0, 96)

    def test_again_over_another_connection(self, shop):
        request = shop.reserve_request({"tea": 4})
        first, _ = reserve(shop, request)
        with shop.again() as elsewhere:
            assert reserve(elsewhere, request) == (first, True)

    def test_says_the_current_state_with_the_figures_of_then(self, shop):
        request = shop.reserve_request({"tea": 4})
        first, _ = reserve(shop, request)
        order_id = new_id()
        shop.confirm(first.reservation_id, order_id, lines=[line("", 1, "", 1)])
        again, is_replay = reserve(shop, request)
        assert is_replay
        assert (again.state, again.order_id) == (CONFIRMED, order_id)
        assert again.lines == first.lines
        assert again.created_ms == first.created_ms
        assert shop.figures("tea") == (100, 0, 1, 99)

    def test_of_a_released_one_holds_nothing_again(self, shop):
        request = shop.reserve_request({"tea": 4})
        first, _ = reserve(shop, request)
        shop.release(first.reservation_id)
        again, is_replay = reserve(shop, request)
        assert (again.state, is_replay) == (RELEASED, True)
        assert again.lines == first.lines
        assert shop.figures("tea") == (100, 0, 0, 100)

    def test_is_granted_still_when_the_stock_is_gone(self, shop):
        request = shop.reserve_request({"tea": 4})
        first, _ = reserve(shop, request)
        shop.reserve({"tea": 96})
        shop.set_stock("tea", 0)
        assert reserve(shop, request) == (first, True)

    @pytest.mark.parametrize(
        "other",
        [
            {"dealer": "dealer-2"},
            {"ttl_ms": 60_001},
            {"fill_mode": PARTIAL},
            {"region": "US"},
            {"client_reference": "PO-2"},
            {"lines": [line("tea", 5, number=1), line("coffee", 2, number=2)]},
            {"lines": [line("tea", 4, "south", number=1), line("coffee", 2, number=2)]},
            {"lines": [line("coffee", 2, number=2), line("tea", 4, number=1)]},
            {"lines": [line("tea", 4, number=1)]},
            {"lines": [line("tea", 4, number=1), line("coffee", 2, number=3)]},
            {"lines": [line("tea", 4), line("coffee", 2)]},
        ],
        ids=[
            "dealer", "ttl", "fill mode", "region", "reference", "quantity", "warehouse",
            "line order", "fewer lines", "line number", "no line numbers",
        ],
    )
    def test_with_other_content(self, shop, other):
        request = shop.reserve_request(
            [line("tea", 4, number=1), line("coffee", 2, number=2)],
            ttl_ms=60_000,
            region="EU",
            client_reference="PO-1",
        )
        first, _ = reserve(shop, request)
        changed = reservation.ReserveRequest()
        changed.CopyFrom(request)
        for field, value in other.items():
            if field == "lines":
                del changed.lines[:]
                changed.lines.extend(value)
            else:
                setattr(changed, field, value)
        refusal = refused("IDEMPOTENCY_KEY_REUSED", reserve, shop, changed)
        assert refusal.code == CODE.INVALID_ARGUMENT
        assert reserve(shop, request) == (first, True), "the first is as it was"
        assert shop.figures("tea") == (100, 4, 0, 96)

    def test_content_is_what_the_fields_say_not_their_bytes(self, shop):
        """Another SDK's field order, a default written out, a field of a later version."""
        request = shop.reserve_request({"tea": 4}, region="EU", client_reference="PO-1")
        first, _ = reserve(shop, request)
        plain = request.SerializeToString()
        reordered = b"".join(
            part.SerializeToString()
            for part in (
                reservation.ReserveRequest(client_reference="PO-1"),
                reservation.ReserveRequest(lines=request.lines),
                reservation.ReserveRequest(region="EU", dealer=request.dealer),
                reservation.ReserveRequest(brand=request.brand),
                reservation.ReserveRequest(reservation_id=request.reservation_id),
            )
        )
        default_written_out = plain + b"\x28\x00"  # ttl_ms (5) = 0
        unknown_fields = b"\xf2\x7f\x05later" + plain + b"\x98\x7d\x2a"
        overlong_varint = plain + b"\x28\x80\x80\x00"  # ttl_ms (5) = 0 in three bytes
        raw = shop.channel.unary_unary(
            "/stockade.v1.ReservationService/Reserve",
            request_serializer=bytes,
            response_deserializer=reservation.ReserveResponse.FromString,
        )
        for form in (plain, reordered, default_written_out, unknown_fields, overlong_varint):
            answer, call = raw.with_call(form, timeout=CALL_SECONDS)
            assert answer.reservation == first
            assert ("idempotent-replay", "1") in call.trailing_metadata()

    def test_the_first_of_a_kind_is_not_marked(self, shop):
        answer = shop.call(shop.reservations.Reserve, shop.reserve_request({"tea": 1}))
        assert not answer.is_replay


class TestRefusals:
    """Decided under the locks, they are remembered; a new id asks anew."""

    def test_sold_out_stays_sold_out_under_the_same_id(self, shop):
        request = shop.reserve_request([("coffee", 1), ("tea", 101)])
        first = refused("INSUFFICIENT_STOCK", reserve, shop, request)
        assert not first.is_replay
        shop.set_stock("tea", 1_000)
        for _ in range(2):
            again = refused("INSUFFICIENT_STOCK", reserve, shop, request)
            assert again.is_replay
            assert again.metadata == first.metadata
        assert shop.figures("tea") == (1_000, 0, 0, 1_000)
        request.reservation_id = new_id()
        assert reserve(shop, request)[0].state == HELD

    def test_with_other_content(self, shop):
        request = shop.reserve_request({"tea": 101})
        refused("INSUFFICIENT_STOCK", reserve, shop, request)
        request.lines[0].quantity = 1
        refused("IDEMPOTENCY_KEY_REUSED", reserve, shop, request)

    def test_an_adjustment_below_zero(self, shop):
        request = shop.adjust_request("tea", -101)
        adjust = shop.inventory.AdjustStock
        first = refused("INSUFFICIENT_STOCK", shop.call, adjust, request)
        shop.adjust("tea", 100)
        again = refused("INSUFFICIENT_STOCK", shop.call, adjust, request)
        assert (first.is_replay, again.is_replay) == (False, True)
        assert again.metadata == first.metadata
        request.delta = -1
        refused("IDEMPOTENCY_KEY_REUSED", shop.call, adjust, request)
        assert shop.stock("tea").on_hand == 200

    def test_what_was_refused_for_its_form_is_not_remembered(self, shop):
        request = shop.reserve_request({"tea": 0})
        refused("QTY_OUT_OF_RANGE", reserve, shop, request)
        request.lines[0].quantity = 1
        assert reserve(shop, request)[1] is False

    def test_what_was_not_found_is_not_remembered(self, shop):
        request = shop.reserve_request({"cocoa": 1})
        refused("SKU_NOT_FOUND", reserve, shop, request)
        shop.set_stock("cocoa", 1)
        assert reserve(shop, request)[1] is False

    def test_a_reused_key_is_not_remembered_against_it(self, shop):
        request = shop.reserve_request({"tea": 1})
        first, _ = reserve(shop, request)
        other = shop.reserve_request({"tea": 2}, reservation_id=request.reservation_id)
        refused("IDEMPOTENCY_KEY_REUSED", reserve, shop, other)
        refused("IDEMPOTENCY_KEY_REUSED", reserve, shop, other)
        assert reserve(shop, request) == (first, True)

    def test_a_version_mismatch_is_not_remembered(self, shop):
        version = shop.stock("tea").version
        request = shop.adjust_request("tea", 1, expected_version=version + 1)
        adjust = shop.inventory.AdjustStock
        refused("VERSION_MISMATCH", shop.call, adjust, request)
        shop.adjust("tea", 1)
        answer = shop.call(adjust, request)
        assert not answer.is_replay
        assert answer.message.stock.on_hand == 102


class TestRequestIds:
    def test_set_stock_again_answers_the_result_of_then_and_the_stock_of_now(self, shop):
        request = shop.set_stock_request("tea", 50, source_version=3)
        first = shop.call(shop.inventory.SetStock, request)
        shop.set_stock("tea", 70, source_version=4)
        again = shop.call(shop.inventory.SetStock, request)
        assert (first.is_replay, again.is_replay) == (False, True)
        assert again.message.result == APPLIED, "the version is old by now, but it was applied"
        assert again.message.stock == shop.stock("tea")
        assert again.message.stock.on_hand == 70

    def test_adjust_stock_again(self, shop):
        request = shop.adjust_request("tea", 5)
        first = shop.call(shop.inventory.AdjustStock, request)
        shop.reserve({"tea": 1})
        again = shop.call(shop.inventory.AdjustStock, request)
        assert (first.is_replay, again.is_replay) == (False, True)
        assert again.message.stock == shop.stock("tea")
        assert again.message.stock.on_hand == 105

    def test_adjust_stock_again_after_its_expected_version_has_passed(self, shop):
        request = shop.adjust_request("tea", 5, expected_version=shop.stock("tea").version)
        shop.call(shop.inventory.AdjustStock, request)
        assert shop.call(shop.inventory.AdjustStock, request).is_replay

    @pytest.mark.parametrize(
        "other",
        [
            {"on_hand": 51},
            {"source": "wms"},
            {"source_version": 4},
            {"sku": "coffee"},
            {"warehouse": "south"},
        ],
        ids=str,
    )
    def test_set_stock_with_other_content(self, shop, other):
        fields = {"sku": "tea", "on_hand": 50, "source": "erp", "source_version": 3}
        request_id = new_id()
        shop.set_stock(**fields, request_id=request_id)
        before = shop.stock("tea"), shop.stock("coffee")
        refused(
            "IDEMPOTENCY_KEY_REUSED", shop.set_stock, **{**fields, **other}, request_id=request_id
        )
        assert (shop.stock("tea"), shop.stock("coffee")) == before

    @pytest.mark.parametrize(
        "other",
        [{"delta": 6}, {"reason": "lost"}, {"expected_version": 1}, {"sku": "coffee"}],
        ids=str,
    )
    def test_adjust_stock_with_other_content(self, shop, other):
        fields = {"sku": "tea", "delta": 5, "reason": "found"}
        request_id = new_id()
        shop.adjust(**fields, request_id=request_id)
        before = shop.stock("tea"), shop.stock("coffee")
        refused(
            "IDEMPOTENCY_KEY_REUSED", shop.adjust, **{**fields, **other}, request_id=request_id
        )
        assert (shop.stock("tea"), shop.stock("coffee")) == before

    def test_the_same_request_id_for_two_kinds_of_call(self, shop):
        request_id = new_id()
        shop.set_stock("tea", 50, request_id=request_id)
        refused("IDEMPOTENCY_KEY_REUSED", shop.adjust, "tea", 50, request_id=request_id)
        assert shop.stock("tea").on_hand == 50

    def test_an_absent_expected_version_is_not_zero(self, shop):
        """An optional field that says 0 is refused for its form, not taken as absent."""
        zero = inventory.AdjustStockRequest(
            request_id=new_id(), key=shop.key("tea"), delta=1, expected_version=0
        )
        refused("INVALID_FIELD", shop.call, shop.inventory.AdjustStock, zero)


class TestIdentity:
    def test_reservation_order_and_request_are_kinds_of_their_own(self, shop):
        same = new_id()
        shop.set_stock("cocoa", 10, request_id=same)
        held, was_replay = reserve(shop, shop.reserve_request({"cocoa": 1}, reservation_id=same))
        assert not was_replay
        confirmed = shop.confirm_answer(held.reservation_id, order_id=same)
        assert not confirmed.is_replay
        assert confirmed.message.order_id == same

    def test_brands_have_ids_of_their_own(self, shop, other_shop):
        other_shop.set_stock("tea", 5)
        same = new_id()
        shop.reserve({"tea": 4}, reservation_id=same)
        other_shop.reserve({"tea": 5}, reservation_id=same)
        assert shop.reservation(same).lines[0].granted == 4
        assert other_shop.reservation(same).lines[0].granted == 5

        request_id = new_id()
        shop.set_stock("tea", 50, request_id=request_id)
        assert not other_shop.set_stock_answer("tea", 60, request_id=request_id).is_replay


class TestByState:
    """Confirm and Release carry no content of their own: the state answers."""

    def test_confirm_again(self, shop):
        held = shop.reserve({"tea": 4, "coffee": 2})
        order_id = new_id()
        first = shop.confirm_answer(held.reservation_id, order_id)
        again = shop.confirm_answer(held.reservation_id, order_id)
        assert (first.is_replay, again.is_replay) == (False, True)
        assert again.message == first.message
        named = [line("tea", 4, number=1), line("coffee", 2, number=2)]
        assert shop.confirm_answer(held.reservation_id, order_id, lines=named).is_replay
        assert shop.figures("tea") == (100, 0, 4, 96)

    def test_confirm_a_part_again(self, shop):
        held = shop.reserve({"tea": 4, "coffee": 2})
        order_id = new_id()
        part = [line("", 3, "", 1)]
        first = shop.confirm_answer(held.reservation_id, order_id, lines=part)
        again = shop.confirm_answer(held.reservation_id, order_id, lines=part)
        assert again.is_replay
        assert again.message == first.message
        assert shop.figures("tea") == (100, 0, 3, 97)

    def test_release_again(self, shop):
        held = shop.reserve({"tea": 4})
        first = shop.release_answer(held.reservation_id)
        again = shop.release_answer(held.reservation_id)
        assert not first.is_replay
        assert again.message == first.message
        assert shop.figures("tea") == (100, 0, 0, 100)


class TestPrecedence:
    """Form, then identity, then existence, then stock."""

    def test_form_before_identity(self, shop):
        request = shop.reserve_request({"tea": 1})
        reserve(shop, request)
        request.lines[0].quantity = -1
        refused("QTY_OUT_OF_RANGE", reserve, shop, request)

    def test_identity_before_existence(self, shop):
        request = shop.reserve_request({"tea": 1})
        reserve(shop, request)
        request.lines[0].sku = "nowhere to be found"
        refused("IDEMPOTENCY_KEY_REUSED", reserve, shop, request)

    def test_existence_before_stock(self, shop):
        refused("SKU_NOT_FOUND", shop.reserve, {"tea": 101, "unknown": 1})

    def test_a_remembered_grant_before_stock(self, shop):
        request = shop.reserve_request({"tea": 100})
        reserve(shop, request)
        _, refusal = outcome(reserve, shop, request)
        assert refusal is None


def test_a_refusal_through_with_call_carries_its_mark(shop):
    """The mark is a trailer of the refusal too, where a client's interceptor would look."""
    request = shop.reserve_request({"tea": 101})
    refused("INSUFFICIENT_STOCK", reserve, shop, request)
    with pytest.raises(grpc.RpcError) as caught:
        shop.reservations.Reserve(request, timeout=CALL_SECONDS)
    assert taken_apart(caught.value).is_replay
