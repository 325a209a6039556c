# SPDX-License-Identifier: Apache-2.0
"""A real `stockade serve` as a child process."""

import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("TEST_BINARIES", ROOT / ".build/release"))
STOCKADE = BINARIES / "stockade"

# Small tables: a server is up at once, and no test fills them by accident.
USUAL_FLAGS = (
    "--accounts-max=20000",
    "--codes-max=40000",
    "--holds-max=100000",
    "--ids-max=400000",
    "--legs-max=400000",
)

READY_SECONDS = 30
STOP_SECONDS = 30

# In journal mode: segments of 8 MiB, so that a start writes little.
JOURNAL_FLAGS = (
    "--journal-max=64MiB",
    "--accounts-max=10k",
    "--codes-max=20k",
    "--holds-max=20k",
    "--ids-max=60k",
    "--legs-max=60k",
)

# Every server that this run started, by process id.
started = []


def command(*arguments, under=(), program=STOCKADE):
    """The command line of a child that ends when this process does, however that ends.

    `under` comes before the server's: a tracer that lets the server keep its process id.
    """
    guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    return [*guard, *under, str(program), *arguments]


def run(*arguments, seconds=30, directory=None, under=()):
    """Runs `stockade ARGUMENTS` to its end, in `directory` if that is given, `under` a command."""
    return subprocess.run(
        command(*arguments, under=under),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=directory,
    )


def refused_start(data, *flags):
    """Runs `stockade serve` on `data` to its end, which must come by itself."""
    flags = merged(flags, JOURNAL_FLAGS)
    return run("serve", "--listen=127.0.0.1:0", f"--data={data}", *flags)


class StockadeServer:
    """One server on a port that the kernel chooses: in memory mode, or with `data` on its journal.

    `flags` come after the usual ones, so they win; `listen` replaces the address. `under` is a
    command that runs it, such as a tracer; `directory` is where it runs.
    """

    def __init__(
        self, *flags, listen="127.0.0.1:0", data=None, under=(), directory=None, program=STOCKADE
    ):
        self.flags = flags
        self.program = program
        self.data = data
        self.under = under
        self.directory = directory
        if data is None:
            place = ("--mode=memory", *merged(flags))
        else:
            place = ("--mode=journal", f"--data={data}", *merged(flags, JOURNAL_FLAGS))
        self.arguments = ("serve", f"--listen={listen}", *place)
        self.address = None
        self.process = None
        self.ready_line = None
        self._log = tempfile.TemporaryFile("w+b")  # closed in stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Starts it and waits for the line that says that it serves."""
        self.begin()
        line = self._first_line()
        found = re.fullmatch(r"ready (\S+:\d+)\n", line)
        if not found:
            self.kill()
            raise AssertionError(f"no ready line but {line!r}; it said:\n{self.log()}")
        self.ready_line = line
        self.address = found.group(1)
        return self

    def begin(self):
        """Starts it and doesn't wait for anything."""
        self.process = subprocess.Popen(
            command(*self.arguments, under=self.under, program=self.program),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=self.directory,
        )
        started.append(self.process.pid)
        return self

    def successor(self, *flags, **place):
        """Another server on the same data with the same flags and `flags`; not started."""
        again = [each for each in self.flags if each.partition("=")[0] not in names_of(flags)]
        place = {"directory": self.directory, "program": self.program, **place}
        return StockadeServer(*again, *flags, data=self.data, **place)

    def _first_line(self):
        deadline = time.monotonic() + READY_SECONDS
        received = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    break
                chunk = os.read(self.process.stdout.fileno(), 4096)
                if not chunk:
                    break
                received += chunk
        return received.decode(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    @property
    def host(self):
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        """What it wrote to standard error so far."""
        # pread: the server writes through the same file, and at the same offset.
        file = self._log.fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def resident_kib(self):
        """Its resident memory now, in KiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE).group(1))

    def terminate(self):
        """Asks it to drain; doesn't wait."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=STOP_SECONDS):
        """Waits for its end and gives the exit code and the rest of standard output."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            log = self.log()
            self.kill()
            raise AssertionError(f"still running {seconds} s after SIGTERM; it said:\n{log}")
        rest = self.process.stdout.read().decode(errors="replace")
        self.process.stdout.close()
        return code, rest

    def stop(self):
        """SIGTERM, and it must end by itself with 0, having said nothing but the ready line."""
        if self.process is None or self.process.stdout.closed:
            self._log.close()
            return
        ended_early = self.process.poll()
        if ended_early is None:
            self.terminate()
        code, rest = self.wait()
        log = self.log()
        self._log.close()
        assert ended_early is None, f"it ended by itself with {ended_early}:\n{log}"
        assert code == 0, f"exit {code} after SIGTERM:\n{log}"
        assert rest == "", f"more than the ready line on standard output: {rest!r}"

    def kill(self):
        """kill -9, if it still runs; its log can still be read."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def thread_id(self, name):
        """The system's id of its thread of that name."""
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            if (task / "comm").read_text(encoding="ascii").strip() == name:
                return int(task.name)
        raise AssertionError(f"no thread {name}")


def names_of(flags):
    return {flag.partition("=")[0] for flag in flags}


def merged(flags, usual=USUAL_FLAGS):
    """The usual flags, less those that `flags` sets otherwise, and `flags`."""
    names = names_of(flags)
    return [flag for flag in usual if flag.partition("=")[0] not in names] + list(flags)
