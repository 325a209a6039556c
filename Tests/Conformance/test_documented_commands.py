# SPDX-License-Identifier: Apache-2.0
"""The commands that the guides show are run, in their order, and must do what stands there.

A block of ```console is a list of commands: a line that begins with `$ `, further lines of it after a
backslash, and below it what it prints, the whole or nothing. `…` stands for anything within a
line; alone on a line, for any lines. `# exit N` behind a command is the exit code it must have.
A `stockade serve` runs in the background until its block ends; then it must end with 0.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from stockade_server import BINARIES, ROOT

GUIDES = ("README.md", "Protocols/README.md", "ops/README.md")
SECONDS = 60

# Commands that aren't run here, the file that runs them, and the words by which it does.
ELSEWHERE = {
    "ops/build": ("ops/test", "\nops/build\n"),
    "ops/test": ("ops/test", "-m pytest Tests/Conformance"),
    "python3 -m venv venv && . venv/bin/activate": ("ops/lib/setup.sh", "python3 -m venv "),
    "pip install grpcio grpcio-tools grpcio-status": (
        "Tests/Conformance/requirements.txt", "\ngrpcio-status==",
    ),
    "ops/demo": ("Tests/Conformance/test_documented_commands.py", 'ROOT / "ops/demo"'),
}

# Places of an operator's machine, here in the test's own directory.
PLACES = ("/var/lib/stockade", "/etc/stockade")


@dataclass
class Command:
    """A command, the lines that it prints (None: nothing is shown), its exit code."""

    text: str
    line: int
    code: int = 0
    output: list = field(default_factory=list)

    @property
    def is_server(self):
        return "stockade serve" in self.text


def blocks_of(text):
    """The console blocks, each a list of commands."""
    blocks, block = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if block is None:
            if line == "```console":
                block = []
        elif line == "```":
            assert block, f"line {number}: a block without a command"
            blocks.append(block)
            block = None
        elif line.startswith("$ "):
            block.append(Command(line[2:], number))
        elif block and block[-1].text.endswith("\\") and not block[-1].output:
            block[-1].text += "\n" + line
        else:
            assert block, f"line {number}: output without a command"
            block[-1].output.append(line)
    assert block is None, "a block isn't closed"
    for command in (each for block in blocks for each in block):
        if exit_code := re.search(r"\s+# exit (\d+)$", command.text):
            command.code = int(exit_code.group(1))
    return blocks


def matches(printed, shown):
    """Whether lines are what is shown."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in shown
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


class Place:
    """A directory like a checkout, where commands are run."""

    def __init__(self, directory):
        self.directory = directory
        self.servers = []
        for each in ROOT.iterdir():
            if not each.name.startswith("."):
                if each.is_dir():
                    shutil.copytree(
                        each, directory / each.name, symlinks=True,
                        ignore=shutil.ignore_patterns("__pycache__"),
                    )
                else:
                    shutil.copy(each, directory / each.name)
        (directory / ".build").mkdir()
        (directory / ".build/release").symlink_to(BINARIES)
        for place in PLACES:
            self.path(place).parent.mkdir(parents=True, exist_ok=True)
        self.environment = dict(
            os.environ,
            PATH=os.pathsep.join(
                (str(BINARIES), str(Path(sys.executable).parent), os.environ["PATH"])
            ),
        )

    def path(self, place):
        return self.directory / "root" / place.lstrip("/")

    def here(self, text):
        """A command as it is run here."""
        for place in PLACES:
            text = text.replace(place, str(self.path(place)))
        return text

    def there(self, text):
        """What it printed, as an operator would see it."""
        for place in PLACES:
            text = text.replace(str(self.path(place)), place)
        return text

    def run(self, command):
        words = command.text.split("#")[0].strip()
        if words in ELSEWHERE:
            return
        if command.is_server:
            self.serve(command)
            return
        ended = subprocess.run(
            ["bash", "-euc", self.here(command.text)],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        where = f"line {command.line}: {command.text}\n"
        assert ended.returncode == command.code, f"{where}exit {ended.returncode}: {ended.stdout}"
        printed = self.there(ended.stdout)
        if command.output:
            assert matches(printed.splitlines(), command.output), f"{where}printed\n{printed}"

    def serve(self, command):
        """Starts a server and waits until it has printed what is shown, its log besides."""
        log = self.directory / f"server-{len(self.servers)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-euc", "exec " + self.here(command.text)],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.servers.append((process, command, log))
        deadline = time.monotonic() + SECONDS
        while True:
            printed = self.there(log.read_text(encoding="utf-8")).splitlines()
            missing = [
                line
                for line in command.output
                if not any(matches([each], [line]) for each in printed)
            ]
            if not missing and any(line.startswith("ready ") for line in printed):
                return
            assert process.poll() is None and time.monotonic() < deadline, (
                f"line {command.line}: {command.text}\n{missing} not among\n" + "\n".join(printed)
            )
            time.sleep(0.02)

    def end_block(self):
        """Ends the block's servers; each must end well."""
        servers, self.servers = self.servers, []
        for process, *_ in servers:
            process.send_signal(signal.SIGTERM)
        try:
            for process, command, log in servers:
                code = process.wait(SECONDS)
                assert code == 0, f"line {command.line}: exit {code}\n{log.read_text()}"
        finally:
            for process, *_ in servers:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def run_all(text, directory):
    place = Place(directory)
    for block in blocks_of(text):
        try:
            for command in block:
                place.run(command)
        finally:
            place.end_block()


