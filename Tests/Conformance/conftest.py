# SPDX-License-Identifier: Apache-2.0
"""What every conformance test has at hand: a real server and a stock gRPC client.

A module that needs other flags than the usual ones says so in `SERVER_FLAGS`. Tests of one module
share a server, and each has a brand of its own on it, so none sees another's stock. They run in
memory mode and then on a journal, unless the module names its `SERVER_MODES`.
"""

import os
import uuid

import hypothesis
import pytest

import postgres_cluster
import stockade_server
from postgres_cluster import PostgresCluster
from shop import Shop
from stampede_process import Stampede
from stockade_server import StockadeServer

# What fails is printed with a line that repeats it.
for _name, _examples in (("usual", 50), ("full", 500)):
    hypothesis.settings.register_profile(
        _name, deadline=None, database=None, max_examples=_examples, print_blob=True
    )


def pytest_addoption(parser):
    parser.addoption(
        "--full", action="store_true", help="ten times the examples, and what waits for slow timers"
    )


def pytest_configure(config):
    hypothesis.settings.load_profile("full" if config.getoption("--full") else "usual")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full"):
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="waits for a slow timer: --full"))


def pytest_sessionfinish(session):
    """No test may leave a server behind."""
    pids = stockade_server.started + postgres_cluster.started
    left = [pid for pid in pids if os.path.exists(f"/proc/{pid}/exe")]
    if left:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        raise RuntimeError(f"servers left running: {left}")


@pytest.fixture(scope="session")
def is_full(request):
    """Whether this is the long run."""
    return request.config.getoption("--full")


def pytest_generate_tests(metafunc):
    if "server" in metafunc.fixturenames:
        modes = getattr(metafunc.module, "SERVER_MODES", ("memory", "journal"))
        metafunc.parametrize("server", modes, indirect=True, scope="module")


@pytest.fixture(scope="session")
def postgres():
    """A Postgres for all tests that only need one: each makes databases of its own in it. A test
    that stops, kills or freezes it starts it again."""
    with PostgresCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    """The module's server, in both modes one after the other. Stopping it drains it, and it must
    exit 0."""
    data = tmp_path_factory.mktemp("data") if request.param == "journal" else None
    flags = getattr(request.module, "SERVER_FLAGS", ())
    with StockadeServer(*flags, data=data) as running:
        yield running


@pytest.fixture
def start_server():
    """Starts servers with other flags, for one test."""
    running = []

    def start(*flags, **place):
        running.append(StockadeServer(*flags, **place))
        return running[-1].start()

    yield start
    for server in reversed(running):
        server.stop()


@pytest.fixture
def journal_server(tmp_path):
    """Starts servers on a journal, in the test's own directory unless `data` names another.

    Those that still run are stopped afterwards and must exit 0; those that a test killed or saw
    end are its own affair.
    """
    running = []

    def start(*flags, data=tmp_path / "data", **place):
        running.append(StockadeServer(*flags, data=data, **place))
        return running[-1].start()

    def again(server, *flags, **place):
        running.append(server.successor(*flags, **place))
        return running[-1].start()

    start.again = again
    yield start
    for server in reversed(running):
        server.stop()


@pytest.fixture
def stampede(tmp_path):
    """Runs of the load tester, in the test's own directory. None may leave anything running."""
    runs = Stampede(tmp_path)
    yield runs
    runs.end()


@pytest.fixture
def shop(server):
    """A client with a brand that no other test uses."""
    with Shop(server.address, brand=f"brand-{uuid.uuid4().hex[:12]}") as client:
        yield client


@pytest.fixture
def other_shop(server):
    """A second brand on the same server."""
    with Shop(server.address, brand=f"brand-{uuid.uuid4().hex[:12]}") as client:
        yield client
