# SPDX-License-Identifier: Apache-2.0
"""The minute for which all this exists: everyone wants the same thing, and there isn't enough."""

import random
import threading
from collections import Counter

import grpc
from refusals import taken_apart
from shop import HELD, PARTIAL, Shop

UNITS = 1_000
THREADS = 64


def storm(shop, buy):
    """Runs `buy(client, number, report)` on 64 threads over eight connections, all at once."""
    clients = [Shop(shop.address, shop.brand) for _ in range(8)]
    start = threading.Barrier(THREADS)
    lock = threading.Lock()
    reports, errors = [], []

    def run(number):
        mine = []
        try:
            start.wait(timeout=30)
            buy(clients[number % len(clients)], number, mine)
        except BaseException as error:  # a thread's failure is the test's
            errors.append(error)
        with lock:
            reports.extend(mine)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    for client in clients:
        client.channel.close()
    if errors:
        raise errors[0]
    return reports


def test_64_threads_fight_for_1000_units(shop):
    shop.set_stock("ticket", UNITS)

    def buy(client, number, report):
        for _ in range(30):
            try:
                held = client.reserve({"ticket": 1}, dealer=f"dealer-{number}")
                assert held.state == HELD and held.lines[0].granted == 1
                report.append(("granted", held.reservation_id))
            except grpc.RpcError as error:
                refusal = taken_apart(error)
                assert refusal.reason == "INSUFFICIENT_STOCK"
                assert refusal.metadata["available"] == "0"
                report.append(("refused", None))

    reports = storm(shop, buy)
    count = Counter(kind for kind, _ in reports)
    granted = [each for kind, each in reports if kind == "granted"]
    assert count == {"granted": UNITS, "refused": THREADS * 30 - UNITS}
    assert len(set(granted)) == UNITS
    assert shop.figures("ticket") == (UNITS, UNITS, 0, 0)

    # Half buy, half change their minds; then every figure adds up.
    for at, reservation_id in enumerate(granted):
        (shop.confirm if at % 2 else shop.release)(reservation_id)
    assert shop.figures("ticket") == (UNITS, 0, UNITS // 2, UNITS // 2)


def test_baskets_of_any_size_never_oversell_and_sell_out(shop):
    """All or nothing by several units until refused, then what is left one by one."""
    shop.set_stock("ticket", UNITS)

    def buy(client, number, report):
        chance = random.Random(number)
        wanted = 7
        while wanted:
            try:
                quantity = chance.randint(1, wanted)
                held = client.reserve({"ticket": quantity})
                report.append(held.lines[0].granted)
            except grpc.RpcError as error:
                refusal = taken_apart(error)
                assert refusal.reason == "INSUFFICIENT_STOCK"
                assert 0 <= int(refusal.metadata["available"]) < int(refusal.metadata["requested"])
                wanted = quantity - 1

    assert sum(storm(shop, buy)) == UNITS
    assert shop.figures("ticket") == (UNITS, UNITS, 0, 0)


def test_partial_baskets_of_two_skus(shop):
    shop.set_stock("ticket", 500)
    shop.set_stock("seat", 300)

    def buy(client, number, report):
        order = ["ticket", "seat"] if number % 2 else ["seat", "ticket"]
        while True:
            try:
                held = client.reserve([(sku, 3) for sku in order], fill_mode=PARTIAL)
            except grpc.RpcError as error:
                assert taken_apart(error).reason == "INSUFFICIENT_STOCK"
                return
            report.extend(zip(order, (each.granted for each in held.lines)))

    granted = Counter()
    for sku, quantity in storm(shop, buy):
        granted[sku] += quantity
    assert granted == {"ticket": 500, "seat": 300}
    assert shop.figures("ticket") == (500, 500, 0, 0)
    assert shop.figures("seat") == (300, 300, 0, 0)


def test_a_storm_that_confirms_releases_and_corrects(shop):
    """Everything at once; afterwards the figures are what the answers said."""
    shop.set_stock("ticket", UNITS)

    def buy(client, number, report):
        chance = random.Random(number)
        for _ in range(12):
            quantity = chance.randint(1, 20)
            if chance.random() < 0.1:
                client.adjust("ticket", quantity)
                report.append(("adjusted", quantity))
                continue
            try:
                held = client.reserve({"ticket": quantity})
            except grpc.RpcError as error:
                assert taken_apart(error).reason == "INSUFFICIENT_STOCK"
                continue
            ending = chance.choice(("confirm", "release", "keep"))
            if ending != "keep":
                getattr(client, ending)(held.reservation_id)
            report.append((ending, quantity))

    total = Counter()
    for kind, quantity in storm(shop, buy):
        total[kind] += quantity
    on_hand = UNITS + total["adjusted"]
    held, allocated = total["keep"], total["confirm"]
    assert shop.figures("ticket") == (on_hand, held, allocated, on_hand - held - allocated)
