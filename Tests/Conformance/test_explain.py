# SPDX-License-Identifier: Apache-2.0
"""`stockade explain`: the catalogue of reasons at the command line."""

import json

import pytest
from refusals import METADATA_KEYS, STATUS_OF
from stockade.v1 import types_pb2
from stockade_server import run

REASONS = [name.removeprefix("REASON_") for name in types_pb2.Reason.keys()][1:]


def test_all_of_them():
    ended = run("explain")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [line.split()[0] for line in ended.stdout.splitlines()] == REASONS


def test_as_json():
    ended = run("explain", "-o", "json")
    assert (ended.returncode, ended.stderr) == (0, "")
    guides = json.loads(ended.stdout)
    assert {each["reason"]: each["number"] for each in guides} == {
        name.removeprefix("REASON_"): number for name, number in types_pb2.Reason.items() if number
    }
    for each in guides:
        (status,) = [code.name for code, reasons in STATUS_OF.items() if each["reason"] in reasons]
        assert each["status"] == status
        assert set(each["metadata"]) <= METADATA_KEYS


@pytest.mark.parametrize(
    "word", ["INSUFFICIENT_STOCK", "insufficient_stock", "REASON_INSUFFICIENT_STOCK",
             "reason_insufficient-stock"],
)
def test_one(word):
    ended = run("explain", word)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "INSUFFICIENT_STOCK (REASON_INSUFFICIENT_STOCK = 11)"
    assert [line.split()[0] for line in lines[1:]] == [
        "meaning", "status", "retry", "to", "metadata", "example",
    ]


def test_a_slip_of_the_finger():
    ended = run("explain", "INSUFICIENT_STOCK")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "did you mean INSUFFICIENT_STOCK?" in ended.stderr


def test_what_is_no_reason():
    ended = run("explain", "xyzzy")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "`stockade explain` lists all" in ended.stderr
