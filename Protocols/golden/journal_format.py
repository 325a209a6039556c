# SPDX-License-Identifier: Apache-2.0
"""Reads, judges and seals Stockade's journal files: format 1, as Protocols/journal.md describes it.

    python Protocols/golden/journal_format.py DIRECTORY            # verdict and blocks
    python Protocols/golden/journal_format.py DIRECTORY --records  # and every record

    python Protocols/golden/journal_format.py DIRECTORY --golden   # segments without their end

DIRECTORY is a server's data directory, or one with *.seg files. Exit codes: 0 fine or torn tail, 3
damaged, 78 no journal. Only the standard library is used and none of Stockade's code: checksums,
the chain and the reading rules are written once more from the description, so that a mistake in
one of the two shows.
"""

import dataclasses
import functools
import pathlib
import struct
import sys

SECTOR = 4096
SEGMENT_HEADER = 128
BLOCK_HEADER = 64
BASE = 16
RECORD_HEADER = 16
BODY_MAX = 4 << 20
SEGMENT_MIN = 2 * SECTOR
SEAL = 1
MASK = (1 << 64) - 1

SEGMENT = struct.Struct("<4sHHII16sQQQQQQQQ32x")
BLOCK = struct.Struct("<4sHHIIQQQIIQQ")
TYPES = {
    1: "define",
    2: "set_stock",
    3: "adjust_stock",
    4: "reserve",
    5: "confirm",
    6: "release",
    7: "expire",
    8: "order",
    9: "order_from_holds",
    10: "cancel",
    11: "extend",
    12: "set_policy",
    13: "transfer",
}


# ---- Checksums ----------------------------------------------------------------------------------


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC_TABLE = _crc_table()


