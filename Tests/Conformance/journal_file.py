# SPDX-License-Identifier: Apache-2.0
"""A data directory's journal from outside: where its blocks lie, and ways to damage it.

The format is read by the module that made the golden segments, which shares no code with the
server.
"""

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from stockade_server import ROOT

FORMAT = ROOT / "Protocols/golden/journal_format.py"


def _load_format():
    spec = importlib.util.spec_from_file_location("journal_format", FORMAT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


journal_format = _load_format()
SECTOR = journal_format.SECTOR


@dataclass
class Place:
    """Where a block lies."""

    segment: int
    offset: int
    byte_count: int
    body_len: int
    is_seal: bool

    @property
    def end(self):
        return self.offset + self.byte_count


class JournalFiles:
    """The segment files of one data directory."""

    def __init__(self, data):
        self.data = Path(data)
        self.directory = self.data / "journal"

    def path(self, segment):
        return self.directory / f"{segment:016x}.seg"

    def bytes_of(self, segment):
        return bytearray(self.path(segment).read_bytes())

    def write(self, segment, content):
        self.path(segment).write_bytes(content)

    def count(self):
        return len(list(self.directory.glob("*.seg")))

    def begun(self):
        """How many segments have a header."""
        return sum(
            journal_format.SegmentHeader.parse(self.path(each).open("rb").read(SECTOR)) is not None
            for each in range(self.count())
        )

    def blocks(self, segment):
        """The segment's blocks, by their headers alone, up to the first that isn't one."""
        content = self.bytes_of(segment)
        offset = SECTOR
        places = []
        while header := journal_format.BlockHeader.parse(content[offset : offset + SECTOR]):
            places.append(
                Place(
                    segment,
                    offset,
                    header.byte_count,
                    header.body_len,
                    header.flags & journal_format.SEAL != 0,
                )
            )
            offset += header.byte_count
        return places

    def last(self):
        """The journal's last block and the blocks of its segment."""
        places = self.blocks(self.begun() - 1)
        return places[-1], places

    def flip(self, segment, offset, bit=0):
        """Flips one bit of a file."""
        content = self.bytes_of(segment)
        content[offset] ^= 1 << bit
        self.write(segment, content)

    def cut_last_block(self, kept=0):
        """Zeroes the last block but its first `kept` bytes, as an unfinished write leaves it."""
        content = self.bytes_of(self.begun() - 1)
        last, _ = self.last()
        content[last.offset + kept : last.end] = bytes(last.byte_count - kept)
        self.write(last.segment, content)
        return last

    def hashes(self):
        """Of every file: what a start that is refused must leave as it is."""
        return {
            str(path.relative_to(self.data)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
        }
