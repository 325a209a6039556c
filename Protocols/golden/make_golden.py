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
