# SPDX-License-Identifier: Apache-2.0
"""A real `stampede run` as a child process, and what it leaves in its folder."""

import contextlib
import functools
import itertools
import json
import os
import shlex
import shutil
import signal
import struct
import subprocess
from collections import namedtuple
from pathlib import Path

from shop import eventually
from stockade_server import BINARIES, ROOT, STOCKADE

STAMPEDE = BINARIES / "stampede"
# The server that can break its promises on purpose: `ops/build --planted` (decision 0012).
PLANTED = Path(os.environ.get("TEST_PLANTED", ROOT / ".build-planted/release/stockade"))
SCENARIOS = ROOT / "loadtest/scenarios"

# A server that is up at once.
SERVER_FLAGS = (
    "--journal-max 64MiB --accounts-max 10k --codes-max 10k --holds-max 50k --ids-max 300k"
)

# Everything that a journey can be, in two seconds; at its end two SKUs are sold out. Gentle enough
# for a machine that has other things to do, and with a standstill of the server beside which nobody
# asks whether the generator was a little late.
SALE = """\
version: 1
name: small-sale
target: { connections: 4, max_streams: 256 }
seed: 5
goods: { skus: 50, flash: 2, stock: { flash: 300, normal: 10k } }
pick: { flash: { before: 50%, share: 50% } }
dealers: { count: 100 }
load:
  stages:
    - warmup: { to: 200/s, over: 500ms }
    - hold: { at: 300/s, for: 2s, name: sale }
journeys:
  order:
    weight: 70%
    steps:
      - get_stock
      - reserve: { ttl: 1s, fill: partial }
      - think: { exponential: 5ms }
      - choose:
          - { weight: 80%, steps: [confirm] }
          - { weight: 10%, steps: [release] }
          - { weight: 10%, steps: [abandon] }
  resend:
    weight: 10%
    steps: [reserve: { ttl: 1s }, again, confirm, again]
  undecided:
    weight: 10%
    steps: [reserve: { ttl: 1s }, race]
  overtaken:
    weight: 10%
    steps: [release, reserve: { ttl: 1s }]
calls: { timeout: 2s, attempts: 50, give_up: 20s }
closing: { units_max: 10k }
slo: ['error_rate < 1%']
faults: [{ at: sale+200ms, do: stop, for: 200ms }]
"""

# A sale without an end at a server that nobody harms: nothing sells out, nothing is waited for, no
# draw depends on an answer.
STEADY = (
    SALE.replace("flash: 300,", "flash: 10k,")
    .replace("closing: { units_max: 10k }", "closing: off")
    .partition("faults:")[0]
)

# Besides SALE: six times as busy, and the server killed twice.
CRASH = (
    "--set=load.stages.1.hold.at=2k/s",
    "--set=faults=[{ at: sale+500ms, do: kill, restart: 50ms },"
    " { at: sale+1500ms, do: kill, restart: 0s }]",
)

# Somebody looks, as evenly as can be.
LOOKS = """\
version: 1
name: looks
target: { connections: 4, max_streams: 256 }
goods: { skus: 10 }
load:
  arrivals: even
  stages: [hold: { at: 200/s, for: 1s }]
journeys: { look: { weight: 100%, steps: [get_stock] } }
calls: { timeout: 30s }
"""

# Besides LOOKS: a standstill as in SALE.
STANDSTILL = "--set=faults=[{ at: 300ms, do: stop, for: 300ms }]"

# Without a Postgres; with one there is `postgres` besides.
CHECKS = ("oversold", "conservation", "lost", "phantom", "duplicate", "unknown", "expiry", "race",
          "undersold")

# Of a ledger's rows: kinds of call, outcomes, flags.
RESERVE, CONFIRM, RELEASE, CREATE_ORDER, CANCEL_ORDER = 1, 2, 3, 4, 5
ACKNOWLEDGED = 1
AGAIN, CLOSING = 2, 8

Row = namedtuple(
    "Row",
    "reservation_high reservation_low journey due sent answered requested granted available sku "
    "attempts time_to_live line lines kind outcome status reason state flags",
)
_ROW = struct.Struct("<QQQQQQqqqIIIHHBBBBBBxx")
_HEAD_BYTES, _END_BYTES = 128, 64


def read_ledger(file):
    """Every row of a run's ledger, in the order in which it was written."""
    data = Path(file).read_bytes()
    version, row_bytes = struct.unpack_from("<II", data, 8)
    assert (data[:8], version, row_bytes) == (b"STAMPLED", 1, _ROW.size)
    end = data[-_END_BYTES:]
    rows = [Row(*each) for each in _ROW.iter_unpack(data[_HEAD_BYTES:-_END_BYTES])]
    assert end[:8] == b"STAMPEND"
    assert struct.unpack_from("<Q", end, 8)[0] == len(rows)
    return rows


