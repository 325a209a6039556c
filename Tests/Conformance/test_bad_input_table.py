# SPDX-License-Identifier: Apache-2.0
"""Protocols/bad-input.md promises a test for each row, and a row for each reason."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from stockade.v1 import types_pb2

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "Protocols" / "bad-input.md"
HERE = Path(__file__).resolve().parent

COLUMNS = 4

# Where callers' answers are written.
GIVING = ("Calls", "Forms", "Refusals")

# No call makes accounts of credit or of purchase limits yet, so no caller can be refused for them;
# the core decides over them all the same, and the simulation holds it to that.
WITHOUT_A_TEST = {"CREDIT_EXCEEDED", "PURCHASE_LIMIT_EXCEEDED"}


def rows():
    """The table's rows, each as its columns."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| way in"):
            found.append([each.strip() for each in line.strip("|").split("|")])
    return found


ROWS = rows()


@pytest.fixture(scope="module")
def pytest_names():
    """Every test that pytest collects here, without its parameters."""
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", str(HERE), "--collect-only", "-q"],
        capture_output=True, text=True, timeout=120, check=True, cwd=ROOT,
    )
    names = set()
    for line in collected.stdout.splitlines():
        if "::" in line:
            file, _, name = line.partition("::")
            place = (ROOT / file) if (ROOT / file).exists() else HERE / file
            names.add(f"{place.relative_to(HERE)}::{name.partition('[')[0]}")
    return names


@pytest.fixture(scope="module")
def swift_names():
    """Every function of the Swift tests that is marked as one."""
    marked = re.compile(r"@Test\b(?:\([^{]*?\))?\s*(?:static\s+)?func\s+(\w+)", re.DOTALL)
    names = set()
    for file in (ROOT / "Tests").glob("*/*.swift"):
        for name in marked.findall(file.read_text(encoding="utf-8")):
            names.add(f"{file.name}::{name}")
    return names


def named_tests(row):
    return re.findall(r"`([^`]+)`", row[-1])


def test_the_table_is_whole():
    assert ROWS and all(len(row) == COLUMNS and all(row) for row in ROWS)
    assert len({tuple(row[:2]) for row in ROWS}) == len(ROWS), "a row twice"
    assert all(named_tests(row) for row in ROWS)


def test_every_test_exists(pytest_names, swift_names):
    assert pytest_names and swift_names
    missing = [
        name
        for row in ROWS
        for name in named_tests(row)
        if name not in (swift_names if ".swift::" in name else pytest_names)
    ]
    assert missing == []


def reasons_in_use():
    """The reasons that callers are given somewhere: the guide explains those too that nobody is."""
    enum = (ROOT / "Sources/StockadeAPI/Errors/Reason.swift").read_text(encoding="utf-8")
    cases = re.findall(r"^    case (\w+) = (\d+)", enum, re.MULTILINE)
    sources = "".join(
        file.read_text(encoding="utf-8")
        for folder in GIVING
        for file in sorted((ROOT / "Sources/StockadeServer" / folder).rglob("*.swift"))
        if not file.name.startswith("ReasonGuide")
    )
    names = {value.number: value.name for value in types_pb2.Reason.DESCRIPTOR.values}
    return {
        names[int(number)].removeprefix("REASON_")
        for name, number in cases
        if int(number) and re.search(rf"\.{name}\b", sources)
    }


def test_every_reason_is_named():
    used = reasons_in_use()
    assert {"INVALID_FIELD", "SHADOW_UNAVAILABLE", "UNDECODABLE"} <= used, "the sources are read"
    seen = {name for row in ROWS for name in re.findall(r"`([A-Z_]+)`", row[2])}
    assert used - seen == WITHOUT_A_TEST, f"reasons without a row: {used - seen}"
    known = {each.removeprefix("REASON_") for each in types_pb2.Reason.keys()}
    assert seen - known == set(), "reasons that there are none of"
