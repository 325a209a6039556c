# SPDX-License-Identifier: Apache-2.0
"""The command line: what it says, what it refuses, and with which exit code."""

import re
import socket
import subprocess

import pytest
import stockade_server
from shop import Shop, eventually
from stockade_server import StockadeServer, run

USAGE, UNAVAILABLE_HERE = 2, 78

FLAGS = (
    "--listen",
    "--mode",
    "--loops",
    "--accounts-max",
    "--holds-max",
    "--ids-max",
    "--legs-max",
    "--codes-max",
    "--retention",
    "--insecure-listen",
    "--data",
    "--journal-max",
)


def serve(*flags, mode="memory", listen="127.0.0.1:0"):
    """Runs `stockade serve` to its end, which must come by itself."""
    return run("serve", f"--mode={mode}", f"--listen={listen}", *flags)


class TestServing:
    def test_the_ready_line_is_all_of_standard_output(self, server):
        """StockadeServer.stop checks the rest of it."""
        assert re.fullmatch(r"ready 127\.0\.0\.1:[1-9]\d*\n", server.ready_line)

    def test_a_port_may_be_chosen(self, start_server):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        assert start_server(listen=address).address == address

    def test_bounds_and_their_memory_are_printed_at_start(self, start_server):
        server = start_server("--accounts-max=12345", "--holds-max=23456", "--ids-max=76543")
        log = server.log()
        for figure in ("12345", "23456", "76543"):
            assert figure in log.replace(",", ""), log
        assert re.search(r"\d+(\.\d+)? (KiB|MiB|GiB)", log), log

    def test_a_data_directory_is_left_alone_in_memory_mode(self, start_server, tmp_path):
        server = start_server(f"--data={tmp_path}")
        assert "writes nothing" in server.log()
        assert list(tmp_path.iterdir()) == []

    def test_nothing_is_logged_per_call(self, start_server):
        server = start_server()
        with Shop(server.address, "brand") as shop:
            shop.set_stock("tea", 100)
            before = server.log()
            for _ in range(50):
                shop.reserve({"tea": 1})
            assert server.log() == before

    def test_several_loops(self, start_server):
        server = start_server("--loops=4")
        shops = [Shop(server.address, "brand") for _ in range(12)]
        shops[0].set_stock("tea", 100)
        for shop in shops:
            shop.reserve({"tea": 1})
        assert shops[0].figures("tea") == (100, 12, 0, 88)
        for shop in shops:
            shop.channel.close()

    def test_one_loop(self, start_server):
        server = start_server("--loops=1")
        shops = [Shop(server.address, "brand") for _ in range(3)]
        shops[0].set_stock("tea", 100)
        for shop in shops:
            shop.reserve({"tea": 1})
        assert shops[0].figures("tea") == (100, 3, 0, 97)
        for shop in shops:
            shop.channel.close()


class TestRefusingToServe:
    def test_a_busy_port(self, server):
        ended = serve(listen=server.address)
        assert ended.returncode == UNAVAILABLE_HERE, ended
        assert ended.stdout == ""
        assert server.address in ended.stderr
        assert server.is_alive
        with Shop(server.address, "brand") as shop:
            assert shop.set_stock("tea", 1).stock.on_hand == 1, "the one that had it serves on"

    @pytest.mark.parametrize("listen", ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"])
    def test_an_address_that_is_not_loopback(self, listen):
        ended = serve(listen=listen)
        assert ended.returncode == UNAVAILABLE_HERE, ended
        assert ended.stdout == ""
        assert "--insecure-listen" in ended.stderr

    def test_unless_told_to(self):
        with StockadeServer("--insecure-listen", listen="0.0.0.0:0") as server:
            assert re.fullmatch(r"ready 0\.0\.0\.0:\d+\n", server.ready_line)
            eventually(lambda: "warning" in server.log())
            with Shop(f"127.0.0.1:{server.port}", "brand") as shop:
                assert shop.set_stock("tea", 1).stock.on_hand == 1

    @pytest.mark.parametrize("mode", ["--mode=journal", None], ids=["named", "by default"])
    def test_a_journal_without_its_directory(self, mode):
        flags = [mode] if mode else []
        ended = run("serve", *flags, "--listen=127.0.0.1:0")
        assert ended.returncode == UNAVAILABLE_HERE, ended
        assert ended.stdout == ""
        assert "--data" in ended.stderr


class TestFlagsThatDoNotParse:
    @pytest.mark.parametrize(
        "flag",
        [
            "--no-such-flag",
            "--loops=0",
            "--loops=-1",
            "--loops=many",
            "--holds-max=0",
            "--holds-max=-5",
            "--holds-max=1e6",
            "--holds-max=99999999999999999999",
            "--ids-max=0",
            "--accounts-max=0",
            "--codes-max=0",
            "--retention=soon",
            "--retention=0s",
            "--retention=-1s",
            "--retention=2",
            "--journal-max=0",
            "--journal-max=1023KiB",
            "--journal-max=-1GiB",
            "--journal-max=much",
            "stray",
        ],
    )
    def test_a_flag(self, flag):
        ended = serve(flag)
        assert ended.returncode == USAGE, ended
        assert ended.stdout == ""
        name = flag.partition("=")[0]
        assert name in ended.stderr, f"which one: {ended.stderr}"

    @pytest.mark.parametrize("mode", ["disk", "", "MEMORY"])
    def test_a_mode(self, mode):
        ended = serve(mode=mode)
        assert ended.returncode == USAGE, ended
        assert "mode" in ended.stderr

    @pytest.mark.parametrize(
        "listen",
        [
            "",
            "127.0.0.1",
            "127.0.0.1:",
            ":0",
            "127.0.0.1:port",
            "127.0.0.1:-1",
            "127.0.0.1:65536",
            "127.0.0.1:99999999999999999999",
        ],
    )
    def test_an_address(self, listen):
        ended = serve(listen=listen)
        assert ended.returncode == USAGE, ended
        assert ended.stdout == ""
        assert "listen" in ended.stderr

    def test_an_unknown_command(self):
        ended = run("sevre")
        assert ended.returncode == USAGE, ended
        assert ended.stderr


class TestTalk:
    def test_version(self):
        ended = run("--version")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert re.search(r"\d+\.\d+\.\d+", ended.stdout)

    def test_help(self):
        ended = run("--help")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "serve" in ended.stdout

    @pytest.mark.parametrize("words", [("serve", "--help"), ("help", "serve")])
    def test_help_of_serve(self, words):
        ended = run(*words)
        assert (ended.returncode, ended.stderr) == (0, "")
        for flag in FLAGS:
            assert flag in ended.stdout

    def test_standard_output_may_be_closed(self):
        """A ready line that nobody reads doesn't stop the server from ending well."""
        process = subprocess.Popen(
            stockade_server.command(
                "serve", "--mode=memory", "--listen=127.0.0.1:0", *stockade_server.USUAL_FLAGS
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert process.stdout.readline().startswith(b"ready ")
            process.stdout.close()
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
