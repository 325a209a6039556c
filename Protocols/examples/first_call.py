#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
r"""A partner's first program: set stock, reserve, meet "sold out", retry, confirm.

Once, from the top of the checkout (on Debian, `python3-venv` must be installed):

    python3 -m venv venv && . venv/bin/activate
    pip install grpcio grpcio-tools grpcio-status
    mkdir -p stubs && python -m grpc_tools.protoc -I Protocols --python_out=stubs \
        --grpc_python_out=stubs Protocols/stockade/v1/*.proto
    export PYTHONPATH=$PWD/stubs

Then, with a server that says `ready 127.0.0.1:7007`:

    python Protocols/examples/first_call.py 127.0.0.1:7007
"""

import sys
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import inventory_service_pb2_grpc as inventory_grpc
from stockade.v1 import reservation_service_pb2 as reservation
from stockade.v1 import reservation_service_pb2_grpc as reservation_grpc
from stockade.v1 import types_pb2 as types

# No call should wait for ever. A retry after a timeout takes the same id, so it is safe.
SECONDS = 5


def reason_of(error):
    """Why a call was refused: the ErrorInfo in the error's details, or None."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info
    return None


def state_of(held):
    return types.ReservationState.Name(held.state).removeprefix("RESERVATION_STATE_")


def main(address):
    channel = grpc.insecure_channel(address)
    stocks = inventory_grpc.InventoryServiceStub(channel)
    reservations = reservation_grpc.ReservationServiceStub(channel)

    # Stock belongs to a brand's SKU in a warehouse. A new brand each time, so that this program
    # can be run again. Whoever changes something names the change with 16 random bytes.
    key = types.StockKey(brand=f"first-call-{uuid.uuid4().hex[:8]}", sku="tea", warehouse="north")
    stock = stocks.SetStock(
        inventory.SetStockRequest(request_id=uuid.uuid4().bytes, key=key, on_hand=3),
        timeout=SECONDS,
    ).stock
    print(f"Stock:      {stock.on_hand} on hand, {stock.available} available")

    # Reserve two of the three. The id is ours: it is how we find the reservation again.
    two_of_tea = types.Line(sku=key.sku, warehouse=key.warehouse, quantity=2)
    request = reservation.ReserveRequest(
        reservation_id=uuid.uuid4().bytes,
        brand=key.brand,
        dealer="our-first-dealer",
        lines=[two_of_tea],
    )
    held = reservations.Reserve(request, timeout=SECONDS).reservation
    print(f"Reserved:   {held.lines[0].granted} units, state {state_of(held)}")

    # Two more aren't there. "Sold out" is an answer: the details say why, in words that a program
    # can read, and with which figures.
    try:
        reservations.Reserve(
            reservation.ReserveRequest(
                reservation_id=uuid.uuid4().bytes,
                brand=key.brand,
                dealer="a-later-dealer",
                lines=[two_of_tea],
            ),
            timeout=SECONDS,
        )
    except grpc.RpcError as error:
        info = reason_of(error)
        if info is None or info.reason != "INSUFFICIENT_STOCK":
            raise
        print(
            f"Sold out:   {info.reason}: {info.metadata['requested']} requested,"
            f" {info.metadata['available']} available"
        )

    # The reply got lost? Send the same request under the same id, as often as you like: it is
    # answered as before and reserves nothing more. A trailer says that it was a repetition.
    again, call = reservations.Reserve.with_call(request, timeout=SECONDS)
    mark = dict(call.trailing_metadata()).get("idempotent-replay")
    print(f"Retried:    the same {again.reservation.lines[0].granted} units, replay mark: {mark}")

    # Confirm it before its deadline, and it is an order. The order's id is ours too.
    confirmed = reservations.Confirm(
        reservation.ConfirmRequest(
            reservation_id=request.reservation_id, brand=key.brand, order_id=uuid.uuid4().bytes
        ),
        timeout=SECONDS,
    ).reservation
    print(f"Confirmed:  state {state_of(confirmed)}, order {confirmed.order_id.hex()}")

    stock = stocks.GetStock(inventory.GetStockRequest(key=key), timeout=SECONDS).stock
    print(
        f"Stock:      {stock.on_hand} on hand, {stock.allocated} allocated,"
        f" {stock.available} available"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} HOST:PORT", file=sys.stderr)
        sys.exit(2)
    try:
        main(sys.argv[1])
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        sys.exit(1)
