# SPDX-License-Identifier: Apache-2.0
"""grpc.health.v1: what a load balancer asks. NOT_SERVING is in test_drain."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from shop import CALL_SECONDS

SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.fixture
def health(shop):
    return health_pb2_grpc.HealthStub(shop.channel)


@pytest.mark.parametrize(
    "service",
    [
        "",
        "stockade.v1.InventoryService",
        "stockade.v1.ReservationService",
        "stockade.v1.OrderService",
    ],
)
def test_what_serves(health, service):
    request = health_pb2.HealthCheckRequest(service=service)
    assert health.Check(request, timeout=CALL_SECONDS).status == SERVING


@pytest.mark.parametrize("service", ["stockade.v1.Nothing", "stockade.v1", "inventory", "☺"])
def test_an_unknown_service_is_not_found(health, service):
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(health_pb2.HealthCheckRequest(service=service), timeout=CALL_SECONDS)
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_undecodable_bytes(shop, health):
    call = shop.channel.unary_unary("/grpc.health.v1.Health/Check")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"\x0a\xff", timeout=CALL_SECONDS)
    assert caught.value.code() == grpc.StatusCode.INTERNAL
    assert health.Check(health_pb2.HealthCheckRequest(), timeout=CALL_SECONDS).status == SERVING


def test_health_is_asked_under_load(shop, health):
    shop.set_stock("tea", 10_000)
    calls = [
        shop.reservations.Reserve.future(shop.reserve_request({"tea": 1}), timeout=30)
        for _ in range(500)
    ]
    for _ in range(20):
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=30).status == SERVING
    assert all(call.result() for call in calls)
