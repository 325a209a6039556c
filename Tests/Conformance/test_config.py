# SPDX-License-Identifier: Apache-2.0
"""Configuration by file, environment and flags, as an operator meets it."""

import json
import os
import re
import subprocess

import pytest
import stockade_server
from admin_side import FLAG, Admin
from stockade_server import ROOT, StockadeServer, run

USAGE, FORBIDDEN = 2, 78

# One value for each setting that is no default, as a file has it and as its flag takes it.
VALUES = {
    "server.listen": ("127.0.0.1:7007", "127.0.0.1:7008"),
    "server.loops": ("3", "4"),
    "server.insecure_listen": ("true", None),
    "admin.listen": ("127.0.0.1:7009", "127.0.0.1:7010"),
    "journal.mode": ("memory", "memory"),
    "journal.data": ("one", "two"),
    "journal.max": ("64MiB", "128MiB"),
    "limits.accounts_max": ("1001", "1002"),
    "limits.codes_max": ("1003", "1004"),
    "limits.holds_max": ("1005", "1006"),
    "limits.ids_max": ("1007", "1008"),
    "limits.legs_max": ("1009", "1010"),
    "limits.retention": ("2h", "3h"),
    "postgres.conninfo": ("host=one", "host=two"),
    "postgres.conninfo_file": ("three", None),
    "log.level": ("debug", None),
    "log.format": ("text", "json"),
}


