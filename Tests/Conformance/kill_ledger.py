# SPDX-License-Identifier: Apache-2.0
"""A client that writes down what it asked and what it was told, and goes on over restarts.

Each worker has one call in flight. A call whose answer never came is unknown: it is repeated under
the same ids until it is answered, as a dealer's system would.
"""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

import grpc
from refusals import taken_apart
from shop import CONFIRMED, HELD, RELEASED, Shop, line, new_id

# What a call may end with that says nothing about its effect.
UNKNOWN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)

# No reservation expires while a test runs.
TIME_TO_LIVE = 3_600_000


@dataclass
class Hold:
    """A reservation that was acknowledged."""

    request: object
    sku: str
    granted: int
    created: int
    state: int = HELD
    order_id: bytes = b""
    confirmed: int = 0


@dataclass
class Pending:
    """A call that isn't answered yet."""

    kind: str
    request: object
    hold: Hold = None


@dataclass
class Book:
    """What one worker knows."""

    holds: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    effects: Counter = field(default_factory=Counter)  # by SKU
    adjusted: Counter = field(default_factory=Counter)
    seen_versions: Counter = field(default_factory=Counter)
    pending: Pending = None
    answers: int = 0
    retried: int = 0


class Worker:
    """One of the client's threads."""

    def __init__(self, brand, skus, seed):
        self.brand = brand
        self.skus = skus
        self.chance = random.Random(seed)
        self.book = Book()
        self.failure = None
        # Read by the one who kills, to choose the moment.
        self.is_over = False

    def run(self, address, told):
        """Calls until the server is gone; `told` is called after each answer."""
        self.is_over = False
        try:
            with Shop(address, self.brand) as shop:
                self._settle(shop)
                while True:
                    if self.book.pending is None:
                        self.book.pending = self._choose(shop)
                    self._make(shop)
                    self.book.pending = None
                    self.book.answers += 1
                    told()
        except grpc.RpcError as error:
            if error.code() not in UNKNOWN:
                self.failure = error
        except BaseException as error:  # a thread's failure is the test's
            self.failure = error
        finally:
            self.is_over = True

    def settle(self, address):
        """Repeats what is unknown until it is answered."""
        with Shop(address, self.brand) as shop:
            self._settle(shop)

    def _settle(self, shop):
        if self.book.pending is not None:
            self.book.retried += 1
            self._make(shop)
            self.book.pending = None

    def _choose(self, shop):
        sku = self.chance.choice(self.skus)
        living = [each for each in self.book.holds[-40:] if each.state == HELD]
        draw = self.chance.random()
        if draw < 0.45 or not self.book.holds:
            wanted = {sku: self.chance.randint(1, 3)}
            return Pending("reserve", shop.reserve_request(wanted, ttl_ms=TIME_TO_LIVE))
        if draw < 0.60 and living:
            hold = self.chance.choice(living)
            order_id = new_id()
            quantity = self.chance.randint(1, hold.granted)
            lines = [line("", quantity, "", 1)]
            return Pending("confirm", (order_id, quantity, lines), hold)
        if draw < 0.75 and living:
            return Pending("release", None, self.chance.choice(living))
        if draw < 0.82:
            return Pending("adjust", shop.adjust_request(sku, self.chance.randint(1, 3)))
        if draw < 0.92:
            return Pending("get stock", sku)
        return Pending("get reservation", None, self.chance.choice(self.book.holds))

    def _make(self, shop):
        pending = self.book.pending
        try:
            getattr(self, "_" + pending.kind.replace(" ", "_"))(shop, pending)
        except grpc.RpcError as error:
            if error.code() in UNKNOWN:
                raise
            refusal = taken_apart(error)
            assert (pending.kind, refusal.reason) == ("reserve", "INSUFFICIENT_STOCK"), refusal
            self.book.refused.append(pending.request)

    def _reserve(self, shop, pending):
        found = shop.call(shop.reservations.Reserve, pending.request).message.reservation
        assert found.state == HELD
        wanted, granted = pending.request.lines[0], found.lines[0].granted
        assert granted == wanted.quantity
        hold = Hold(pending.request, wanted.sku, granted, found.created_ms)
        self.book.holds.append(hold)
        self.book.effects[hold.sku] += 1

    def _confirm(self, shop, pending):
        hold = pending.hold
        order_id, quantity, lines = pending.request
        found = shop.confirm(hold.request.reservation_id, order_id, lines=lines)
        assert (found.state, found.order_id) == (CONFIRMED, order_id)
        hold.state, hold.order_id, hold.confirmed = CONFIRMED, order_id, quantity
        self.book.effects[hold.sku] += 1

    def _release(self, shop, pending):
        assert shop.release(pending.hold.request.reservation_id).state == RELEASED
        pending.hold.state = RELEASED
        self.book.effects[pending.hold.sku] += 1

    def _adjust(self, shop, pending):
        request = pending.request
        shop.call(shop.inventory.AdjustStock, request)
        self.book.adjusted[request.key.sku] += request.delta
        self.book.effects[request.key.sku] += 1

    def _get_stock(self, shop, pending):
        sku = pending.request
        self.saw(shop.stock(sku))

    def saw(self, stock):
        """An answer never speaks of what a crash takes back, so versions only grow."""
        sku = stock.key.sku
        assert stock.version >= self.book.seen_versions[sku], "an answer was taken back"
        assert stock.deficit == 0, "oversold"
        self.book.seen_versions[sku] = stock.version

    def _get_reservation(self, shop, pending):
        self._compare(shop, pending.hold)

    def _compare(self, shop, hold):
        found = shop.reservation(hold.request.reservation_id)
        assert (found.state, found.order_id) == (hold.state, hold.order_id)
        assert found.lines[0].granted == hold.granted
        assert found.created_ms == hold.created
        assert found.dealer == hold.request.dealer

    def audit(self, shop):
        """Every acknowledged grant is there, in the acknowledged state."""
        for hold in self.book.holds:
            self._compare(shop, hold)
        for request in self.book.refused:
            # A refusal changed nothing; what was refused isn't there.
            try:
                shop.reservation(request.reservation_id)
            except grpc.RpcError as error:
                assert taken_apart(error).reason == "RESERVATION_NOT_FOUND"
            else:
                raise AssertionError("a refused reservation exists")


