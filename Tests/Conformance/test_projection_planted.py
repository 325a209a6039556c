# SPDX-License-Identifier: Apache-2.0
"""Would these tests have noticed? A writer that writes twice, or beside its successor, is found.

The server is the one of `ops/build --planted` (decision 0012).
"""

import os
import re
import shutil

import pytest
from postgres_tables import FAILED, WRITING, Tables, said, sell, stock_up
from shop import Shop
from stampede_process import PLANTED
from stockade_server import StockadeServer

pytestmark = pytest.mark.skipif(
    not PLANTED.exists() and "TEST_PLANTED" not in os.environ,
    reason="no server with planted faults: ops/build --planted makes it",
)


@pytest.fixture
def tables(postgres):
    return Tables(postgres)


def planted(tables, data, *flags):
    return StockadeServer(tables.flag, *flags, data=data, program=PLANTED)


@pytest.mark.parametrize("fault", [None, "apply-batch-twice"])
def test_each_record_once(tables, tmp_path, fault):
    server = planted(tables, tmp_path / "data", *([f"--plant={fault}"] if fault else []))
    with server, Shop(server.address, "acme") as shop:
        stock_up(shop)
        for _ in range(5):
            sell(shop)
            tables.catch_up(shop)
    found_out(tables, server.data, fault)


@pytest.mark.parametrize("fault", [None, "forget-fence"])
def test_one_writer(tables, tmp_path, fault):
    """A copy takes over while the first one still runs, which sells on."""
    flags = [f"--plant={fault}"] if fault else []
    with planted(tables, tmp_path / "data") as server:
        with Shop(server.address, "acme") as shop:
            stock_up(shop)
            sell(shop)
            tables.catch_up(shop)
    copy = tmp_path / "copy"
    shutil.copytree(server.data, copy)
    stale, second = planted(tables, server.data, *flags), planted(tables, copy)
    with stale, Shop(stale.address, "acme") as stale_shop:
        said(stale, WRITING)
        with second, Shop(second.address, "acme") as shop:
            said(second, WRITING)
            sell(shop, 1)
            for _ in range(5):
                sell(stale_shop)
                stale_shop.adjust("tea", 1)
    found_out(tables, copy, fault)


def found_out(tables, data, fault):
    ended = tables.check(data)
    if fault is None:
        assert ended.returncode == 0, ended.stdout + ended.stderr
        tables.compare(data)
        return
    assert ended.returncode == FAILED, ended.stdout + ended.stderr
    print(fault, re.findall("violation postgres.*", ended.stdout + ended.stderr)[:5])
    with pytest.raises(AssertionError):
        tables.compare(data)