@pytest.mark.parametrize("guide", GUIDES)
def test_does_what_stands_there(guide, tmp_path):
    run_all((ROOT / guide).read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize("guide", GUIDES)
def test_has_no_command_that_is_not_run(guide):
    """Commands stand in console blocks, where they are found."""
    text = (ROOT / guide).read_text(encoding="utf-8")
    fences = set(re.findall(r"^```(\S+)", text, re.MULTILINE))
    assert fences <= {"console", "yaml"}, fences
    for number, line in enumerate(text.splitlines(), 1):
        assert not re.match(r"    (\$ |(\S*/)?(stockade|stampede|python|ops/\w+) )", line), (
            f"{guide}:{number}: put it into a console block"
        )


def test_every_command_elsewhere_is_run_there():
    shown = {
        command.text.split("#")[0].strip()
        for guide in GUIDES
        for block in blocks_of((ROOT / guide).read_text(encoding="utf-8"))
        for command in block
    }
    assert set(ELSEWHERE) <= shown, "a row that no guide needs"
    for command, (file, words) in ELSEWHERE.items():
        assert words in (ROOT / file).read_text(encoding="utf-8"), f"{command} isn't run in {file}"


@pytest.mark.full
def test_the_demo():
    ended = subprocess.run(
        [ROOT / "ops/demo"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=900, check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "\nPASS  flash-sale" in ended.stdout


def test_the_configuration_that_is_shown(tmp_path):
    examples = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "ops/README.md").read_text(encoding="utf-8"), re.M | re.S
    )
    assert examples
    for example in examples:
        (tmp_path / "shown.yaml").write_text(example)
        command = [BINARIES / "stockade", "config", "check", "shown.yaml"]
        subprocess.run(command, cwd=tmp_path, check=True)


class TestThatThisCanFail:
    """Guides with a lie in them."""

    @pytest.mark.parametrize(
        "lie",
        [
            "$ stockade sevre",
            "$ stockade --version   # exit 3",
            "$ stockade --version\nstockade 99.9.9",
            "$ stockade --version\nstockade …\nand more",
            "$ stockade explain\n…\nNO_SUCH_REASON …",
            "$ stockade serve --no-such-flag",
            "$ stockade serve --mode memory --listen 127.0.0.1:0\nready 127.0.0.1:1",
            "$ stockade serve --mode memory --listen 127.0.0.1:0\nready 127.0.0.1:…\n"
            "$ false",
        ],
    )
    def test_lies_are_found(self, lie, tmp_path, monkeypatch):
        monkeypatch.setattr(sys.modules[__name__], "SECONDS", 5)
        with pytest.raises(AssertionError):
            run_all(f"```console\n{lie}\n```\n", tmp_path)

    def test_truths_are_not(self, tmp_path):
        run_all(
            "```console\n$ stockade serve --mode memory --listen 127.0.0.1:0\n"
            "ready 127.0.0.1:…\n$ stockade --version\nstockade …\n"
            "$ stockade \\\n    --version\n…\n$ stockade sevre   # exit 2\n```\n",
            tmp_path,
        )

    def test_lines_are_compared(self):
        assert matches(["a", "b"], ["a", "b"])
        assert matches(["a", "b", "c"], ["a", "…"])
        assert matches(["a 1 b"], ["a … b"])
        assert not matches(["a", "b"], ["a"])
        assert not matches(["a"], ["a", "b"])
        assert not matches(["a 1 c"], ["a … b"])