@functools.lru_cache(maxsize=4096)
def crc32c(data):
    """CRC-32C (Castagnoli) of bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def siphash13(key, data):
    """SipHash with one compression and three finalisation rounds; key is two 64-bit words."""

    def rotate(word, bits):
        return (word << bits | word >> (64 - bits)) & MASK

    def rounds(count):
        nonlocal v0, v1, v2, v3
        for _ in range(count):
            v0 = (v0 + v1) & MASK
            v1 = rotate(v1, 13) ^ v0
            v0 = rotate(v0, 32)
            v2 = (v2 + v3) & MASK
            v3 = rotate(v3, 16) ^ v2
            v0 = (v0 + v3) & MASK
            v3 = rotate(v3, 21) ^ v0
            v2 = (v2 + v1) & MASK
            v1 = rotate(v1, 17) ^ v2
            v2 = rotate(v2, 32)

    v0, v1 = key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D
    v2, v3 = key[0] ^ 0x6C7967656E657261, key[1] ^ 0x7465646279746573
    tail = data[len(data) // 8 * 8 :]
    words = [word for (word,) in struct.iter_unpack("<Q", data[: len(data) - len(tail)])]
    words.append(len(data) % 256 << 56 | int.from_bytes(tail, "little"))
    for word in words:
        v3 ^= word
        rounds(1)
        v0 ^= word
    v2 ^= 0xFF
    rounds(3)
    return v0 ^ v1 ^ v2 ^ v3


def _header_crc(header):
    return crc32c(bytes(header[:8] + bytes(4) + header[12:]))


# ---- Headers ------------------------------------------------------------------------------------


@dataclasses.dataclass
class SegmentHeader:
    """The first 128 bytes of a segment that was begun."""

    uuid: bytes
    number: int
    byte_count: int
    epoch: int
    first_block: int
    first_sequence: int
    chain: int
    hash_key: tuple

    def pack(self):
        """Returns the whole first sector."""
        header = bytearray(
            SEGMENT.pack(
                b"SKSG", 1, 0, 0, 0, self.uuid, self.number, self.byte_count, self.epoch,
                self.first_block, self.first_sequence, self.chain, *self.hash_key,
            )
        )
        struct.pack_into("<I", header, 8, _header_crc(header))
        return bytes(header) + bytes(SECTOR - SEGMENT_HEADER)

    @staticmethod
    def parse(data):
        """Returns the header at the begin of `data`, or None when there is no whole one."""
        header = bytes(data[:SEGMENT_HEADER])
        if len(header) < SEGMENT_HEADER:
            return None
        magic, form, _flags, crc, _zero, uuid, *numbers = SEGMENT.unpack(header)
        if magic != b"SKSG" or form != 1 or crc != _header_crc(header):
            return None
        return SegmentHeader(uuid, *numbers[:6], tuple(numbers[6:]))


@dataclasses.dataclass
class BlockHeader:
    """The 64 bytes before a block's body."""

    flags: int
    body_crc: int
    epoch: int
    number: int
    first_sequence: int
    record_count: int
    body_len: int
    durable_sequence: int
    prev_chain: int

    def pack(self):
        """Returns the 64 bytes, sealed with their own checksum."""
        header = bytearray(
            BLOCK.pack(
                b"SKBK", 1, self.flags, 0, self.body_crc, self.epoch, self.number,
                self.first_sequence, self.record_count, self.body_len, self.durable_sequence,
                self.prev_chain,
            )
        )
        struct.pack_into("<I", header, 8, _header_crc(header))
        return bytes(header)

    @staticmethod
    def parse(data):
        """Returns the header at the begin of `data`, or None when there is no whole one."""
        header = bytes(data[:BLOCK_HEADER])
        if len(header) < BLOCK_HEADER:
            return None
        magic, form, flags, crc, *rest = BLOCK.unpack(header)
        found = BlockHeader(flags, *rest)
        if magic != b"SKBK" or form != 1 or flags & ~SEAL or crc != _header_crc(header):
            return None
        if not BASE <= found.body_len <= BODY_MAX:
            return None
        return found

    @property
    def byte_count(self):
        """Bytes of the block with its padding."""
        return -(-(BLOCK_HEADER + self.body_len) // SECTOR) * SECTOR


@dataclasses.dataclass
class Block:
    """A block with its records: (sequence, tick, wall, bytes)."""

    segment: int
    offset: int
    header: BlockHeader
    body: bytes

    @property
    def base(self):
        """Tick and wall milliseconds that the records count from."""
        return struct.unpack_from("<Qq", self.body)

    @property
    def records(self):
        """The records as (sequence, tick, wall milliseconds, bytes); None if they don't fit."""
        records = []
        place = BASE
        for index in range(self.header.record_count):
            if len(self.body) - place < RECORD_HEADER:
                return None
            (length,) = struct.unpack_from("<H", self.body, place)
            if length < RECORD_HEADER or length % 8 or length > len(self.body) - place:
                return None
            tick, wall = struct.unpack_from("<ii", self.body, place + 4)
            records.append(
                (
                    self.header.first_sequence + index,
                    self.base[0] + tick,
                    self.base[1] + wall,
                    self.body[place : place + length],
                )
            )
            place += length
        return records if place == len(self.body) else None


def whole_block(data, offset, segment=0):
    """Returns the block at `offset` if header and body are whole, whatever its place."""
    header = BlockHeader.parse(data[offset : offset + BLOCK_HEADER])
    if header is None or header.byte_count > len(data) - offset:
        return None
    start = offset + BLOCK_HEADER
    body = bytes(data[start : start + header.body_len])
    return Block(segment, offset, header, body) if crc32c(body) == header.body_crc else None


def chain_after(uuid, header):
    """Returns what the next block must name as its predecessor; `header` is 64 bytes."""
    return siphash13(struct.unpack("<QQ", uuid), bytes(header))


def parse_segment(data, segment=0):
    """Returns (segment header or None, whole blocks from the first on up to the first that isn't).

    Says nothing about their order: `read_journal` does.
    """
    header = SegmentHeader.parse(data)
    blocks = []
    offset = SECTOR
    while header is not None and offset < len(data):
        block = whole_block(data, offset, segment)
        if block is None:
            break
        blocks.append(block)
        offset += block.header.byte_count
    return header, blocks


def reseal(data, offset):
    """Recomputes the checksums of a block that was changed in a bytearray."""
    length = struct.unpack_from("<I", data, offset + 44)[0]
    start = offset + BLOCK_HEADER
    struct.pack_into("<I", data, offset + 12, crc32c(bytes(data[start : start + length])))
    struct.pack_into("<I", data, offset + 8, _header_crc(bytes(data[offset:start])))


def reseal_segment(data):
    """Recomputes the checksum of a segment's header that was changed in a bytearray."""
    struct.pack_into("<I", data, 8, _header_crc(bytes(data[:SEGMENT_HEADER])))


# ---- Reading a journal --------------------------------------------------------------------------


class Damage(Exception):
    """The journal isn't what was written."""


@dataclasses.dataclass
class Journal:
    """A journal that was read to its end."""

    uuid: bytes = None
    blocks: list = dataclasses.field(default_factory=list)
    last_sequence: int = 0
    epoch: int = 0
    highest_tick: int = 0
    is_torn: bool = False

    @property
    def verdict(self):
        """What a reader says of it."""
        return f"{'torn' if self.is_torn else 'fine'} {self.last_sequence}"


def read_journal(segments):
    """Reads {number: bytes}; returns a Journal or raises Damage."""
    numbers = sorted(segments)
    if numbers != list(range(len(numbers))):
        raise Damage("a segment is missing")
    for number in numbers:
        if len(segments[number]) < SEGMENT_MIN or len(segments[number]) % SECTOR:
            raise Damage(f"segment {number} has {len(segments[number])} bytes")
    journal = Journal()
    chain, block_number, index, offset = 0, 1, 0, 0
    header = SegmentHeader.parse(segments[0]) if segments else None
    while header is not None:
        data = segments[index]
        if header.number != index or journal.uuid not in (None, header.uuid):
            raise Damage(f"segment {index} belongs to another journal or place")
        if header.byte_count != len(data):
            raise Damage(f"segment {index} was made with {header.byte_count} bytes")
        follows = (block_number, journal.last_sequence + 1, chain)
        if (header.first_block, header.first_sequence, header.chain) != follows:
            raise Damage(f"segment {index} doesn't follow the one before it")
        if header.epoch < journal.epoch:
            raise Damage(f"segment {index} is of an older epoch")
        journal.uuid = header.uuid
        offset = SECTOR
        while (block := whole_block(data, offset, index)) is not None:
            found = block.header
            place = (found.number, found.first_sequence, found.prev_chain)
            if place != (block_number, journal.last_sequence + 1, chain):
                raise Damage(f"a block in the wrong place: segment {index}, byte {offset}")
            if found.epoch < journal.epoch:
                raise Damage(f"a block of an older epoch: segment {index}, byte {offset}")
            records = block.records
            if records is None or (found.flags == SEAL) != (not records):
                raise Damage(f"malformed records: segment {index}, byte {offset}")
            journal.blocks.append(block)
            journal.epoch = found.epoch
            journal.last_sequence += len(records)
            ticks = [tick for _, tick, _, _ in records]
            journal.highest_tick = max([journal.highest_tick, block.base[0], *ticks])
            chain = chain_after(header.uuid, data[offset : offset + BLOCK_HEADER])
            block_number += 1
            offset += found.byte_count
        following = segments.get(index + 1)
        header = SegmentHeader.parse(following) if following is not None else None
        if header is not None:
            index += 1
            offset = 0
    for number in numbers[index:]:
        data = segments[number]
        start = offset if number == index else 0
        for place in range(start, len(data), SECTOR):
            if any(data[place : place + SECTOR]):
                if whole_block(data, place) is not None:
                    raise Damage(
                        f"segment {index}, byte {offset}: a block is broken, and a whole one lies "
                        f"behind it (segment {number}, byte {place})"
                    )
                journal.is_torn = True
    return journal


def verdict(segments):
    """Returns "fine N", "torn N" (N is the last sequence) or "corrupt"."""
    try:
        return read_journal(segments).verdict
    except Damage:
        return "corrupt"


def load(directory):
    """Returns {number: bytes} of a data directory or a journal directory."""
    directory = pathlib.Path(directory)
    if (directory / "journal").is_dir():
        directory = directory / "journal"
    return {int(file.stem, 16): file.read_bytes() for file in sorted(directory.glob("*.seg"))}


def load_golden(directory):
    """The same for a golden folder: its segments are stored without the zeroes at their end."""
    segments = {}
    byte_count = SEGMENT_MIN
    for number, data in sorted(load(directory).items()):
        header = SegmentHeader.parse(data)
        # One that wasn't begun is as long as the one before it.
        byte_count = header.byte_count if header else byte_count
        segments[number] = data + bytes(byte_count - len(data))
    return segments


# ---- Records ------------------------------------------------------------------------------------


def parse_record(data):
    """Returns a record's fields as a dict; `data` is one whole record."""
    length, kind, version, _tick, _wall, brand = struct.unpack_from("<HBBiiI", data)
    if length != len(data) or version != 1:
        raise ValueError("not a record of version 1")
    fields = {"type": TYPES[kind], "brand": brand}
    place = RECORD_HEADER

    def take(form):
        nonlocal place
        values = struct.unpack_from("<" + form, data, place)
        place += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def figures():
        names = ("on_hand", "held", "allocated", "safety", "version")
        return dict(zip(names, take("qqqqQ")))

    def legs_of(count):
        legs = []
        for _ in range(count):
            line, account, amount = take("III")
            legs.append(
                {
                    "line": line,
                    "account": account,
                    "amount": amount & 0x7FFFFFFF,
                    "short": amount >> 31 == 1,
                }
            )
        return legs

    def figures_of(count, has_committed):
        names = ["account", "held"] + ["committed"] * has_committed + ["version"]
        form = "IqqQ" if has_committed else "IqQ"
        return [dict(zip(names, take(form))) for _ in range(count)]

    def lists(has_committed):
        legs, accounts = take("HH")
        fields["fill_mode"] = accounts >> 12
        fields["legs"] = legs_of(legs)
        fields["figures"] = figures_of(accounts & 0xFFF, has_committed)

    if kind == 1:
        fields["number"], fields["kind"], count = take("IBB")
        fields["text"] = data[place : place + count]
        place += count
    elif kind == 2:
        fields["request_id"], fields["fingerprint"] = take("16sQ")
        fields["account"], fields["sku"], fields["warehouse"], _ = take("IIII")
        fields["source_version"] = take("Q")
        fields["figures"] = figures()
    elif kind == 3:
        fields["request_id"], fields["fingerprint"], fields["delta"] = take("16sQq")
        fields["figures"] = figures()
        fields["account"] = take("I")
    elif kind == 4:
        fields["reservation_id"], fields["fingerprint"] = take("16sQ")
        fields["dealer"], fields["time_to_live"] = take("II")
        lists(False)
    elif kind == 5:
        fields["reservation_id"], fields["order_id"] = take("16s16s")
        lists(True)
    elif kind in (6, 7):
        fields["reservation_id"] = take("16s")
        lists(False)
    elif kind == 8:
        fields["order_id"], fields["fingerprint"], fields["dealer"], _ = take("16sQII")
        lists(True)
    elif kind == 9:
        fields["order_id"], fields["fingerprint"], fields["dealer"] = take("16sQI")
        holds, _, legs, accounts = take("HHHH")
        fields["reservations"] = [
            dict(zip(("reservation_id", "legs"), take("16sI"))) for _ in range(holds)
        ]
        fields.update(legs=legs_of(legs), figures=figures_of(accounts, True))
    elif kind == 10:
        fields["order_id"], fields["request_id"], fields["fingerprint"] = take("16s16sQ")
        fields["cause"] = take("B3x")
        lists(True)
    elif kind == 11:
        fields["reservation_id"], fields["request_id"] = take("16s16s")
        fields["fingerprint"], fields["deadline"] = take("QQ")
    elif kind == 12:
        fields["request_id"], fields["fingerprint"] = take("16sQ")
        fields["account"], fields["time_to_live"] = take("II")
        fields["figures"] = figures()
        fields["backorder_limit"], fields["low_water"], fields["high_water"] = take("qqq")
    else:
        fields["request_id"], fields["fingerprint"], fields["quantity"] = take("16sQq")
        fields["account"], fields["other_account"] = take("II")
        fields["figures"], fields["other_figures"] = figures(), figures()
    padding = data[place:]
    if len(padding) >= 8 or any(padding):
        raise ValueError(f"a {TYPES[kind]} isn't {len(data)} bytes long")
    return fields


def main(arguments):
    """Prints the verdict on a directory."""
    if not arguments:
        sys.exit(__doc__)
    segments = (load_golden if "--golden" in arguments else load)(arguments[0])
    if not segments:
        print(f"{arguments[0]} has no journal", file=sys.stderr)
        return 78
    try:
        journal = read_journal(segments)
    except Damage as damage:
        print(f"corrupt: {damage}")
        return 3
    for block in journal.blocks:
        header = block.header
        what = "seal" if header.flags & SEAL else f"{header.record_count} records"
        print(
            f"segment {block.segment} byte {block.offset}: block {header.number}, epoch "
            f"{header.epoch}, from sequence {header.first_sequence}, {what}, durable "
            f"{header.durable_sequence}, tick {block.base[0]}"
        )
        if "--records" in arguments:
            for sequence, tick, wall, data in block.records:
                print(f"  {sequence} tick {tick} wall {wall}: {parse_record(data)}")
    print(journal.verdict)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
