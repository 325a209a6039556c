# SPDX-License-Identifier: Apache-2.0
"""What a refusal must look like to a stock client, and helpers to expect one."""

import functools
import json
from dataclasses import dataclass

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from stockade.v1 import types_pb2
from stockade_server import run

DOMAIN = "stockade.v1"

CODE = grpc.StatusCode

# Which status carries which reason.
STATUS_OF = {
    CODE.INVALID_ARGUMENT: (
        "INVALID_FIELD",
        "QTY_OUT_OF_RANGE",
        "CURRENCY_MISMATCH",
        "IDEMPOTENCY_KEY_REUSED",
    ),
    CODE.NOT_FOUND: (
        "SKU_NOT_FOUND",
        "WAREHOUSE_NOT_FOUND",
        "DEALER_NOT_FOUND",
        "RESERVATION_NOT_FOUND",
        "ORDER_NOT_FOUND",
    ),
    CODE.ALREADY_EXISTS: ("EXTERNAL_ID_EXISTS",),
    CODE.FAILED_PRECONDITION: (
        "INSUFFICIENT_STOCK",
        "PURCHASE_LIMIT_EXCEEDED",
        "CREDIT_EXCEEDED",
        "ACCOUNT_FROZEN",
        "REGION_NOT_ALLOWED",
        "LICENCE_MISSING",
        "QTY_RULE",
        "PRICE_CHANGED",
        "RESERVATION_EXPIRED",
        "ALREADY_CONFIRMED",
        "ALREADY_RELEASED",
        "EXCEEDS_RESERVATION",
        "ORDER_STATE_CONFLICT",
        "SHADOW_UNAVAILABLE",
    ),
    CODE.ABORTED: ("VERSION_MISMATCH",),
    CODE.OUT_OF_RANGE: ("CURSOR_TOO_OLD",),
    CODE.RESOURCE_EXHAUSTED: (
        "RATE_LIMITED",
        "TOO_MANY_HOLDS",
        "ID_TABLE_FULL",
        "TABLE_FULL",
        "BATCH_TOO_LARGE",
        "JOURNAL_FULL",
    ),
    CODE.UNAVAILABLE: (
        "OVERLOADED",
        "DRAINING",
        "JOURNAL_STALLED",
        "NOT_OWNER",
        "WARMING",
        "JOURNAL_FAILED",
        "POSTGRES_UNAVAILABLE",
    ),
    CODE.DEADLINE_EXCEEDED: ("DEADLINE_EXCEEDED",),
    CODE.UNAUTHENTICATED: ("UNAUTHENTICATED",),
    CODE.PERMISSION_DENIED: ("PERMISSION_DENIED",),
    CODE.INTERNAL: ("UNDECODABLE", "INVARIANT_BROKEN"),
    CODE.DATA_LOSS: ("JOURNAL_CORRUPT",),
}

METADATA_KEYS = {
    "line",
    "sku",
    "warehouse",
    "requested",
    "available",
    "on_hand",
    "deficit",
    "failing_lines",
    "state",
    "limit",
    "applied",
    "field",
}

# Reasons after which the server says when to try again.
PUSHED_BACK = STATUS_OF[CODE.RESOURCE_EXHAUSTED]


@dataclass
class Refusal:
    """A refusal, taken apart."""

    code: grpc.StatusCode
    reason: str
    message: str
    metadata: dict
    trailers: dict

    @property
    def is_replay(self):
        return self.trailers.get("idempotent-replay") == "1"


@functools.cache
def explained():
    """For each reason the metadata that `stockade explain` says it may have."""
    guides = json.loads(run("explain", "-o", "json").stdout)
    return {each["reason"]: set(each["metadata"]) for each in guides}


def taken_apart(error):
    """The refusal in `error`, after everything that holds for any refusal was checked.

    from_call itself refuses details whose code or message differ from the trailers'.
    """
    status = rpc_status.from_call(error)
    assert status is not None, f"{error.code()} without details: {error.details()!r}"
    assert len(status.details) == 1, f"one detail, not {len(status.details)}"
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info), status.details[0].type_url
    assert info.domain == DOMAIN
    assert f"REASON_{info.reason}" in types_pb2.Reason.keys(), info.reason
    assert info.reason in STATUS_OF.get(error.code(), ()), f"{info.reason} in {error.code()}"
    assert error.details(), "a message for people"
    assert set(info.metadata) <= METADATA_KEYS, set(info.metadata) - METADATA_KEYS
    unexplained = set(info.metadata) - explained()[info.reason]
    assert not unexplained, f"`stockade explain {info.reason}` doesn't tell of {unexplained}"
    trailers = dict(error.trailing_metadata())
    if info.reason in PUSHED_BACK:
        assert int(trailers["grpc-retry-pushback-ms"]) > 0
    return Refusal(error.code(), info.reason, error.details(), dict(info.metadata), trailers)


def refused(reason, call, /, *arguments, **fields):
    """Makes the call, which must be refused for `reason`, and gives the refusal."""
    try:
        answer = call(*arguments, **fields)
    except grpc.RpcError as error:
        refusal = taken_apart(error)
        assert refusal.reason == reason, f"{reason} expected, not {refusal}"
        return refusal
    raise AssertionError(f"{reason} expected, but it was done: {answer}")


def outcome(call, /, *arguments, **fields):
    """The call's answer and None, or None and its refusal."""
    try:
        return call(*arguments, **fields), None
    except grpc.RpcError as error:
        return None, taken_apart(error)
