# SPDX-License-Identifier: Apache-2.0
"""What a caller knows for certain of what it asked for, and a neighbour who is not disturbed."""

import itertools
import threading
import time
import uuid

import drawn
import grpc
from refusals import CODE, outcome, taken_apart
from shop import CALL_SECONDS, HELD, Shop, check_equations, eventually
from stockade.v1 import inventory_service_pb2 as inventory
from stockade.v1 import reservation_service_pb2 as reservation
from stockade.v1 import types_pb2 as types

# Reasons that no caller can bring about with a message that is one.
OURS = {"UNDECODABLE", "INVARIANT_BROKEN", "JOURNAL_CORRUPT", "JOURNAL_FAILED", "DEADLINE_EXCEEDED"}


class Books:
    """One example's brands, the ids it may have used, and the accounts it may have touched."""

    def __init__(self, shop):
        self.shop = shop
        mark = uuid.uuid4().hex[:12]
        self.brands = {drawn.OWN: f"own-{mark}", drawn.OTHER: f"other-{mark}"}
        self.ids = set(itertools.product(self.brands.values(), drawn.IDS))
        self.accounts = set(
            itertools.product(self.brands.values(), drawn.SKUS, drawn.WAREHOUSES)
        )

    def fill(self, message):
        return drawn.with_brands(message, self.brands)

    def stub(self, method):
        return self.shop.channel.unary_unary(
            method.path,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=method.answer.FromString,
        )

    def send(self, method, request):
        """Makes the call; its answer is looked at, or its refusal, which must be the caller's."""
        answer, refusal = outcome(self.stub(method), request, timeout=CALL_SECONDS)
        if refusal is None:
            self.note(answer)
        else:
            assert refusal.reason not in OURS, refusal
        return answer, refusal

    def note(self, answer):
        """Remembers what an answer tells of, and checks its figures."""
        for part in drawn.parts_of(answer):
            if isinstance(part, types.Stock):
                check_equations(part)
                self.accounts.add((part.key.brand, part.key.sku, part.key.warehouse))
            elif isinstance(part, types.Reservation):
                self.ids.add((part.brand, part.reservation_id))

    def held(self):
        """Units held by the accounts."""
        total = 0
        for brand, sku, warehouse in self.accounts:
            key = types.StockKey(brand=brand, sku=sku, warehouse=warehouse)
            answer, refusal = outcome(
                self.shop.call, self.shop.inventory.GetStock, inventory.GetStockRequest(key=key)
            )
            if refusal is None:
                total += check_equations(answer.message.stock).held
            else:
                assert refusal.code == CODE.NOT_FOUND, refusal
        return total

    def living(self):
        """The reservations that are held now."""
        found = []
        for brand, each in self.ids:
            answer, refusal = outcome(self.shop.reservation, each, brand=brand)
            if refusal is None and answer.state == HELD:
                found.append(answer)
            assert refusal is None or refusal.reason == "RESERVATION_NOT_FOUND", refusal
        return found

    def balance(self, seconds=20):
        """The accounts hold what the living reservations were granted, and it comes back."""
        eventually(lambda: self.held() == sum_granted(self.living()), seconds)
        for each in self.living():
            _, refusal = outcome(self.shop.release, each.reservation_id, brand=each.brand)
            assert refusal is None, refusal
        eventually(lambda: self.held() == 0, seconds)


def sum_granted(reservations):
    return sum(line.granted for each in reservations for line in each.lines)


class Neighbour(threading.Thread):
    """A dealer on a connection of its own who buys and gives back, whatever others do."""

    def __init__(self, address):
        super().__init__(name="neighbour")
        self.shop = Shop(address, f"neighbour-{uuid.uuid4().hex[:12]}")
        self.shop.set_stock("tea", 1_000)
        self.done = threading.Event()
        self.served = 0
        self.error = None
        self.start()

    def run(self):
        try:
            while not self.done.is_set():
                held = self.shop.reserve({"tea": 1})
                assert held.state == HELD
                self.shop.release(held.reservation_id)
                self.served += 1
                time.sleep(0.01)
        except BaseException as error:
            self.error = error

    def finish(self):
        """Must have been served all along, the last time just now; says how often."""
        served = self.served
        try:
            eventually(lambda: self.error or self.served > served + 1, seconds=2 * CALL_SECONDS)
            self.done.set()
            self.join(2 * CALL_SECONDS)
            if self.error is not None:
                raise AssertionError("the neighbour was disturbed") from self.error
            assert self.shop.stock("tea").held == 0
        finally:
            self.done.set()
            self.shop.channel.close()
        return self.served


def reserve_by(brand, reservation_id, quantity=1):
    """A Reserve of tea that ends by itself soon."""
    return reservation.ReserveRequest(
        reservation_id=reservation_id,
        brand=brand,
        dealer=drawn.DEALERS[0],
        lines=[types.Line(sku="tea", warehouse=drawn.WAREHOUSES[0], quantity=quantity)],
        ttl_ms=2_000,
    )


def raw_outcome(channel, path, body):
    """The bytes of an answer and None, or None and its refusal."""
    try:
        return channel.unary_unary(path)(body, timeout=CALL_SECONDS), None
    except grpc.RpcError as error:
        return None, taken_apart(error)