def run_with(variables, *arguments, directory=None):
    """As `run`, with more environment variables."""
    return subprocess.run(
        stockade_server.command(*arguments),
        env=dict(os.environ, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=directory,
    )


def reference():
    """The table of settings: key to flag (or None), from the reference."""
    ended = run("config", "reference")
    assert (ended.returncode, ended.stderr) == (0, "")
    rows, section = {}, None
    for line in ended.stdout.splitlines():
        if heading := re.fullmatch(r"## (\w+)", line):
            section = heading.group(1)
        elif row := re.fullmatch(r"\| `(\w+)` \| .* \| (?:`--([\w-]+)`)? ?\|", line):
            rows[f"{section}.{row.group(1)}"] = row.group(2)
    return rows


def flags_of_serve():
    """Every flag of `stockade serve`, as its own description has them."""
    ended = run("serve", "--experimental-dump-help")
    assert ended.returncode == 0, ended.stderr
    return {
        name["name"]
        for argument in json.loads(ended.stdout)["command"]["arguments"]
        for name in argument.get("names", ())
        if name["kind"] == "long"
    }


def sources(listing):
    """`config show`: key to the text and the source of its value."""
    found, section = {}, None
    for line in listing.splitlines():
        if heading := re.fullmatch(r"(\w+):", line):
            section = heading.group(1)
        elif row := re.fullmatch(r"  (\w+): (.*?) +# (.*)", line):
            found[f"{section}.{row.group(1)}"] = (row.group(2).strip('"'), row.group(3))
    return found


class TestTheTable:
    def test_is_committed_as_it_is(self):
        committed = (ROOT / "ops/configuration.md").read_text(encoding="utf-8")
        assert run("config", "reference").stdout == committed, (
            "stockade config reference > ops/configuration.md"
        )

    def test_has_every_flag_of_serve_and_no_other(self):
        flags = {flag for flag in reference().values() if flag}
        assert flags == flags_of_serve() - {"config", "help", "version"}

    def test_is_all_tried_here(self):
        table = reference()
        assert set(table) == set(VALUES)
        assert {key for key, flag in table.items() if flag} == {
            key for key, (_, by_flag) in VALUES.items() if by_flag
        } | {"server.insecure_listen"}

    def test_is_what_show_has(self):
        ended = run("config", "show", "--effective")
        assert ended.returncode == 0, ended.stderr
        assert set(re.findall(r"^  (?:# )?(\w+):", ended.stdout, re.MULTILINE)) == {
            key.partition(".")[2] for key in VALUES
        }


@pytest.mark.parametrize("key", VALUES)
def test_flags_win_over_the_environment_over_the_file_over_the_default(key, tmp_path):
    section, _, name = key.partition(".")
    variable = f"STOCKADE_{section}_{name}".upper()
    by_file, by_flag = VALUES[key]
    file = tmp_path / "stockade.yaml"
    file.write_text(f"{section}:\n  {name}: {by_file}\n")

    def shown(variables, *flags):
        ended = run_with(variables, "config", "show", "--effective", *flags)
        assert ended.returncode == 0, ended.stderr
        return sources(ended.stdout).get(key, (None, "default"))

    standard = shown({})
    assert standard[1].startswith("default")
    assert shown({}, "--config", str(file)) == (by_file, f"{file}:2")
    by_variable = shown({variable: by_file}, "--config", str(file))
    assert by_variable == (by_file, f"environment {variable}")
    flag = reference()[key]
    if flag:
        words = [f"--{flag}={by_flag}"] if by_flag else [f"--{flag}"]
        won = shown({variable: by_file}, "--config", str(file), *words)
        assert won == (by_flag or by_file, f"flag --{flag}")
    assert standard[0] != by_file


def in_force(running):
    """`/config`: key to value."""
    return {
        f"{section}.{name}": value
        for section, values in Admin(running).json("/config").items()
        for name, value in values.items()
    }


class TestInForce:
    def test_has_every_setting_and_so_every_flag(self, journal_server):
        told = in_force(journal_server(FLAG))
        assert set(told) == set(reference())
        flags = {flag for key, flag in reference().items() if flag and key in told}
        assert flags == flags_of_serve() - {"config", "help", "version"}

    def test_says_what_counts(self, journal_server, tmp_path):
        file = tmp_path / "stockade.yaml"
        secret = tmp_path / "postgres"
        secret.write_text("host=127.0.0.1 port=1 password=hunter2\n")
        file.write_text(
            f"postgres:\n  conninfo_file: {secret}\nlog:\n  level: debug\n"
            "limits:\n  retention: 90m\n"
        )
        running = journal_server(
            FLAG, f"--config={file}", "--loops=2", "--accounts-max=1001", "--codes-max=1002",
            "--holds-max=1003", "--ids-max=5004", "--legs-max=1005", "--journal-max=64MiB",
            "--log-format=text",
        )
        told = in_force(running)
        assert told == {
            "server.listen": "127.0.0.1:0", "server.loops": 2, "server.insecure_listen": False,
            "admin.listen": "127.0.0.1:0", "journal.mode": "journal",
            "journal.data": str(running.data), "journal.max": "64MiB",
            "limits.accounts_max": 1001, "limits.codes_max": 1002, "limits.holds_max": 1003,
            "limits.ids_max": 5004, "limits.legs_max": 1005, "limits.retention": "90m",
            "postgres.conninfo": "(set)", "postgres.conninfo_file": str(secret),
            "log.level": "debug", "log.format": "text",
        }
        Admin(running).text("/logging?level=error", "POST")
        assert in_force(running)["log.level"] == "error"

    def test_says_what_nobody_set(self, journal_server):
        told = in_force(journal_server(FLAG))
        assert told["log.level"] == "info" and told["log.format"] == "json"
        assert told["postgres.conninfo"] is None and told["postgres.conninfo_file"] is None


class TestServing:
    def test_on_what_a_file_says(self, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_text(
            "server:\n  loops: 1\nlimits:\n  accounts_max: 4321\n  ids_max: 54321\n"
            "log:\n  level: info\n"
        )
        server = StockadeServer(f"--config={file}", "--ids-max=65432")
        # Flags of the harness that the file is to decide.
        server.arguments = [
            each for each in server.arguments if not each.startswith("--accounts-max")
        ]
        with server:
            assert "accounts-max 4321" in server.log()
            assert "ids-max 65432" in server.log()

    def test_no_less_is_logged_than_asked_for(self, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_text("log:\n  level: error\n")
        with StockadeServer(f"--config={file}") as server:
            assert server.log() == ""

    @pytest.mark.parametrize("command", [("serve",), ("config", "show"), ("doctor",)])
    def test_a_bad_file(self, command, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_text("server:\n  lisen: 127.0.0.1:1\n  loops: many\n")
        ended = run(*command, f"--config={file}")
        assert ended.returncode == FORBIDDEN, ended
        assert ended.stdout == ""
        first, second = ended.stderr.splitlines()
        assert first == f"{file}:2:3: unknown key 'lisen' in 'server'; did you mean 'listen'?"
        assert second.startswith(f"{file}:3:10: server.loops must be a whole number from 1 to 64")

    @pytest.mark.parametrize("command", [("serve",), ("config", "show"), ("doctor",)])
    def test_an_unknown_variable(self, command):
        ended = run_with({"STOCKADE_SERVER_LISTN": "x"}, *command)
        assert ended.returncode == FORBIDDEN, ended
        assert "did you mean STOCKADE_SERVER_LISTEN?" in ended.stderr

    def test_a_file_that_is_not_there(self, tmp_path):
        ended = run("serve", f"--config={tmp_path}/no.yaml")
        assert ended.returncode == FORBIDDEN, ended
        assert f"{tmp_path}/no.yaml: can't be read: No such file or directory" in ended.stderr

    def test_a_flag_out_of_its_range_is_usage(self):
        assert run("config", "show", "--loops=65").returncode == USAGE


class TestFiles:
    @pytest.mark.parametrize(
        "content, expected",
        [
            (b"x" * 65537, "64 KiB"),
            (b"log:\n  level: \xff\n", "UTF-8"),
            (b"log:\n  level: &a info\n", ":2:10: anchors"),
            (b"--- \nlog:\n---\n", ":3:1: this can't be read: expected a single document"),
            (b"log:\n  level: info\n  level: info\n", ":2:3: 'level' is written here and again: keep one"),
            (b"limits:\n  retention: 5\n", ":2:14: limits.retention must be a duration"),
        ],
    )
    def test_are_refused(self, content, expected, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_bytes(content)
        ended = run("config", "check", str(file))
        assert ended.returncode == FORBIDDEN, ended
        assert ended.stdout == ""
        assert expected in ended.stderr
        assert ended.stderr.startswith(str(file))

    def test_are_judged_as_a_whole(self, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_text("server:\n  listen: 0.0.0.0:50051\n")
        ended = run("config", "check", str(file), "--data=x")
        assert ended.returncode == FORBIDDEN, ended
        assert "--insecure-listen" in ended.stderr
        ended = run("config", "check", str(file), "--data=x", "--insecure-listen")
        assert (ended.returncode, ended.stdout) == (0, f"{file}: fine\n"), ended

    def test_what_is_shown_can_be_read(self, tmp_path):
        shown = run("config", "show", "--effective", "--data=a b's \\c", "--mode=journal")
        file = tmp_path / "stockade.yaml"
        file.write_text(shown.stdout)
        again = run("config", "show", "--effective", f"--config={file}")
        before, after = sources(shown.stdout), sources(again.stdout)
        assert {key: text for key, (text, _) in before.items()} == {
            key: text for key, (text, _) in after.items()
        }


class TestSecrets:
    FILE = "postgres:\n  conninfo: postgresql://me:geheim@127.0.0.1:1/sales\n"

    def test_are_not_shown(self, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_text(self.FILE)
        ended = run("config", "show", f"--config={file}")
        assert ended.returncode == 0, ended.stderr
        assert "geheim" not in ended.stdout + ended.stderr
        assert "user=me" in ended.stdout

    def test_are_not_said_by_doctor(self, tmp_path):
        file = tmp_path / "stockade.yaml"
        file.write_text(self.FILE)
        ended = run("doctor", f"--config={file}", "--listen=127.0.0.1:0")
        assert ended.returncode == 1, ended
        assert "geheim" not in ended.stdout + ended.stderr

    def test_do_not_belong_into_the_environment(self):
        ended = run_with({"STOCKADE_POSTGRES_CONNINFO": "password=geheim"}, "serve")
        assert ended.returncode == FORBIDDEN, ended
        assert "STOCKADE_POSTGRES_CONNINFO_FILE" in ended.stderr
        assert "geheim" not in ended.stderr

    def test_may_lie_in_a_file(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("host=127.0.0.1 port=1 password=geheim\n")
        variables = {"STOCKADE_POSTGRES_CONNINFO_FILE": str(secret)}
        ended = run_with(variables, "doctor", "--listen=127.0.0.1:0")
        assert ended.returncode == 1, ended
        assert "FAIL  postgres" in ended.stdout
        assert "geheim" not in ended.stdout + ended.stderr
        secret.write_text("host=x\nhost=y\n")
        ended = run_with(variables, "serve", "--data=x")
        assert ended.returncode == FORBIDDEN, ended
        assert "one is needed" in ended.stderr
