# SPDX-License-Identifier: Apache-2.0
"""A server's thread stopped, and its system calls watched, failed or made its last: by ptrace."""

import ctypes
import functools
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

PTRACE_DETACH = 17
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
WAIT_ALL = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request, thread_id):
    if _libc.ptrace(request, thread_id, None, None) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace {request:#x}: {os.strerror(number)}")


class StoppedThread:
    """Stops one thread of a server, as a disk that stands still would; it goes on afterwards.

    The thread that enters must be the one that leaves.
    """

    def __init__(self, server, name):
        self.thread_id = server.thread_id(name)
        self.is_stopped = False

    def __enter__(self):
        try:
            _ptrace(PTRACE_SEIZE, self.thread_id)
        except PermissionError as error:
            pytest.skip(f"no ptrace here: {error}")
        _ptrace(PTRACE_INTERRUPT, self.thread_id)
        os.waitpid(self.thread_id, WAIT_ALL)
        self.is_stopped = True
        return self

    def __exit__(self, *_):
        self.resume()

    def resume(self):
        if self.is_stopped:
            self.is_stopped = False
            try:
                _ptrace(PTRACE_DETACH, self.thread_id)
            except ProcessLookupError:
                pass  # the server was killed meanwhile


    def kill(self, server):
        """kill -9 while it is stopped: its tracer has to take leave of it before it is gone."""
        server.process.kill()
        os.waitpid(self.thread_id, WAIT_ALL)
        self.is_stopped = False
        server.kill()


@functools.cache
def why_no_strace():
    """None where strace may trace; else the reason."""
    if not shutil.which("strace"):
        return "strace isn't installed"
    tried = subprocess.run(
        ["strace", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=9", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if tried.returncode == 0 else f"strace may not trace: {tried.stderr}"


def need_strace():
    if why_no_strace():
        pytest.skip(why_no_strace())


def strace(output, *injections, calls="pwrite64,fdatasync,fsync,rename,renameat,renameat2"):
    """A command before the server's that traces `calls` of all its threads into `output`. The
    server keeps the process id: strace is a process beside it."""
    need_strace()
    options = [f"--inject={each}" for each in injections]
    return (
        "strace", "-D", "-f", "-y", "-tt", "-o", str(output), f"--trace={calls}", *options,
    )


class Tracer:
    """strace on one thread of a server that runs already."""

    def __init__(self, thread_id, *injections, calls="pwrite64,fdatasync"):
        need_strace()
        self.output = tempfile.NamedTemporaryFile("r", suffix=".strace")
        self._said = tempfile.TemporaryFile("w+")
        options = [f"--inject={each}" for each in injections]
        self.process = subprocess.Popen(
            ["strace", "-y", "-p", str(thread_id), "-o", self.output.name, f"--trace={calls}",
             *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        self._wait_for_attachment(thread_id)

    def _wait_for_attachment(self, thread_id):
        status = Path(f"/proc/{thread_id}/status")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            tracer = re.search(r"^TracerPid:\s+(\d+)$", status.read_text(), re.MULTILINE)
            if int(tracer.group(1)) == self.process.pid:
                return
            if self.process.poll() is not None:
                self._said.seek(0)
                pytest.skip(f"strace may not attach: {self._said.read()}")
            time.sleep(0.005)
        raise AssertionError("strace didn't attach within 20 s")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.output.close()
        self._said.close()

    def lines(self):
        """What it wrote once the traced process has ended."""
        self.process.wait(20)
        return Path(self.output.name).read_text(encoding="utf-8", errors="replace").splitlines()
