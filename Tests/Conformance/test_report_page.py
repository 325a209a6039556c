# SPDX-License-Identifier: Apache-2.0
"""What a person sees of a run: the report in a browser without a network, the live view in a
terminal."""

import os
import re
import shutil
import signal
import struct
import subprocess
import uuid
import zlib
from html.parser import HTMLParser

import pytest
from shop import eventually
from stampede_process import SALE, STAMPEDE, STEADY, Stampede

COLUMNS, ROWS = 80, 24
WIDTH, HEIGHT = 1_200, 4_000

SECTIONS = ("correct", "validity", "objectives", "charts", "calls", "time", "stages", "repeat")


def require(program, is_full):
    """A program that only the long run insists on."""
    if shutil.which(program) is None:
        if is_full:
            pytest.fail(f"{program} isn't installed: ops/test --full installs it")
        pytest.skip(f"{program} isn't installed")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of a sale with a crash."""
    runs = Stampede(tmp_path_factory.mktemp("report"))
    ended = runs.run(
        SALE, *runs.server(), "--quiet", "--set=load.stages.1.hold.at=1k/s",
        "--set=faults=[{ at: sale+1s, do: kill, restart: 200ms }]",
    ).must_be(0)
    yield ended.folder / "report.html"
    runs.end()


class Chromium:
    """A browser without a window, and without a network."""

    def __init__(self, place, is_full):
        require("chromium", is_full)
        self.place = place

    def show(self, page, *flags):
        """Loads a file and gives what it prints."""
        with (self.place / "chromium.log").open("w+b") as log:
            browser = subprocess.Popen(
                [
                    "chromium", "--headless", "--no-sandbox", "--disable-gpu",
                    "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
                    f"--user-data-dir={self.place / 'profile'}", f"--window-size={WIDTH},{HEIGHT}",
                    *flags, page.as_uri(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
            try:
                printed, _ = browser.communicate(timeout=120)
                log.seek(0)
                assert browser.returncode == 0, log.read().decode(errors="replace")
            finally:
                # Its children are in a group of their own, and may outlive it.
                try:
                    os.killpg(browser.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                browser.wait()
        return printed


@pytest.fixture
def chromium(tmp_path, is_full):
    return Chromium(tmp_path, is_full)


class Outline(HTMLParser):
    """Elements in their order, with their id and their text, and what refers to somewhere else."""

    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.references = []
        self._open = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        entry = {name: attributes.get(name) for name in ("id", "class")}
        entry |= {"tag": tag, "text": ""}
        self.references += [
            value for name, value in attributes.items()
            if name in ("href", "src", "srcset", "data", "action") and not value.startswith("#")
        ]
        self.elements.append(entry)
        if tag not in ("meta", "link", "br", "img", "input", "hr"):
            self._open.append(entry)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()["tag"] != tag:
            pass

    def handle_data(self, data):
        for entry in self._open:
            entry["text"] += data

    def ids(self):
        return [each["id"] for each in self.elements if each["id"]]

    def all(self, tag):
        return [each for each in self.elements if each["tag"] == tag]


class TestReport:
    def test_says_the_verdict_first(self, chromium, report):
        outline = Outline(chromium.show(report, "--dump-dom"))
        (body,) = outline.all("body")
        words = re.sub(r"\s+", " ", body["text"]).removeprefix(" Skip to the findings").strip()
        assert words.startswith("✓ PASS"), words[:200]
        (header,) = outline.all("header")
        assert header["class"] == "good"
        for expected in ("small-sale", "Exit code 0: all right", "Seed5"):
            assert expected in re.sub(r"\s+", " ", header["text"]).replace("Seed ", "Seed")
        assert outline.all("title")[0]["text"] == "PASS: small-sale, stampede"

    def test_has_every_section(self, chromium, report):
        outline = Outline(chromium.show(report, "--dump-dom"))
        places = [outline.ids().index(each) for each in ("main", *SECTIONS)]
        assert places == sorted(places)
        assert len(outline.all("svg")) >= 6, "its charts"
        text = outline.all("main")[0]["text"]
        for expected in ("oversold", "undersold", "schedule lag", "error_rate < 1%", "Reserve",
                         "kill -9 of the server", "the server serves again", "--server-command"):
            assert expected in text, expected
        assert outline.references == [], "nothing but places of its own"
        assert not outline.all("script")

    def test_can_be_seen(self, chromium, report):
        image = chromium.place / "report.png"
        chromium.show(report, "--hide-scrollbars", f"--screenshot={image}")
        width, height, lines = png_lines(image)
        assert (width, height) == (WIDTH, HEIGHT)
        # Of a page of one colour each line is like the one before.
        assert len(set(lines)) > 500, "there is hardly anything on it"
        assert len(set(lines[: HEIGHT // 10])) > 50, "there is hardly anything at its top"


def png_lines(file):
    """Width, height and the lines of a picture as they were filtered before compression."""
    data = file.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, packed, head = 8, b"", None
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        chunk = data[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            head = struct.unpack(">IIBBBBB", chunk)
        elif kind == b"IDAT":
            packed += chunk
        place += length + 12
    width, height, depth, colour, *_ = head
    row = 1 + width * {2: 3, 6: 4}[colour] * depth // 8
    plain = zlib.decompress(packed)
    assert len(plain) == row * height
    return width, height, [plain[at : at + row] for at in range(0, len(plain), row)]


class Terminal:
    """A terminal of 80 by 24, by tmux."""

    def __init__(self, is_full):
        require("tmux", is_full)
        self.socket = f"stampede-{uuid.uuid4().hex[:12]}"

    def __enter__(self):
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
            "env", "PS1=", "LC_ALL=C.UTF-8", "sh",
        )
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def tmux(self, *words):
        ended = subprocess.run(
            ["tmux", "-u", "-L", self.socket, *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=30, check=False,
        )
        assert ended.returncode == 0, ended
        return ended.stdout

    def type(self, text):
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def press(self, key):
        self.tmux("send-keys", key)

    def screen(self):
        """Its lines; one that was wrapped is a line again."""
        return self.tmux("capture-pane", "-p", "-J").splitlines()


class TestLiveView:
    @pytest.mark.parametrize("colour", ["", "--no-color"], ids=["colour", "ascii"])
    def test_shows_the_run(self, stampede, tmp_path, start_server, is_full, colour):
        file = stampede.file(STEADY)
        out = tmp_path / "runs"
        go = stampede.file(
            f"clear; {STAMPEDE} run {file} --target {start_server().address} --out {out} "
            f"--set load.stages.1.hold.for=60s {colour}; echo exit $?",
            "go.sh",
        )
        with Terminal(is_full) as terminal:
            terminal.type(f". {go}")
            picture = eventually(lambda: self.picture(terminal), seconds=60, every=0.2)
            assert max(map(len, picture)) <= COLUMNS
            text = "\n".join(picture)
            assert re.search(r"^small-sale  run [0-9a-f]+  stage sale$", text, re.MULTILINE), text
            for expected in (
                r"^  offered +\d+/s", r"^  achieved +\d+/s", r"^  in flight +\d+",
                r"^  p99 +\S+ \ws",
                r"^  response +p50 \S+ \ws  p99 \S+ \ws  p99\.9 \S+ \ws",
                r"^  answers/s +ok \d+",
            ):
                assert re.search(expected, text, re.MULTILINE), f"{expected} isn't in\n{text}"
            if colour:
                assert text.isascii(), text
            terminal.press("C-c")
            # The verdict is longer than the terminal: the end of it stays.
            eventually(lambda: "exit 130" in terminal.screen(), seconds=60)
        assert [each.name for each in out.iterdir() if not each.name.endswith(".partial")]

    @staticmethod
    def picture(terminal):
        """The screen once the load is in its second stage."""
        screen = terminal.screen()
        assert not any(line.startswith("exit ") for line in screen), "\n".join(screen)
        is_whole = any(line.startswith("small-sale  run ") for line in screen)
        return is_whole and any("stage sale" in line for line in screen) and screen
