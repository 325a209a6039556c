# SPDX-License-Identifier: Apache-2.0
"""Writes the golden messages: bytes made by Google's Python protobuf, an independent codec.

    python Protocols/golden/make_golden.py            # rewrites *.bin and index.txt here
    python Protocols/golden/make_golden.py DIRECTORY  # writes them elsewhere, to compare

Needs the versions that Tests/Conformance/requirements.txt pins. The Swift tests make the same
messages and compare byte for byte; a change here is a change of what partners see.
"""

import importlib
import pathlib
import sys
import tempfile

from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from grpc_tools import protoc

PROTOCOLS = pathlib.Path(__file__).resolve().parent.parent
RESERVATION_ID = bytes(range(1, 17))
ORDER_ID = bytes(range(0xF0, 0x100))
REQUEST_ID = bytes(16 * [0xA5])
INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)


def compiled():
    """Returns the modules made of the .proto files of stockade.v1, by file name."""
    files = sorted((PROTOCOLS / "stockade" / "v1").glob("*.proto"))
    with tempfile.TemporaryDirectory(prefix="stockade-golden-") as directory:
        arguments = ["protoc", f"-I{PROTOCOLS}", f"--python_out={directory}"]
        if protoc.main(arguments + [str(file) for file in files]) != 0:
            sys.exit("protoc refused the .proto files")
        sys.path.insert(0, directory)
        return {
            file.stem: importlib.import_module(f"stockade.v1.{file.stem}_pb2") for file in files
        }


def stock_messages(modules, key, stock):
    """Yields what InventoryService got with the second set of calls."""
    types = modules["types"]
    inventory = modules["inventory_service"]
    policy = inventory.StockPolicy(
        safety=5, backorder_limit=6, low_water=7, high_water=10**12, hold_ttl_ms=60_000
    )
    other = types.Stock(
        key=types.StockKey(brand="acme", sku="WIDGET-1", warehouse="south"), on_hand=3, available=3,
        version=2,
    )
    yield "stock_policy", "every field", policy
    yield "get_stock_response_policy", "figures and a policy", inventory.GetStockResponse(
        stock=stock, policy=policy
    )
    yield "set_stock_policy_request", "every field", inventory.SetStockPolicyRequest(
        request_id=REQUEST_ID, key=key, safety=5, backorder_limit=6, low_water=7, high_water=10**12,
        hold_ttl_ms=60_000,
    )
    yield "set_stock_policy_response", "every field", inventory.SetStockPolicyResponse(
        stock=stock, policy=policy
    )
    yield "transfer_stock_request", "every field", inventory.TransferStockRequest(
        request_id=REQUEST_ID, brand="acme", sku="WIDGET-1", from_warehouse="north",
        to_warehouse="south", quantity=3,
    )
    yield "transfer_stock_response", "every field", inventory.TransferStockResponse(
        source=stock, target=other
    )
    yield "batch_get_stock_request", "two keys, one with the brand", inventory.BatchGetStockRequest(
        brand="acme", keys=[key, types.StockKey(sku="WIDGET-2", warehouse="north")]
    )
    wrong = inventory.BatchGetStockResult(
        reason=types.REASON_INVALID_FIELD, message="keys[1].sku: must be printable ASCII",
        field="keys[1].sku",
    )
    yield "batch_get_stock_result", "a field that is wrong", wrong
    yield "batch_get_stock_response", "figures, and a refusal", inventory.BatchGetStockResponse(
        results=[inventory.BatchGetStockResult(stock=stock), wrong]
    )
    movement = inventory.Movement(
        sequence=300, at_ms=1_790_000_000_000, kind=inventory.MOVEMENT_KIND_CONFIRM,
        on_hand_change=1, held_change=-2, allocated_change=2, reference=RESERVATION_ID,
    )
    yield "movement", "a confirmed reservation", movement
    yield "movement_policy", "a policy's, with every field", inventory.Movement(
        sequence=301, at_ms=1_790_000_000_001, kind=inventory.MOVEMENT_KIND_POLICY,
        on_hand_change=1, held_change=-2, allocated_change=2, reference=RESERVATION_ID,
        safety_change=-3,
    )
    yield "list_movements_request", "every field", inventory.ListMovementsRequest(
        key=key, from_sequence=300, page_size=1000, page_token="token"
    )
    yield "list_movements_response", "every field", inventory.ListMovementsResponse(
        movements=[movement, inventory.Movement(kind=99)], next_page_token="next",
        complete_to_sequence=301,
    )


