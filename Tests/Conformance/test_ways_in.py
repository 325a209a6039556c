# SPDX-License-Identifier: Apache-2.0
"""What else reaches a server beside its calls: how it was started, what lies in its directory, what
becomes of its output, signals, the clock, and metadata that nobody asked for."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import stockade_server
from frames import Closed, Conversation
from journal_check import check_is_fine
from shop import CONFIRMED, EXPIRED, HELD, WALL_STEP_MS, Shop, eventually
from stockade.v1 import inventory_service_pb2 as inventory
from stockade_server import JOURNAL_FLAGS, StockadeServer, refused_start, run

FAILED, USAGE, CORRUPT, FORBIDDEN = 1, 2, 3, 78

HEALTH = "/grpc.health.v1.Health/Check"
CLOCK = Path(__file__).parent / "native" / "wall_clock.c"
YEAR = 365 * 86_400
# What the four tables take together with the largest bounds is more.
LARGEST_TABLES = 36 << 30


def serves(server):
    """A whole sale, over a connection of its own."""
    with Shop(server.address, f"brand-{time.monotonic_ns()}") as shop:
        shop.set_stock("tea", 3)
        held = shop.reserve({"tea": 1})
        assert shop.confirm(held.reservation_id).state == CONFIRMED
        assert shop.figures("tea") == (3, 0, 1, 2)


class TestStreams:
    """Standard input, output and error may be closed, full, or go away."""

    CLOSED = {
        "input": "<&-",
        "output": ">&-",
        "error": "2>&-",
        "output and error": ">&- 2>&-",
        "all": "<&- >&- 2>&-",
    }

    @pytest.mark.parametrize("streams", list(CLOSED.values()), ids=list(CLOSED))
    def test_started_with_closed_ones(self, tmp_path, streams):
        """What would be said there is never written into a file that took the number."""
        data = tmp_path / "data"
        port = free_port()
        words = stockade_server.command(
            "serve", f"--listen=127.0.0.1:{port}", f"--data={data}", *JOURNAL_FLAGS
        )
        script = f'exec "$@" {streams}'
        process = subprocess.Popen(
            ["sh", "-c", script, "sh", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        stockade_server.started.append(process.pid)
        try:
            with Shop(f"127.0.0.1:{port}", "brand") as shop:
                eventually(lambda: can_connect(port))
                shop.set_stock("tea", 2)
                shop.reserve({"tea": 1})
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
        assert (data / "lock").read_bytes() == b""
        check_is_fine(data)

    @pytest.mark.parametrize("place", ["/dev/full", "/dev/null"])
    def test_output_that_takes_nothing(self, place):
        """The ready line is lost; the server isn't."""
        port = free_port()
        with open(place, "w", encoding="ascii") as output:
            process = subprocess.Popen(
                stockade_server.command(
                    "serve", "--mode=memory", f"--listen=127.0.0.1:{port}",
                    *stockade_server.USUAL_FLAGS,
                ),
                stdout=output,
                stderr=subprocess.DEVNULL,
            )
        stockade_server.started.append(process.pid)
        try:
            eventually(lambda: can_connect(port))
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()

    def test_a_log_that_nobody_reads_any_more(self):
        """The collector ends: what is logged afterwards is lost, and nothing else."""
        process = subprocess.Popen(
            stockade_server.command(
                "serve", "--mode=memory", "--listen=127.0.0.1:0", *stockade_server.USUAL_FLAGS
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        stockade_server.started.append(process.pid)
        try:
            assert process.stdout.readline().startswith(b"ready ")
            process.stderr.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, "it logs that it drains"
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class TestTheMachine:
    def test_tables_larger_than_its_memory(self):
        """Said before the first page is touched, not by the system's killer."""
        if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE") > LARGEST_TABLES:
            pytest.skip("a machine that the largest tables fit into")
        most = 1 << 28
        ended = run(
            "serve", "--mode=memory", "--listen=127.0.0.1:0", f"--ids-max={most}",
            f"--holds-max={most}", f"--accounts-max={most}", f"--codes-max={most}",
        )
        assert (ended.returncode, ended.stdout) == (FORBIDDEN, ""), ended
        assert "MiB" in ended.stderr and "--ids-max" in ended.stderr

    def test_tables_larger_than_its_limit(self):
        ended = run(
            "serve", "--mode=memory", "--listen=127.0.0.1:0",
            under=("prlimit", f"--as={700 << 20}"),
        )
        assert (ended.returncode, ended.stdout) == (FORBIDDEN, ""), ended
        assert "700 MiB" in ended.stderr and "--ids-max" in ended.stderr

    @pytest.mark.parametrize("loops", [1, 8])
    def test_just_as_large_as_its_limit(self, journal_server, tmp_path, loops):
        """With what it says that it takes it serves, and with less it says so."""
        refused = run(
            "serve", "--listen=127.0.0.1:0", f"--data={tmp_path / 'none'}",
            *stockade_server.merged([f"--loops={loops}"], JOURNAL_FLAGS),
            under=("prlimit", f"--as={128 << 20}"),
        )
        assert refused.returncode == FORBIDDEN, refused
        needed = sum(
            int(re.search(rf"{part} (\d+) MiB", refused.stderr).group(1))
            for part in ("tables take", "beside them")
        )
        server = journal_server(f"--loops={loops}", under=("prlimit", f"--as={needed << 20}"))
        serves(server)

    def test_no_descriptors_left(self, start_server):
        """Whom there is no descriptor for waits; who is there is served, and so is the next when
        somebody leaves."""
        server = start_server(under=("prlimit", "--nofile=40"))
        crowd = [socket.create_connection((server.host, server.port)) for _ in range(80)]
        try:
            time.sleep(0.3)  # several pauses of accepting
            assert server.is_alive
        finally:
            for each in crowd:
                each.close()
        serves(server)

    def test_no_descriptors_for_the_journal(self, tmp_path):
        ended = run(
            "serve", f"--data={tmp_path / 'data'}", "--listen=127.0.0.1:0", *JOURNAL_FLAGS,
            under=("prlimit", "--nofile=5"),
        )
        assert ended.returncode in (FAILED, FORBIDDEN), ended
        assert ended.stdout == ""
        assert "Too many open files" in ended.stderr

    def test_an_address_that_is_not_its_own(self):
        """192.0.2.1 is set aside for examples; no machine has it."""
        ended = run(
            "serve", "--mode=memory", "--insecure-listen", "--listen=192.0.2.1:0",
            *stockade_server.USUAL_FLAGS,
        )
        assert (ended.returncode, ended.stdout) == (FORBIDDEN, ""), ended
        assert "192.0.2.1" in ended.stderr

    @pytest.mark.parametrize("port", ["+80", " 80", "8 0", "0x50", "080808", "٨٠"])
    def test_a_port_in_another_spelling(self, port):
        ended = run("serve", "--mode=memory", f"--listen=127.0.0.1:{port}")
        assert (ended.returncode, ended.stdout) == (USAGE, ""), ended
        assert "listen" in ended.stderr


class TestTheDirectory:
    """What isn't a journal's file under a journal's name."""

    @pytest.fixture
    def data(self, tmp_path):
        """A journal with some records, and the way to its first segment."""
        with StockadeServer(data=tmp_path / "data") as server:
            serves(server)
        return tmp_path / "data"

    @staticmethod
    def segment(data):
        return sorted((data / "journal").glob("*.seg"))[0]

    def test_a_pipe_in_place_of_a_segment(self, data):
        """Nobody waits for somebody to write into it."""
        segment = self.segment(data)
        segment.unlink()
        os.mkfifo(segment)
        self.is_refused(data, segment.name)

    def test_a_pipe_in_place_of_the_lock(self, data):
        (data / "lock").unlink()
        os.mkfifo(data / "lock")
        check_is_fine(data)

    def test_a_directory_in_place_of_a_segment(self, data):
        segment = self.segment(data)
        segment.unlink()
        segment.mkdir()
        self.is_refused(data, segment.name)

    def test_a_link_in_place_of_a_segment(self, data, tmp_path):
        segment = self.segment(data)
        segment.rename(tmp_path / "elsewhere")
        segment.symlink_to(tmp_path / "elsewhere")
        self.is_refused(data, segment.name)

    def test_a_directory_in_place_of_the_lock(self, data):
        (data / "lock").unlink()
        (data / "lock").mkdir()
        self.is_refused(data, "lock", is_check_refused=False)

    def test_a_file_in_place_of_the_journal(self, data):
        shutil.rmtree(data / "journal")
        (data / "journal").write_text("mine")
        self.is_refused(data, "journal")
        assert (data / "journal").read_text() == "mine"

    def test_a_segment_that_was_emptied(self, data):
        """All of it is gone: damage for the checker too, and not a directory without a journal."""
        for segment in (data / "journal").glob("*.seg"):
            os.truncate(segment, 0)
        for ended in (refused_start(data), run("check", f"--data={data}")):
            assert ended.returncode == CORRUPT, ended
            assert "0000000000000000.seg" in ended.stderr

    @staticmethod
    def is_refused(data, name, is_check_refused=True):
        ended = [refused_start(data)]
        if is_check_refused:
            ended.append(run("check", f"--data={data}"))
        for each in ended:
            assert each.returncode in (CORRUPT, FORBIDDEN), each
            assert each.stdout == ""
            assert name in each.stderr, each.stderr

    def test_a_read_only_file_system(self, data, tmp_path):
        """The server needs to write; the checker doesn't."""
        place = tmp_path / "place"
        place.mkdir()
        mounted = subprocess.run(
            ["mount", "--bind", "-o", "ro", str(data), str(place)], capture_output=True, check=False
        )
        if mounted.returncode != 0:
            pytest.skip(f"can't mount: {mounted.stderr.decode()}")
        try:
            ended = refused_start(place)
            assert (ended.returncode, ended.stdout) == (FORBIDDEN, ""), ended
            assert "Read-only file system" in ended.stderr
            check_is_fine(place)
        finally:
            subprocess.run(["umount", str(place)], check=True)

    @pytest.mark.parametrize("words", [("check",), ("resync", "--postgres=x=y", "--yes")])
    def test_an_empty_name(self, words):
        ended = run(*words, "--data=")
        assert (ended.returncode, ended.stdout) == (USAGE, ""), ended
        assert "--data" in ended.stderr

    @pytest.mark.parametrize("length", [300, 5_000])
    def test_a_name_that_is_too_long(self, tmp_path, length):
        ended = refused_start(tmp_path / ("x" * length))
        assert (ended.returncode, ended.stdout) == (FORBIDDEN, ""), ended
        assert "File name too long" in ended.stderr

    def test_a_dump_into_a_full_device(self, data):
        with open("/dev/full", "w", encoding="ascii") as full:
            ended = subprocess.run(
                stockade_server.command("check", f"--data={data}", "--dump=-"),
                stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False,
            )
        assert ended.returncode == FORBIDDEN, ended
        assert "No space left" in ended.stderr


class TestSignals:
    def test_stopped_and_continued(self, start_server):
        """Calls wait; holds that came due meanwhile are given back."""
        server = start_server()
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 5)
            held = shop.reserve({"tea": 2}, ttl_ms=1_000)
            server.process.send_signal(signal.SIGSTOP)
            late = shop.inventory.GetStock.future(
                inventory.GetStockRequest(key=shop.key("tea")), timeout=20
            )
            time.sleep(1.2)
            assert not late.done()
            server.process.send_signal(signal.SIGCONT)
            assert late.result().stock.on_hand == 5
            eventually(lambda: shop.reservation(held.reservation_id).state == EXPIRED)
            assert shop.figures("tea") == (5, 0, 0, 5)

    def test_an_interrupt_drains_too(self):
        server = StockadeServer().start()
        server.process.send_signal(signal.SIGINT)
        assert server.wait() == (0, "")

    def test_a_broken_pipe_is_none(self, start_server):
        server = start_server()
        server.process.send_signal(signal.SIGPIPE)
        serves(server)


class TestTheClock:
    """Time to live runs by a clock that nobody sets; the wall clock only dates."""

    @pytest.fixture
    def wall(self, tmp_path):
        """Sets the wall clock of servers under it off, in seconds."""
        compiler = shutil.which("cc") or shutil.which("clang")
        assert compiler, "needs a C compiler; the Swift toolchain brings clang"
        library, file = tmp_path / "wall_clock.so", tmp_path / "seconds"
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", str(CLOCK), "-o", str(library)], check=True
        )
        file.write_text("0")

        class Wall:
            under = ("env", f"LD_PRELOAD={library}", f"WALL_CLOCK_FILE={file}")

            @staticmethod
            def set_off(seconds):
                fresh = tmp_path / "fresh"
                fresh.write_text(str(seconds))
                fresh.rename(file)

        return Wall

    @pytest.mark.parametrize("years", [10, -10, -100, 1_000, 100_000])
    def test_the_wall_clock_is_set(self, journal_server, wall, years):
        server = journal_server(under=wall.under)
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 10)
            long = shop.reserve({"tea": 1}, ttl_ms=600_000)
            short = shop.reserve({"tea": 2}, ttl_ms=1_500)
            wall.set_off(years * YEAR)
            assert shop.reservation(long.reservation_id).state == HELD
            after = shop.reserve({"tea": 3}, ttl_ms=600_000)
            assert after.created_ms >= 0
            assert abs(after.deadline_ms - after.created_ms - 600_000) <= WALL_STEP_MS
            moved = (after.created_ms - long.created_ms) / 1_000 / YEAR
            assert years not in (10, -10) or abs(moved - years) < 1, "the test sets it"
            eventually(lambda: shop.reservation(short.reservation_id).state == EXPIRED)
            assert shop.confirm(long.reservation_id).state == CONFIRMED
            assert shop.figures("tea") == (10, 3, 1, 6)
        server.kill()
        check_is_fine(server.data)
        wall.set_off(-years * YEAR)
        second = journal_server.again(server, under=wall.under)
        with Shop(second.address, "brand") as shop:
            assert shop.figures("tea") == (10, 3, 1, 6)
            assert shop.reservation(after.reservation_id).state == HELD
            assert shop.confirm(after.reservation_id).state == CONFIRMED
        second.stop()
        check_is_fine(server.data)


class TestMetadata:
    @pytest.mark.parametrize(
        "name, value",
        [
            ("traceparent", ""),
            ("traceparent", "00-" + "0" * 32 + "-" + "0" * 16 + "-00"),
            ("traceparent", "ff-zz"),
            ("traceparent", "0" * 4_000),
            ("grpc-previous-rpc-attempts", "-1"),
            ("grpc-accept-encoding", "\x7e" * 200),
            ("user-agent", ""),
            ("x-unknown-bin", "AAAA"),
            ("x-unknown-bin", "not base64 !"),
            ("cookie", "a=b; c=d"),
        ],
    )
    def test_what_is_not_asked_for_changes_nothing(self, start_server, name, value):
        with Conversation(start_server()) as raw:
            reply = raw.call(HEALTH, **{name.replace("-", "_"): value})
            assert (reply.http_status, reply.status) == ("200", 0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def can_connect(port):
    try:
        with Conversation(Place("127.0.0.1", port)) as raw:
            return raw.call(HEALTH).status == 0
    except (ConnectionError, Closed):
        return False


class Place:
    """Where a server that says nothing is."""

    def __init__(self, host, port):
        self.host, self.port = host, port
