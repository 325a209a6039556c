#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
r"""A partner's second program: order from two warehouses, cancel a part, order from a reservation,
and page through what there is.

Once, from the top of the checkout (on Debian, `python3-venv` must be installed):

    python3 -m venv venv && . venv/bin/activate
    pip install grpcio grpcio-tools grpcio-status
    mkdir -p stubs && python -m grpc_tools.protoc -I Protocols --python_out=stubs \
        --grpc_python_out=stubs Protocols/stockade/v1/*.proto
    export PYTHONPATH=$PWD/stubs

Then, with a server that says `ready 127.0.0.1:7007`:

    python Protocols/examples/first_order.py 127.0.0.1:7007
"""

import sys
import uuid

import grpc
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import inventory_service_pb2_grpc as inventory_grpc
from stockade.v1 import order_service_pb2 as order
from stockade.v1 import order_service_pb2_grpc as order_grpc
from stockade.v1 import reservation_service_pb2 as reservation
from stockade.v1 import reservation_service_pb2_grpc as reservation_grpc
from stockade.v1 import types_pb2 as types

SECONDS = 5


def lines_of(placed):
    """What an order's lines say, in words."""
    return ", ".join(f"{line.quantity} from {line.warehouse}" for line in placed.lines)


def orders_of(orders, brand):
    """All orders of a brand: pages, until one has no token for the next."""
    token = ""
    while True:
        page = orders.ListOrders(
            order.ListOrdersRequest(brand=brand, page_size=100, page_token=token), timeout=SECONDS
        )
        yield from page.orders
        token = page.next_page_token
        if not token:
            return


def main(address):
    channel = grpc.insecure_channel(address)
    stocks = inventory_grpc.InventoryServiceStub(channel)
    reservations = reservation_grpc.ReservationServiceStub(channel)
    orders = order_grpc.OrderServiceStub(channel)

    # A new brand each time, so that this program can be run again.
    brand, dealer = f"brand-{uuid.uuid4().hex[:8]}", "our-first-dealer"
    for warehouse, on_hand in (("north", 3), ("south", 5)):
        stocks.SetStock(
            inventory.SetStockRequest(
                request_id=uuid.uuid4().bytes,
                key=types.StockKey(brand=brand, sku="tea", warehouse=warehouse),
                on_hand=on_hand,
            ),
            timeout=SECONDS,
        )

    # No warehouse in the line: the server takes from where there is most, then from the next. The
    # order's id is ours: a retry under it can't become a second order.
    placed = orders.CreateOrder(
        order.CreateOrderRequest(
            order_id=uuid.uuid4().bytes,
            brand=brand,
            dealer=dealer,
            mode=order.ORDER_MODE_DIRECT,
            lines=[types.Line(sku="tea", quantity=6)],
        ),
        timeout=SECONDS,
    ).order
    print(f"Ordered:    {lines_of(placed)}")

    # Two of line 1 after all not. Without lines everything that remains would go back.
    cancelled = orders.CancelOrder(
        order.CancelOrderRequest(
            request_id=uuid.uuid4().bytes,
            order_id=placed.order_id,
            brand=brand,
            lines=[types.Line(line_number=1, quantity=2)],
            cause=order.CANCEL_CAUSE_DEALER,
        ),
        timeout=SECONDS,
    ).order
    print(f"Cancelled:  {sum(line.cancelled for line in cancelled.lines)} of 6")

    # Several baskets in one call. Each item has its own answer; one that is refused changes
    # nothing of the others.
    batch = reservation.BatchReserveRequest(
        items=[
            reservation.ReserveRequest(
                reservation_id=uuid.uuid4().bytes,
                brand=brand,
                dealer=dealer,
                lines=[types.Line(sku="tea", quantity=quantity)],
            )
            for quantity in (1, 2, 50)
        ]
    )
    held = []
    for result in reservations.BatchReserve(batch, timeout=SECONDS).results:
        if result.reason == types.REASON_UNSPECIFIED:
            held.append(result.reservation.reservation_id)
        else:
            print(f"Refused:    {types.Reason.Name(result.reason)}: {result.message}")

    # One order of all that is held. If one of them had ended meanwhile, nothing would change.
    joined = orders.CreateOrder(
        order.CreateOrderRequest(
            order_id=uuid.uuid4().bytes,
            brand=brand,
            dealer=dealer,
            mode=order.ORDER_MODE_FROM_RESERVATION,
            reservation_ids=held,
        ),
        timeout=SECONDS,
    ).order
    print(f"Joined:     {len(joined.reservation_ids)} reservations, {len(joined.lines)} lines")

    timeline = orders.GetOrderTimeline(
        order.GetOrderTimelineRequest(order_id=placed.order_id, brand=brand), timeout=SECONDS
    )
    for event in timeline.events:
        kind = order.OrderEventKind.Name(event.kind).removeprefix("ORDER_EVENT_KIND_")
        print(f"Timeline:   {kind}, {event.units} units")

    print(f"Listed:     {sum(1 for _ in orders_of(orders, brand))} orders")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} HOST:PORT", file=sys.stderr)
        sys.exit(2)
    try:
        main(sys.argv[1])
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        sys.exit(1)