class Client:
    """Several workers on one brand, and what all of them together must find."""

    def __init__(self, seed, workers=8, skus=6, stock=400):
        self.seed = seed
        self.brand = f"brand-{seed}"
        self.skus = [f"sku-{at}" for at in range(skus)]
        self.initial = stock
        self.workers = [Worker(self.brand, self.skus, f"{seed}/{at}") for at in range(workers)]

    def stock_up(self, address):
        with Shop(address, self.brand) as shop:
            for sku in self.skus:
                shop.set_stock(sku, self.initial)

    def run_until(self, server, answers, kill):
        """Runs all workers, calls `kill` after so many answers, and waits for the workers' end."""
        count = 0
        lock = threading.Lock()
        reached = threading.Event()

        def told():
            nonlocal count
            with lock:
                count += 1
                if count >= answers:
                    reached.set()

        threads = [
            threading.Thread(target=worker.run, args=(server.address, told), daemon=True)
            for worker in self.workers
        ]
        for thread in threads:
            thread.start()
        while not reached.wait(0.1):
            if all(worker.is_over for worker in self.workers):
                break
        kill()
        for thread in threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a call never ended"
        for worker in self.workers:
            if worker.failure:
                raise worker.failure

    def settle(self, address):
        for worker in self.workers:
            worker.settle(address)

    @property
    def totals(self):
        """(answers, retried, granted, refused)"""
        books = [worker.book for worker in self.workers]
        return (
            sum(book.answers for book in books),
            sum(book.retried for book in books),
            sum(len(book.holds) for book in books),
            sum(len(book.refused) for book in books),
        )

    def audit_figures(self, address):
        """Each SKU's figures are what the answers add up to; nothing more, nothing less."""
        with Shop(address, self.brand) as shop:
            for sku in self.skus:
                stock = shop.stock(sku)
                holds = [
                    hold
                    for worker in self.workers
                    for hold in worker.book.holds
                    if hold.sku == sku
                ]
                adjusted = sum(worker.book.adjusted[sku] for worker in self.workers)
                effects = sum(worker.book.effects[sku] for worker in self.workers)
                seen = max(worker.book.seen_versions[sku] for worker in self.workers)
                assert stock.on_hand == self.initial + adjusted
                assert stock.held == sum(each.granted for each in holds if each.state == HELD)
                assert stock.allocated == sum(each.confirmed for each in holds)
                assert stock.deficit == 0, "oversold"
                assert stock.version == 1 + effects, "one effect for each acknowledged call"
                assert stock.version >= seen, "an answer was taken back"

    def audit(self, address):
        """Looks at every reservation and every figure."""
        self.audit_figures(address)
        with Shop(address, self.brand) as shop:
            for worker in self.workers:
                worker.audit(shop)
