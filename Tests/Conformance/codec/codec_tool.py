# SPDX-License-Identifier: Apache-2.0
"""The codec under test: the tool of Tests/CodecEcho, driven over pipes."""

import os
import struct
import subprocess

VARIABLE = "TEST_CODEC_ECHO"


class Refused(Exception):
    """The codec's answer to bytes that aren't the message."""

    def __init__(self, code, offset):
        super().__init__(f"{code} at {offset}")
        self.code = code
        self.offset = offset


def path():
    """Returns the tool's path; fails, and says what to do, when there is none."""
    tool = os.environ.get(VARIABLE)
    if not tool:
        raise RuntimeError(
            f"{VARIABLE} isn't set: run `swift build --product codec-echo` and set it to"
            " .build/debug/codec-echo (ops/test does both)"
        )
    if not os.access(tool, os.X_OK):
        raise RuntimeError(f"{VARIABLE}={tool}: no such program")
    return tool


def catalogue():
    """Returns what the codec knows: lists of parts, by kind."""
    lines = subprocess.run(
        [path(), "--catalogue"], check=True, capture_output=True, text=True, timeout=60
    ).stdout.splitlines()
    found = {}
    for line in lines:
        kind, *parts = line.split("\t")
        found.setdefault(kind, []).append(parts)
    return found


class CodecTool:
    """One running tool; each call of `recode` is a frame and its answer."""

    def __init__(self):
        self.codes = {int(number): name for number, name in catalogue()["wire error"]}
        self.process = subprocess.Popen(
            [path()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def recode(self, name, data):
        """Has a message decoded and encoded again; raises Refused when it isn't one."""
        encoded = name.encode()
        frame = struct.pack(">I", len(encoded)) + encoded + struct.pack(">I", len(data)) + data
        view = memoryview(frame)
        while view:
            view = view[self.process.stdin.write(view) :]
        if self._read(1) == b"\0":
            return self._read(struct.unpack(">I", self._read(4))[0])
        code, offset = struct.unpack(">BI", self._read(5))
        raise Refused(self.codes[code], offset)

    def close(self):
        """Ends the tool and returns its exit status."""
        self.process.stdin.close()
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self.process.stdout.read(count - len(data))
            if not more:
                status = self.process.wait(timeout=30)
                raise RuntimeError(f"the codec tool ended with status {status}")
            data += more
        return data