class Ended:
    """A run that has come to its end."""

    def __init__(self, code, stdout, stderr, out):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.out = out

    def __repr__(self):
        return f"exit {self.code}\n{self.stdout}{self.stderr}"

    @functools.cached_property
    def folder(self):
        """Where its results are; there must be nothing else beside them."""
        (folder,) = self.out.iterdir()
        assert self.stdout.endswith(f"report: {folder}/report.html\n"), self
        return folder

    @functools.cached_property
    def summary(self):
        return json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))

    @property
    def left_out(self):
        """Names of what lies where its folder was to be."""
        return [each.name for each in self.out.iterdir()] if self.out.exists() else []

    def checks(self, outcome):
        """Names of the checks that ended so."""
        return {each["name"] for each in self.summary["checks"] if each["outcome"] == outcome}

    def check(self, name):
        return next(each for each in self.summary["checks"] if each["name"] == name)

    def call(self, name):
        """Figures of one kind of call."""
        return next(each for each in self.summary["calls"] if each["call"] == name)

    def events(self, kind):
        return [each for each in self.summary["events"] if each["kind"] == kind]

    def ledger(self):
        return read_ledger(self.folder / "ledger.bin")

    def must_be(self, code):
        """Gives itself if it ended with that code, and said so in its summary."""
        assert self.code == code, self
        assert self.summary["exit_code"] == code, self
        return self

    def must_pass(self):
        """Gives itself if it passed, or would have on a machine that isn't busy with other things:
        beside a server that answers at once it takes little to make the generator late."""
        return self.must_be(5 if self.was_late else 0)

    @property
    def was_late(self):
        """Whether the generator was woken too late to tell more than that."""
        return self.code == 5 and all(
            reason.startswith("schedule lag") for reason in self.summary["reasons"]
        )


class Running:
    """A run under way."""

    def __init__(self, words, out):
        self.out = out
        out.parent.mkdir(exist_ok=True)
        self._stdout = out.with_suffix(".stdout")
        self._stderr = out.with_suffix(".stderr")
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [*guard, str(STAMPEDE), *words],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        # What else the machine does makes the generator late, and lateness is judged. Its server
        # and its threads come later and have the same priority.
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, self.pid, -15)

    @property
    def pid(self):
        return self.process.pid

    def stderr(self):
        return self._stderr.read_text(encoding="utf-8")

    def wait_for_second(self, number):
        """Until it has told of its second so many."""

        def told():
            assert self.process.poll() is None, self.stderr()
            return f"\n{number} s  " in "\n" + self.stderr()

        eventually(told, seconds=60, every=0.005)

    def server_pid(self):
        """The server that it started."""
        (pid,) = self._children()
        return pid

    def _children(self):
        pids = []
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            pids += (task / "children").read_text(encoding="ascii").split()
        return [int(pid) for pid in pids]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=120):
        """Waits for its end, which must come by itself."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {seconds} s; it said:\n{self.stderr()}")
        return Ended(code, self._stdout.read_text(encoding="utf-8"), self.stderr(), self.out)

    def kill(self):
        """kill -9 of it and of what it started, if it still runs."""
        if self.process.poll() is None:
            self.signal(signal.SIGSTOP)
            for pid in self._children():
                os.kill(pid, signal.SIGKILL)
            self.process.kill()
        self.process.wait()


class Stampede:
    """Runs of stampede below one directory; each has folders of its own."""

    def __init__(self, place):
        self.place = place
        self._numbers = itertools.count(1)
        self._running = []

    def file(self, text, name="scenario.yaml"):
        """A scenario as a file."""
        path = self.place / name
        path.write_text(text, encoding="utf-8")
        return path

    def server(self, *flags, program=STOCKADE):
        """The words that let a run start a server on data of its own."""
        return "--server-command", " ".join(
            [shlex.quote(str(program)), "serve --data {data} --listen {listen}", SERVER_FLAGS,
             *flags]
        )

    def begin(self, scenario, *words):
        """Starts a run; `scenario` is a file or the text of one. `{data}` in the words is a
        directory of its own."""
        if not isinstance(scenario, Path):
            scenario = self.file(scenario)
        number = next(self._numbers)
        data, out = self.place / f"data-{number}", self.place / "out" / f"runs-{number}"
        words = [str(word).replace("{data}", str(data)) for word in words]
        self._running.append(Running(["run", str(scenario), "--out", str(out), *words], out))
        return self._running[-1]

    def run(self, scenario, *words, repeats=2):
        """Runs one to its end; begins anew, a few times at most, when it was only late."""
        while True:
            ended = self.begin(scenario, *words).wait()
            if repeats == 0 or not ended.was_late:
                return ended
            repeats -= 1

    def end(self):
        """Nothing that was started may be left."""
        for running in self._running:
            running.kill()
        left = [pid for pid in _processes() if str(self.place) in _words(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, f"left running: {left}"


def _processes():
    return [int(each) for each in os.listdir("/proc") if each.isdigit()]


def _words(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
