# SPDX-License-Identifier: Apache-2.0
"""Would the load tester have noticed? A server that breaks a promise on purpose must be found out.

The server is the one of `ops/build --planted` (decision 0012). A journal with a wrong figure in it
is refused at a restart, so only one that loses what it acknowledged is killed.
"""

import os

import pytest
from stampede_process import CHECKS, CRASH, PLANTED, SALE

pytestmark = pytest.mark.skipif(
    not PLANTED.exists() and "TEST_PLANTED" not in os.environ,
    reason="no server with planted faults: ops/build --planted makes it",
)

WRONG = 4


def run(stampede, *flags, words=()):
    return stampede.run(SALE, *stampede.server(*flags, program=PLANTED), *words, "--quiet")


@pytest.mark.parametrize("words", [(), CRASH], ids=["sale", "crash"])
def test_without_a_fault(stampede, words):
    """The same build keeps every promise unless it is told not to."""
    ended = run(stampede, words=words).must_be(0)
    assert ended.checks("passed") == set(CHECKS), ended


@pytest.mark.parametrize(
    "fault, words, checks",
    [
        # The last unit of either flash SKU is promised to two buyers.
        ("oversell-by-one", (), {"oversold", "conservation"}),
        # The units of what was sent twice are taken twice, and never come back.
        ("double-effect-on-retry", (), {"oversold", "conservation", "undersold"}),
        # What is left of a hold that nobody confirmed is sold although others hold it.
        ("expiry-pays-back-twice", (), {"oversold"}),
        # What was answered in the last 50 ms is gone.
        ("ack-before-flush", CRASH, {"lost"}),
    ],
)
def test_with_a_fault(stampede, fault, words, checks):
    ended = run(stampede, f"--plant {fault}", words=words).must_be(WRONG)
    assert ended.summary["verdict"] == "FAIL"
    assert ended.checks("failed") >= checks, ended
    for name in checks:
        check = ended.check(name)
        assert check["count"] > 0 and check["counterexamples"], check
        assert any(reason.startswith(f"{name}: ") for reason in ended.summary["reasons"])
    print(fault, {name: ended.check(name)["count"] for name in sorted(ended.checks("failed"))})