def batch_messages(modules, reservation):
    """Yields what ReservationService got with the second set of calls."""
    types = modules["types"]
    reservations = modules["reservation_service"]
    one = reservations.ReserveRequest(
        reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-7",
        lines=[types.Line(sku="WIDGET-1", quantity=1)],
    )
    two = reservations.ReserveRequest(
        reservation_id=ORDER_ID, brand="acme", dealer="dealer-8",
        lines=[
            types.Line(sku="WIDGET-1", warehouse="north", quantity=1, line_number=1),
            types.Line(sku="WIDGET-2", warehouse="south", quantity=300, line_number=2),
        ],
        ttl_ms=900_000, fill_mode=types.FILL_MODE_PARTIAL,
    )
    yield "batch_reserve_request", "two items, one with no lines", reservations.BatchReserveRequest(
        items=[one, two, reservations.ReserveRequest()]
    )
    refused = reservations.BatchReserveResult(
        reason=types.REASON_INSUFFICIENT_STOCK, message="line 2: 300 asked for, -1 available",
        field="items[1]", line_number=2, requested=300, available=-1,
    )
    yield "batch_reserve_result", "a refusal, with every field that it may have", refused
    yield "batch_reserve_response", "granted, granted before, refused", (
        reservations.BatchReserveResponse(
            results=[
                reservations.BatchReserveResult(reservation=reservation),
                reservations.BatchReserveResult(reservation=reservation, replayed=True),
                refused,
            ]
        )
    )
    yield "extend_request", "every field", reservations.ExtendRequest(
        request_id=REQUEST_ID, reservation_id=RESERVATION_ID, brand="acme", ttl_ms=900_000
    )
    yield "extend_response", "a reservation", reservations.ExtendResponse(reservation=reservation)
    yield "list_reservations_request", "every field", reservations.ListReservationsRequest(
        brand="acme", state=types.RESERVATION_STATE_HELD, dealer="dealer-7", sku="WIDGET-1",
        expiring_before_ms=1_790_000_900_000, page_size=1000, page_token="token",
    )
    yield "list_reservations_response", "two, and more to come", (
        reservations.ListReservationsResponse(
            reservations=[reservation, types.Reservation()], next_page_token="next"
        )
    )


def order_messages(modules):
    """Yields the messages of OrderService."""
    types = modules["types"]
    orders = modules["order_service"]
    line = types.OrderLine(
        line_number=2, sku="WIDGET-2", warehouse="south", quantity=300, cancelled=1
    )
    order = types.Order(
        order_id=ORDER_ID, brand="acme", dealer="dealer-7",
        review_state=types.ORDER_REVIEW_STATE_ACCEPTED,
        fulfilment_state=types.ORDER_FULFILMENT_STATE_ALLOCATED,
        payment_state=types.ORDER_PAYMENT_STATE_UNPAID,
        lines=[types.OrderLine(line_number=1, sku="WIDGET-1", warehouse="north", quantity=1), line],
        reservation_ids=[RESERVATION_ID, REQUEST_ID], created_ms=1_790_000_000_000,
        updated_ms=1_790_000_000_001,
    )
    yield "order_line", "every field", line
    yield "order", "every field, two lines, two reservations", order
    yield "ship_to", "every field", orders.ShipTo(
        region="EU", contact="A. Person", phone="+1 555", address="1 Street"
    )
    yield "create_order_request", "the most frequent call: one line", orders.CreateOrderRequest(
        order_id=ORDER_ID, brand="acme", dealer="dealer-7",
        lines=[types.Line(sku="WIDGET-1", warehouse="north", quantity=1)],
        mode=orders.ORDER_MODE_DIRECT,
    )
    yield "create_order_request_full", "every field, allowed together or not", (
        orders.CreateOrderRequest(
            order_id=ORDER_ID, brand="acme", dealer="dealer-7", external_number="PO-1",
            placed_by="clerk-3",
            lines=[
                types.Line(sku="WIDGET-1", warehouse="north", quantity=1, line_number=1),
                types.Line(sku="WIDGET-2", warehouse="south", quantity=300, line_number=2),
            ],
            mode=orders.ORDER_MODE_FROM_RESERVATION, reservation_ids=[RESERVATION_ID, b""],
            fill_mode=types.FILL_MODE_PARTIAL, ship_to=orders.ShipTo(region="EU"),
            quote_hash=REQUEST_ID,
        )
    )
    yield "create_order_response", "more than 127 bytes", orders.CreateOrderResponse(order=order)
    yield "get_order_request", "every field", orders.GetOrderRequest(
        order_id=ORDER_ID, brand="acme"
    )
    yield "get_order_response", "states of tomorrow", orders.GetOrderResponse(
        order=types.Order(
            order_id=ORDER_ID, review_state=99, fulfilment_state=98, payment_state=-1
        )
    )
    yield "list_orders_request", "every field", orders.ListOrdersRequest(
        brand="acme", review_state=types.ORDER_REVIEW_STATE_CANCELLED, dealer="dealer-7",
        created_after_ms=1_790_000_000_000, created_before_ms=1_790_000_900_000, page_size=1000,
        page_token="token",
    )
    yield "list_orders_response", "two, and more to come", orders.ListOrdersResponse(
        orders=[order, types.Order()], next_page_token="next"
    )
    yield "cancel_order_request", "every field", orders.CancelOrderRequest(
        request_id=REQUEST_ID, order_id=ORDER_ID, brand="acme",
        lines=[types.Line(quantity=1, line_number=1), types.Line(quantity=2, line_number=2)],
        cause=orders.CANCEL_CAUSE_STOCK,
    )
    yield "cancel_order_response", "an order", orders.CancelOrderResponse(order=order)
    event = orders.OrderEvent(
        sequence=300, at_ms=1_790_000_000_000, kind=orders.ORDER_EVENT_KIND_CANCELLED_IN_PART,
        cause=orders.CANCEL_CAUSE_DEALER, units=3,
    )
    yield "order_event", "every field", event
    yield "get_order_timeline_request", "every field", orders.GetOrderTimelineRequest(
        order_id=ORDER_ID, brand="acme"
    )
    yield "get_order_timeline_response", "two events, none missing", (
        orders.GetOrderTimelineResponse(
            events=[orders.OrderEvent(kind=orders.ORDER_EVENT_KIND_CREATED), event], complete=True
        )
    )


