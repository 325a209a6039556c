# SPDX-License-Identifier: Apache-2.0
"""`stockade doctor` on machines that are well and on machines that aren't."""

import json
import os
import socket
import subprocess

import pytest
import stockade_server
from stockade_server import run

HERE = "--listen=127.0.0.1:0"
# Tables that fit anywhere, and a journal that does.
SMALL = ("--ids-max=1000", "--holds-max=1000", "--accounts-max=1000", "--journal-max=64MiB")


def doctor(*flags, under=()):
    """Its exit code, and its findings by topic."""
    ended = subprocess.run(
        stockade_server.command("doctor", "-o", "json", HERE, *SMALL, *flags, under=under),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    answer = json.loads(ended.stdout)
    findings = {each["topic"]: each for each in answer["findings"]}
    assert len(findings) == len(answer["findings"])
    for each in answer["findings"]:
        assert each["level"] in ("PASS", "WARN", "FAIL")
        assert (each["level"] == "PASS") == (each["advice"] == ""), each
    failed = any(each["level"] == "FAIL" for each in answer["findings"])
    assert answer["ok"] == (not failed)
    assert ended.returncode == (1 if failed else 0)
    return ended.returncode, findings


def test_a_machine_that_is_well(tmp_path):
    code, findings = doctor(f"--data={tmp_path}/data")
    assert code == 0, findings
    for topic in (
        "settings", "files", "memory", "processors", "kernel", "clock", "huge pages", "data",
        "owner", "lock", "file system", "space", "fdatasync", "listen",
    ):
        assert topic in findings
    assert "p50" in findings["fdatasync"]["text"]
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


def test_text_for_people(tmp_path):
    ended = run("doctor", HERE, *SMALL, f"--data={tmp_path}/no/data")
    assert ended.returncode == 1
    assert "FAIL  data" in ended.stdout
    assert f"-> mkdir -p '{tmp_path}/no'" in ended.stdout
    assert ended.stdout.splitlines()[-1].endswith("1 to mend")


def test_a_file_in_the_place_of_the_directory(tmp_path):
    (tmp_path / "data").write_text("x")
    code, findings = doctor(f"--data={tmp_path}/data")
    assert code == 1
    assert "no directory" in findings["data"]["text"]


def test_a_directory_that_may_not_be_written_to():
    code, findings = doctor("--data=/proc/self/task")
    assert code == 1
    assert "FAIL" in {findings[each]["level"] for each in ("data", "fdatasync") if each in findings}


def test_a_file_system_of_memory():
    path = f"/dev/shm/doctor-{os.getpid()}"
    code, findings = doctor(f"--data={path}")
    assert code == 0
    assert findings["file system"]["level"] == "WARN"
    assert "tmpfs" in findings["file system"]["text"]


def test_a_directory_in_use(journal_server):
    server = journal_server()
    code, findings = doctor(f"--data={server.data}", f"--listen={server.address}")
    assert code == 0, findings
    for topic in ("lock", "listen"):
        assert findings[topic]["level"] == "WARN"
        assert "the server you ask about" in findings[topic]["advice"]
    assert "in use by a running server" in findings["lock"]["text"]
    assert findings["space"]["level"] == "PASS"
    assert "prepared ones included" in findings["space"]["text"]
    assert server.is_alive


def test_a_directory_in_use_and_something_that_fails(journal_server):
    server = journal_server()
    code, findings = doctor(f"--data={server.data}", under=("prlimit", "--nofile=100:100"))
    assert code == 1
    assert findings["lock"]["level"] == "WARN"
    assert findings["files"]["level"] == "FAIL"


def test_a_directory_open_to_others(tmp_path):
    tmp_path.chmod(0o755)
    _, findings = doctor(f"--data={tmp_path}")
    assert findings["owner"]["level"] == "WARN"
    assert "chmod 750" in findings["owner"]["advice"]
    tmp_path.chmod(0o750)
    _, findings = doctor(f"--data={tmp_path}")
    assert findings["owner"]["level"] == "PASS"


def test_less_space_than_the_journal_may_take(tmp_path):
    _, findings = doctor(f"--data={tmp_path}", "--journal-max=1000000GiB")
    assert findings["space"]["level"] == "WARN"


@pytest.mark.parametrize("files, level", [(100, "FAIL"), (1000, "WARN")])
def test_few_open_files(files, level):
    _, findings = doctor(under=("prlimit", f"--nofile={files}:{files}"))
    assert findings["files"]["level"] == level
    assert "ulimit -n" in findings["files"]["advice"]


def test_tables_larger_than_the_memory():
    code, findings = doctor("--ids-max=268435456", "--accounts-max=268435456")
    assert code == 1
    assert findings["memory"]["level"] == "FAIL"


def test_more_loops_than_processors():
    _, findings = doctor("--loops=64")
    assert findings["processors"]["level"] == ("PASS" if os.cpu_count() >= 64 else "WARN")


def test_a_busy_port():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        code, findings = doctor(f"--listen=127.0.0.1:{busy.getsockname()[1]}")
    assert code == 1
    assert findings["listen"]["level"] == "FAIL"


def test_settings_that_contradict():
    code, findings = doctor("--listen=0.0.0.0:0")
    assert code == 1
    assert "--insecure-listen" in findings["settings"]["text"]


class TestPostgres:
    def test_that_is_well(self, postgres):
        place = postgres.create_database("doctor_empty")
        code, findings = doctor(f"--postgres={place}")
        assert "version 1" in findings["postgres"]["text"]
        assert findings["postgres role"]["level"] == "PASS"
        assert "no tables yet" in findings["postgres schema"]["text"]
        assert "fsync" in findings["postgres disk"]["text"]
        assert code == 0, findings

    def test_with_tables(self, postgres):
        place = postgres.create_database("doctor_tables")
        assert run("migrate", "up", f"--postgres={place}").returncode == 0
        _, findings = doctor(f"--postgres={place}")
        assert "version 2, as this stockade needs it" in findings["postgres schema"]["text"]

    def test_that_is_away(self):
        code, findings = doctor("--postgres=host=127.0.0.1 port=1")
        assert code == 1
        assert findings["postgres"]["level"] == "FAIL"
