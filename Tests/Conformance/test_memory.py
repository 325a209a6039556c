# SPDX-License-Identifier: Apache-2.0
"""What an account and a live hold take of memory, measured in a process that has a million more of
them than another, with tables made for no more."""

import pathlib
import re
import subprocess

PROBE = pathlib.Path(__file__).resolve().parents[2] / ".build" / "release" / "decision-probe"
FEW = 1_000
MANY = 1_000_000

ACCOUNT_BYTES_MAX = 130
HOLD_BYTES_MAX = 250


def resident(accounts, holds, codes):
    # A process inherits the peak of what began it, and this one is larger than the smaller probe:
    # a shell of a megabyte or two begins it instead.
    done = subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", PROBE, "memory", str(accounts), str(holds), str(codes)],
        capture_output=True, text=True, timeout=120, check=True)
    return int(re.search(r"resident (\d+) bytes", done.stdout)[1])


def test_an_account_takes_at_most_130_bytes():
    """Figures, codes' numbers, source and index. The SKU's code is counted as a code."""
    room = MANY + 2 * FEW
    more = resident(MANY + FEW, FEW, room) - resident(FEW, FEW, room)
    print(f"{more / MANY:.1f} bytes")
    assert 64 < more / MANY <= ACCOUNT_BYTES_MAX


def test_a_live_hold_takes_at_most_250_bytes():
    """Its row and the row of the order that it may become, both in the index, and its share of what is
    kept for cancellations, further lines and notes (decision 0023)."""
    more = resident(FEW, MANY + FEW, 2 * FEW) - resident(FEW, FEW, 2 * FEW)
    print(f"{more / MANY:.1f} bytes")
    assert 96 < more / MANY <= HOLD_BYTES_MAX