def messages():
    """Yields (name, what it shows, message)."""
    modules = compiled()
    types = modules["types"]
    inventory = modules["inventory_service"]
    reservations = modules["reservation_service"]
    key = types.StockKey(brand="acme", sku="WIDGET-1", warehouse="north")

    yield "stock_key", "three codes", key
    yield "stock_key_utf8", "text beyond ASCII", types.StockKey(
        brand="品牌", sku="Größe 😀", warehouse="é"
    )
    stock = types.Stock(
        key=key, on_hand=1000, held=127, allocated=128, safety=1, available=744,
        backorder_limit=16383, deficit=16384, version=1, source_version=300,
        updated_ms=1_790_000_000_000,
    )
    yield "stock", "every field", stock
    yield "stock_extremes", "largest, smallest and negative integers", types.Stock(
        on_hand=INT64_MAX, held=INT64_MIN, available=-1, version=2**64 - 1,
        source_version=2**63, updated_ms=-1,
    )
    yield "stock_empty_key", "a message field that is there and empty", types.Stock(
        key=types.StockKey()
    )
    yield "line", "every field", types.Line(
        sku="WIDGET-1", warehouse="north", quantity=1_000_000_000, line_number=2**32 - 1
    )
    yield "allocation", "every field", types.Allocation(warehouse="north", quantity=3)

    yield "get_stock_request", "every field", inventory.GetStockRequest(key=key)
    yield "get_stock_response", "every field", inventory.GetStockResponse(stock=stock)
    yield "set_stock_request", "every field", inventory.SetStockRequest(
        request_id=REQUEST_ID, key=key, on_hand=10**12, source="wms", source_version=7,
        applied_shipment=9,
    )
    yield "set_stock_response", "every field", inventory.SetStockResponse(
        stock=stock, result=inventory.SET_STOCK_RESULT_STALE
    )
    yield "adjust_stock_request", "every field, a negative delta", inventory.AdjustStockRequest(
        request_id=REQUEST_ID, key=key, delta=-5, reason="damage", expected_version=41
    )
    yield "adjust_stock_request_version_0", "an optional field that is there and 0", (
        inventory.AdjustStockRequest(request_id=REQUEST_ID, expected_version=0)
    )
    yield "adjust_stock_response", "every field", inventory.AdjustStockResponse(stock=stock)

    yield "reserve_request", "the most frequent call: one line", reservations.ReserveRequest(
        reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-7",
        lines=[types.Line(sku="WIDGET-1", warehouse="north", quantity=1)],
    )
    yield "reserve_request_full", "every field, two lines", reservations.ReserveRequest(
        reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-7",
        lines=[
            types.Line(sku="WIDGET-1", warehouse="north", quantity=1, line_number=1),
            types.Line(sku="WIDGET-2", warehouse="south", quantity=300, line_number=2),
        ],
        ttl_ms=900_000, fill_mode=types.FILL_MODE_PARTIAL, region="EU", client_reference="PO-1",
    )
    yield "reserve_request_500_lines", "as many lines as a call may have", (
        reservations.ReserveRequest(
            reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-7",
            lines=[
                types.Line(sku=f"SKU-{number}", warehouse="north", quantity=number)
                for number in range(1, 501)
            ],
        )
    )
    granted = types.LineResult(
        line_number=1, granted=1,
        allocations=[types.Allocation(warehouse="north", quantity=1)],
    )
    short = types.LineResult(
        line_number=2, granted=4, backordered=1, available=4,
        reason=types.REASON_INSUFFICIENT_STOCK,
        allocations=[
            types.Allocation(warehouse="north", quantity=1),
            types.Allocation(warehouse="south", quantity=3),
        ],
    )
    none = types.LineResult(line_number=3, reason=types.REASON_INSUFFICIENT_STOCK)
    yield "line_result", "every field, two allocations", short
    reservation = types.Reservation(
        reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-7",
        state=types.RESERVATION_STATE_HELD, created_ms=1_790_000_000_000,
        deadline_ms=1_790_000_900_000, lines=[granted],
    )
    yield "reservation", "the most frequent answer: one line", reservation
    yield "reserve_response", "an answer of less than 128 bytes", (
        reservations.ReserveResponse(reservation=reservation)
    )
    full = types.Reservation(
        reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-of-the-northern-region",
        state=types.RESERVATION_STATE_CONFIRMED, created_ms=1_790_000_000_000,
        lines=[granted, short, none], order_id=ORDER_ID,
    )
    yield "confirm_response", "three lines, more than 127 bytes", (
        reservations.ConfirmResponse(reservation=full)
    )
    yield "release_response", "a state and a reason of tomorrow", reservations.ReleaseResponse(
        reservation=types.Reservation(
            reservation_id=RESERVATION_ID, state=99, lines=[types.LineResult(reason=-1)]
        )
    )
    yield "get_reservation_response_500_lines", "an answer of more than 16,383 bytes", (
        reservations.GetReservationResponse(
            reservation=types.Reservation(
                reservation_id=RESERVATION_ID, brand="acme", dealer="dealer-7",
                state=types.RESERVATION_STATE_EXPIRED,
                lines=[
                    types.LineResult(
                        line_number=number, granted=number,
                        allocations=[
                            types.Allocation(warehouse="north-warehouse-hall-2", quantity=number)
                        ],
                    )
                    for number in range(1, 501)
                ],
            )
        )
    )
    yield "confirm_request", "every field", reservations.ConfirmRequest(
        reservation_id=RESERVATION_ID, brand="acme", order_id=ORDER_ID,
        lines=[types.Line(quantity=1, line_number=1), types.Line(quantity=2, line_number=2)],
    )
    yield "release_request", "every field", reservations.ReleaseRequest(
        reservation_id=RESERVATION_ID, brand="acme", cause="basket-emptied"
    )
    yield "get_reservation_request", "every field", reservations.GetReservationRequest(
        reservation_id=RESERVATION_ID, brand="acme"
    )

    yield from stock_messages(modules, key, stock)
    yield from batch_messages(modules, reservation)
    yield from order_messages(modules)

    yield "health_check_request", "every field", health_pb2.HealthCheckRequest(
        service="stockade.v1.ReservationService"
    )
    yield "health_check_response", "every field", health_pb2.HealthCheckResponse(
        status=health_pb2.HealthCheckResponse.NOT_SERVING
    )

    sold_out = error_details_pb2.ErrorInfo(
        reason="INSUFFICIENT_STOCK", domain="stockade.v1",
        metadata={
            "available": "0", "line": "1", "requested": "5", "sku": "WIDGET-1",
            "warehouse": "north",
        },
    )
    details = any_pb2.Any()
    details.Pack(sold_out, deterministic=True)
    yield "status_sold_out", "the error details of a refusal, metadata by key", status_pb2.Status(
        code=9, message="sold out: 0 of 5 available", details=[details]
    )


def main():
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if target.is_file():
        target = target.parent
    for old in target.glob("*.bin"):
        old.unlink()
    rows = ["# Made by make_golden.py: file, message, bytes, what it shows."]
    for name, purpose, message in messages():
        data = message.SerializeToString(deterministic=True)
        (target / f"{name}.bin").write_bytes(data)
        rows.append(f"{name}.bin\t{message.DESCRIPTOR.full_name}\t{len(data)}\t{purpose}")
    (target / "index.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows) - 1} messages in {target}")


if __name__ == "__main__":
    main()
