# SPDX-License-Identifier: Apache-2.0
"""Who is measured by `ops/bench --peers`, how each is run, and what its user gets."""

import time
from dataclasses import dataclass

import bench
import peer_postgres
import peer_redis
from bench import CEILING, DataDirectory, ROOT, SHAPES, Server, UNIFORM_SKUS

BATCH_ITEMS = 100
ORDER_LINES = 3

# Whoever sends one call at a time over each connection is compared in this shape.
POSTGRES_SHAPE = (64, 1)

CEILING_SIDE, RESERVE, RESERVE_HOT = "ceiling", "reserve", "reserve-hot"


@dataclass(frozen=True)
class Side:
    """One row of the table: how it is run, and what its user gets."""

    label: str
    load: str
    driver: str
    is_durable: str
    is_retry_safe: str
    # shape, options -> figures
    run: object
    # What of durable Reserve it is compared with.
    base: str = RESERVE
    # Those that are counted beside calls.
    items: int = 1
    shapes: tuple = SHAPES


def constant(program, *arguments):
    """A server with a constant reply, driven as Stockade is."""

    def run(shape, options):
        with Server([program, *arguments], options.server_core) as server:
            return bench.stampede(
                program.name, shape, server.address, options, "--skus", UNIFORM_SKUS, "--no-setup"
            )

    return run


def stockade(call, skus=UNIFORM_SKUS, *arguments):
    """Stockade in journal mode."""

    def run(shape, options):
        with DataDirectory() as data:
            command = bench.stockade_command("journal", options.seconds, data)
            with Server(command, options.server_core) as server:
                time.sleep(bench.SETTLE_SECONDS)
                return bench.stampede(
                    call, shape, server.address, options, "--call", call, "--skus", skus,
                    "--stock", 1_000_000_000, *arguments,
                )

    return run


def redis(persistence, is_hot):
    return lambda shape, options: peer_redis.run(persistence, is_hot, shape, options)


def postgres(is_hot):
    return lambda _, options: peer_postgres.run(is_hot, options)


ALL = f"{UNIFORM_SKUS:,} SKUs"
HOT = "one SKU"
STAMPEDE, REDIS_BENCHMARK = "stampede", "redis-benchmark"
PGBENCH = f"pgbench, {peer_postgres.CLIENTS} clients"
NOTHING = "decides nothing"
NOTED = "yes, no expiry"

SIDES = {
    CEILING_SIDE: Side(
        "the ceiling: C on libnghttp2, constant reply", "", STAMPEDE, "no", NOTHING,
        constant(CEILING, "0"),
    ),
    "grpc-cpp": Side(
        "gRPC C++, constant reply", "", STAMPEDE, "no", NOTHING,
        constant(ROOT / ".build/peers/grpc-cpp"),
    ),
    "grpc-go": Side(
        "grpc-go, constant reply", "", STAMPEDE, "no", NOTHING,
        constant(ROOT / ".build/peers/grpc-go"),
    ),
    "redis-none-hot": Side(
        "Redis, script, no persistence", HOT, REDIS_BENCHMARK, "no", NOTED, redis("none", True),
        base=RESERVE_HOT,
    ),
    "redis-none": Side(
        "Redis, script, no persistence", ALL, REDIS_BENCHMARK, "no", NOTED, redis("none", False),
    ),
    "redis-always-hot": Side(
        "Redis, script, appendfsync always", HOT, REDIS_BENCHMARK, "yes", NOTED,
        redis("always", True), base=RESERVE_HOT,
    ),
    "redis-always": Side(
        "Redis, script, appendfsync always", ALL, REDIS_BENCHMARK, "yes", NOTED,
        redis("always", False),
    ),
    "postgres-hot": Side(
        "Postgres, UPDATE and INSERT", HOT, PGBENCH, "yes", NOTED, postgres(True),
        base=RESERVE_HOT, shapes=(POSTGRES_SHAPE,),
    ),
    "postgres": Side(
        "Postgres, UPDATE and INSERT", ALL, PGBENCH, "yes", NOTED, postgres(False),
        shapes=(POSTGRES_SHAPE,),
    ),
    RESERVE_HOT: Side(
        "**Stockade, Reserve**", HOT, STAMPEDE, "yes", "yes, expires", stockade("reserve", 1),
        base=RESERVE_HOT,
    ),
    RESERVE: Side(
        "**Stockade, Reserve**", ALL, STAMPEDE, "yes", "yes, expires", stockade("reserve"),
    ),
    "get-stock": Side(
        "**Stockade, GetStock**", ALL, STAMPEDE, "only what is on disk", "reads",
        stockade("get-stock"),
    ),
    "batch-reserve": Side(
        f"**Stockade, BatchReserve of {BATCH_ITEMS}**", ALL, STAMPEDE, "yes", "yes, expires",
        stockade("batch-reserve", UNIFORM_SKUS, "--items", BATCH_ITEMS), items=BATCH_ITEMS,
    ),
    "create-order": Side(
        f"**Stockade, CreateOrder of {ORDER_LINES} lines**", ALL, STAMPEDE, "yes", "yes",
        stockade("create-order", UNIFORM_SKUS, "--items", ORDER_LINES), items=ORDER_LINES,
    ),
}
