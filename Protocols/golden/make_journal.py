# SPDX-License-Identifier: Apache-2.0
"""Writes the golden journals: small ones that every later version must read as it is told here.

    python Protocols/golden/make_journal.py            # rewrites journal/ beside this file
    python Protocols/golden/make_journal.py DIRECTORY  # writes them elsewhere, to compare

- `journal/all-types/`: the types of record that the first version had, two epochs, two segments; `all-types.jsonl` is what a
  dump must say. The history's figures come from this script's own ledger.
- `journal/corpus/`: a journal with an unsealed last block, to be damaged; `corpus.txt` lists the
  damages and what a reader must say to each. `journal/corpus-older/` is its own past, from which a
  segment is spliced in.

Segments are stored without the zeroes at their end (`byte_count` in the header says how many are
missing); a file of no bytes is a segment that is ready and holds nothing but zeroes.
`journal/server/` and `journal/server-orders/`, which has every type of record, were written by servers
and aren't touched here; the `.jsonl` beside each is what a dump must say. Standard library only.

A line of `corpus.txt` is a damage, a colon and the verdict: `fine N`, `torn N` (N is the last
sequence that is read) or `corrupt`. The damages, all numbers decimal, offsets in bytes:

    flip SEGMENT FIRST LAST STEP all|one   one bit of each STEP-th byte from FIRST to LAST: each of
                                           the eight, or the one with number (offset mod 8)
    cut SEGMENT LENGTH                     the file is that long
    grow SEGMENT COUNT                     the file has so many zeroes more
    clear SEGMENT OFFSET COUNT             zeroes
    swap SEGMENT OFFSET SEGMENT OFFSET     two sectors change places
    copy SEGMENT OFFSET SEGMENT OFFSET     the first sector over the second
    remove SEGMENT                         the file is gone
    exchange SEGMENT SEGMENT               two files change names
    splice SEGMENT SEGMENT                 the first file is the second one of corpus-older
"""

import json
import pathlib
import struct
import sys

import journal_format as form

SEGMENT_BYTES = 64 << 10
WALL = 1_800_000_000_000
KEY = (0x0706050403020100, 0x0F0E0D0C0B0A0908)


# ---- Writing blocks -----------------------------------------------------------------------------


class Writer:
    """Builds segments in memory, a block at a time."""

    def __init__(self, uuid):
        self.uuid = uuid
        self.segments = {}
        self.epoch = 0
        self.offset = 0
        self.blocks = 0
        self.sequence = 0
        self.chain = 0

    def restart(self, tick):
        """A server begins: a new epoch and its first seal."""
        self.epoch += 1
        self.block([], tick)

    def block(self, records, tick):
        """Appends a block of (tick, record bytes); without records it is a seal."""
        base = records[0][0] if records else tick
        body = bytearray(struct.pack("<Qq", base, WALL + base))
        for record_tick, record in records:
            record = bytearray(record)
            struct.pack_into("<ii", record, 4, record_tick - base, record_tick - base)
            body += record
        header = form.BlockHeader(
            0 if records else form.SEAL,
            form.crc32c(bytes(body)),
            self.epoch,
            self.blocks + 1,
            self.sequence + 1,
            len(records),
            len(body),
            self.sequence,
            self.chain,
        )
        if self.offset == 0 or header.byte_count > SEGMENT_BYTES - self.offset:
            number = len(self.segments)
            segment = form.SegmentHeader(
                self.uuid, number, SEGMENT_BYTES, self.epoch, self.blocks + 1, self.sequence + 1,
                self.chain, KEY,
            )
            self.segments[number] = bytearray(segment.pack() + bytes(SEGMENT_BYTES - form.SECTOR))
            self.offset = form.SECTOR
        packed = header.pack()
        data = self.segments[len(self.segments) - 1]
        data[self.offset : self.offset + len(packed) + len(body)] = packed + body
        self.offset += header.byte_count
        self.blocks += 1
        self.sequence += len(records)
        self.chain = form.chain_after(self.uuid, packed)


# ---- Writing records ----------------------------------------------------------------------------


def record(kind, brand, body):
    """Returns a record: header, body, padding."""
    padded = body + bytes(-(form.RECORD_HEADER + len(body)) % 8)
    return struct.pack("<HBBiiI", form.RECORD_HEADER + len(padded), kind, 1, 0, 0, brand) + padded


def legs_and_figures(legs, figures, fill_mode=0):
    """Returns the two counts and the two lists of a hold's records."""
    body = struct.pack("<HH", len(legs), len(figures) | fill_mode << 12)
    for line, account, amount, short in legs:
        body += struct.pack("<III", line, account, amount | short << 31)
    for account, *values in figures:
        body += struct.pack("<I" + "q" * (len(values) - 1) + "Q", account, *values)
    return body


# ---- A ledger of its own ------------------------------------------------------------------------


class Ledger:
    """Plays a shop's history, and knows what a dump of it must say."""

    def __init__(self, uuid):
        self.writer = Writer(uuid)
        self.tick = 0
        self.pending = []
        self.codes = []
        self.accounts = {}
        self.holds = {}
        self.orders = []
        self.outcomes = []

    # Blocks

    def restart(self):
        self.flush()
        self.writer.restart(self.tick)

    def flush(self, seal=False):
        if self.pending:
            self.writer.block(self.pending, self.tick)
            self.pending = []
        if seal:
            self.writer.block([], self.tick)

    def append(self, data):
        self.pending.append((self.tick, data))
        return self.writer.sequence + len(self.pending)

    # Records

    def code(self, kind, brand, text):
        number = len(self.codes)
        self.codes.append(text)
        body = struct.pack("<IBB", number, kind, len(text)) + text.encode()
        self.append(record(1, brand, body))
        return number

    def stock(self, account):
        return struct.pack(
            "<qqqqQ", account["on_hand"], account["held"], account["allocated"], 0,
            account["version"],
        )

    def touch(self, account, sequence=None):
        account["version"] += 1
        account["last_sequence"] = sequence or self.next_sequence()
        account["last_change_ms"] = WALL + self.tick

    def next_sequence(self):
        return self.writer.sequence + len(self.pending) + 1

    def outcome(self, request, brand, call, account):
        self.outcomes.append(
            {
                "kind": "outcome",
                "request_id": request.hex(),
                "brand": self.codes[brand],
                "call": call,
                "sku": account["sku"],
                "warehouse": account["warehouse"],
                "sequence": self.next_sequence(),
            }
        )

    def set_stock(self, request, brand, number, sku, warehouse, on_hand, source_version=0):
        account = self.accounts.setdefault(
            number,
            {
                "kind": "account",
                "account": number,
                "brand": self.codes[brand],
                "sku": self.codes[sku],
                "warehouse": self.codes[warehouse],
                "held": 0,
                "allocated": 0,
                "version": 0,
                "source_version": 0,
            },
        )
        account["on_hand"] = on_hand
        account["source_version"] = source_version or account["source_version"]
        self.touch(account)
        self.outcome(request, brand, "SetStock", account)
        body = request + struct.pack("<QIIIIQ", 7, number, sku, warehouse, 0, source_version)
        self.append(record(2, brand, body + self.stock(account)))

    def adjust(self, request, brand, number, delta):
        account = self.accounts[number]
        account["on_hand"] += delta
        self.touch(account)
        self.outcome(request, brand, "AdjustStock", account)
        body = request + struct.pack("<Qq", 8, delta) + self.stock(account)
        self.append(record(3, brand, body + struct.pack("<I", number)))

    def move(self, legs, change):
        """Changes each account once and returns those that changed, in the order of their legs."""
        changed = {}
        for _line, number, amount, _short in legs:
            if amount:
                changed[number] = changed.get(number, 0) + amount
        for number, amount in changed.items():
            change(self.accounts[number], amount)
            self.touch(self.accounts[number])
        return list(changed)

    def reserve(self, reservation, brand, dealer, time_to_live, legs, fill_mode=1):
        def hold(account, amount):
            account["held"] += amount

        sequence = self.next_sequence()
        changed = self.move(legs, hold)
        figures = [(n, self.accounts[n]["held"], self.accounts[n]["version"]) for n in changed]
        body = reservation + struct.pack("<QII", 9, dealer, time_to_live)
        self.append(record(4, brand, body + legs_and_figures(legs, figures, fill_mode)))
        self.holds[reservation] = {
            "number": brand,
            "legs": legs,
            "confirmed": [0] * len(legs),
            "created": (sequence, self.tick),
            "changed": (sequence, self.tick),
            "deadline": self.tick + time_to_live,
            "dealer": dealer,
            "fill_mode": fill_mode,
            "state": "HELD",
            "order": None,
        }

    def end(self, reservation, state, confirmed=None, order=None):
        hold = self.holds[reservation]
        legs = hold["legs"]
        confirmed = confirmed or [0] * len(legs)
        if state == "CONFIRMED":
            for (_line, number, _amount, _short), units in zip(legs, confirmed):
                self.accounts[number]["allocated"] += units

        def give_back(account, amount):
            account["held"] -= amount

        hold["changed"] = (self.next_sequence(), self.tick)
        changed = self.move(legs, give_back)
        accounts = [(number, self.accounts[number]) for number in changed]
        if state == "CONFIRMED":
            told = [
                (line, number, units, units < amount)
                for (line, number, amount, _short), units in zip(legs, confirmed)
            ]
            figures = [(n, a["held"], a["allocated"], a["version"]) for n, a in accounts]
            body = reservation + order + legs_and_figures(told, figures)
            self.orders.append(reservation)
        else:
            figures = [(n, a["held"], a["version"]) for n, a in accounts]
            body = reservation + legs_and_figures(legs, figures)
        kind = {"CONFIRMED": 5, "RELEASED": 6, "EXPIRED": 7}[state]
        self.append(record(kind, hold["number"], body))
        hold.update(state=state, confirmed=confirmed, order=order, ended=self.tick)

    # What a dump must say

    def place(self, number):
        account = self.accounts[number]
        return {"sku": account["sku"], "warehouse": account["warehouse"]}

    def dump(self):
        """Returns the dump's lines as objects."""
        lines = [
            {
                "kind": "journal",
                "format_version": 1,
                "uuid": self.writer.uuid.hex(),
                "last_sequence": self.writer.sequence,
                "epoch": self.writer.epoch,
                "highest_tick": self.tick,
                "last_record_wall_ms": WALL + self.tick,
                "retention_ms": 86_400_000,
                "torn": False,
                "violations": 0,
            }
        ]
        for number in sorted(self.accounts):
            account = dict(self.accounts[number], safety=0)
            account["available"] = account["on_hand"] - account["held"] - account["allocated"]
            lines.append(account)
        for reservation, hold in self.holds.items():
            lines.append(self.hold_line(reservation, hold))
        for reservation in self.orders:
            lines.append(self.order_line(reservation, self.holds[reservation]))
        return lines + self.outcomes

    def hold_line(self, reservation, hold):
        return {
            "kind": "hold",
            "reservation_id": reservation.hex(),
            "brand": self.codes[hold["number"]],
            "dealer": self.codes[hold["dealer"]],
            "state": hold["state"],
            "fill_mode": {1: "ALL_OR_NOTHING", 2: "PARTIAL"}[hold["fill_mode"]],
            "created_ms": WALL + hold["created"][1],
            "last_change_ms": WALL + hold["changed"][1],
            "created_sequence": hold["created"][0],
            "last_sequence": hold["changed"][0],
            "deadline_tick": hold["deadline"],
            "ended_tick": hold.get("ended"),
            "order_id": hold["order"] and hold["order"].hex(),
            "lines": [
                {
                    "line_number": line,
                    **self.place(number),
                    "granted": amount,
                    "confirmed": units,
                    "short": short,
                }
                for (line, number, amount, short), units in zip(hold["legs"], hold["confirmed"])
            ],
        }

    def order_line(self, reservation, hold):
        return {
            "kind": "order",
            "order_id": hold["order"].hex(),
            "reservation_id": reservation.hex(),
            "brand": self.codes[hold["number"]],
            "dealer": self.codes[hold["dealer"]],
            "created_ms": WALL + hold["changed"][1],
            "sequence": hold["changed"][0],
            "lines": [
                {"line_number": line, **self.place(number), "quantity": units}
                for (line, number, _amount, _short), units in zip(hold["legs"], hold["confirmed"])
                if units
            ],
        }


# ---- The journals -------------------------------------------------------------------------------


def identity(kind, number):
    """Returns an id that shows what it is for."""
    return bytes([kind] * 8) + number.to_bytes(8, "big")


def all_types():
    """The first version's types of record, with the corners that a reader may get wrong."""
    shop = Ledger(bytes(range(0x10, 0x20)))
    shop.restart()
    shop.tick = 5
    acme = shop.code(1, 0, "ACME")
    pen = shop.code(2, acme, 'pen "blue" \\ 0.5')
    north = shop.code(3, acme, "north")
    shop.set_stock(identity(1, 1), acme, 0, pen, north, 1_000_000_000_000, source_version=2**63 + 1)
    shop.flush()
    shop.tick = 20
    ink = shop.code(2, acme, "i" * 64)
    # Account 1 was made and never set: numbers may have gaps, and come out of order.
    shop.set_stock(identity(1, 2), acme, 3, ink, north, 500)
    south = shop.code(3, acme, "~south~")
    shop.set_stock(identity(1, 3), acme, 2, pen, south, 0)
    shop.adjust(identity(1, 4), acme, 2, 1_000_000_000)
    other = shop.code(1, 0, "other brand")
    pen2 = shop.code(2, other, 'pen "blue" \\ 0.5')
    north2 = shop.code(3, other, "north")
    # The same request id of another brand is another request.
    shop.set_stock(identity(1, 1), other, 4, pen2, north2, 7)
    dealer = shop.code(4, acme, "D 1")
    dealer2 = shop.code(4, other, "D 1")
    shop.flush(seal=True)
    shop.tick = 1_000
    shop.reserve(identity(2, 1), acme, dealer, 86_400_000, [(1, 0, 1_000_000_000, False)])
    shop.reserve(identity(2, 2), other, dealer2, 1_000, [(4_294_967_295, 4, 7, False)])
    # Two lines on one account, one short, one that got nothing.
    shop.reserve(
        identity(2, 3), acme, dealer, 60_000,
        [(3, 3, 450, False), (1, 3, 50, True), (2, 3, 0, True)], fill_mode=2,
    )
    shop.flush()
    shop.tick = 1_500
    shop.end(identity(2, 3), "CONFIRMED", [450, 20, 0], identity(3, 1))
    shop.reserve(identity(2, 4), acme, dealer, 2_000, [(1, 2, 5, False), (2, 0, 6, False)])
    shop.flush()
    shop.tick = 1_600
    shop.end(identity(2, 4), "RELEASED")
    shop.flush(seal=True)
    shop.tick = 2_000
    shop.end(identity(2, 2), "EXPIRED")
    # Lost units: available is negative now, and what was promised is kept.
    shop.adjust(identity(1, 5), acme, 0, -1_000_000_000)
    shop.set_stock(identity(1, 6), acme, 3, ink, north, 10)
    # More than a sector, so that the second segment begins.
    shop.reserve(
        identity(2, 5), acme, dealer, 900_000, [(line, 0, line, False) for line in range(1, 501)]
    )
    shop.flush()
    shop.restart()
    shop.tick = 2_400
    for index in range(6):
        shop.reserve(identity(2, 6 + index), acme, dealer, 900_000, [(1, 0, 1, False)])
        shop.flush()
        shop.tick += 1
    shop.end(identity(2, 6), "CONFIRMED", [1], identity(3, 2))
    shop.flush(seal=True)
    return shop


def corpus(has_restart=True):
    """A journal to be damaged: two segments, two epochs, an unsealed last block.

    Without the restart it is another journal of the same name, as an old copy of a disk would have.
    """
    shop = Ledger(bytes(range(0x30, 0x40)))
    shop.restart()
    shop.tick = 10
    brand = shop.code(1, 0, "B")
    sku = shop.code(2, brand, "S")
    warehouse = shop.code(3, brand, "W")
    dealer = shop.code(4, brand, "D")
    shop.set_stock(identity(1, 1), brand, 0, sku, warehouse, 10_000)
    shop.flush(seal=True)
    for index in range(1, 13):
        shop.tick += 10
        if index == 9 and has_restart:
            shop.restart()
        # The third takes two sectors.
        lines = 300 if index == 3 else 1
        shop.reserve(
            identity(2, index), brand, dealer, 60_000,
            [(line, 0, 1, False) for line in range(1, lines + 1)],
        )
        if index == 4:
            shop.end(identity(2, index), "RELEASED")
        if index > 8:
            shop.end(identity(2, index), "CONFIRMED", [1], identity(3, index))
        shop.flush(seal=index in (3, 6, 10))
    return shop


# ---- Damages ------------------------------------------------------------------------------------


def damages(segments, journal, older):
    """Yields (what is done, the damaged segments)."""

    def changed(number, data):
        return {**segments, number: bytes(data)}

    def flipped(number, byte, bit):
        data = bytearray(segments[number])
        data[byte] ^= 1 << bit
        return changed(number, data)

    blocks = journal.blocks
    ready = max(segments)
    last = blocks[-1].segment
    for number in (0, last):
        # Beyond its 128 bytes the header's sector means nothing.
        for byte in [*range(form.SEGMENT_HEADER), form.SEGMENT_HEADER, form.SECTOR - 1]:
            for bit in range(8):
                yield f"flip {number} {byte} {bit}", flipped(number, byte, bit)
    for index, block in enumerate(blocks):
        is_picked = index in (0, 4, len(blocks) - 2, len(blocks) - 1)
        for byte in range(form.BLOCK_HEADER):
            for bit in range(8) if is_picked else [byte % 8]:
                place = block.offset + byte
                yield f"flip {block.segment} {place} {bit}", flipped(block.segment, place, bit)
        start = block.offset + form.BLOCK_HEADER
        end = block.offset + block.header.byte_count
        step = 7 if block.header.byte_count == form.SECTOR else 131
        # The base, bodies, and the padding behind them.
        for place in [*range(start, start + len(block.body), step), end - 1]:
            bit = place % 8
            yield f"flip {block.segment} {place} {bit}", flipped(block.segment, place, bit)
    behind = blocks[-1].offset + blocks[-1].header.byte_count
    for number, byte in ((last, behind), (last, SEGMENT_BYTES - 1), (ready, 0), (ready, 4096)):
        yield f"flip {number} {byte} 0", flipped(number, byte, 0)

    # A file that became shorter, or longer.
    first = blocks[-3].offset
    cuts = [0, 512, 4095, 4096, 8192, first - 1, SEGMENT_BYTES - 4096, SEGMENT_BYTES - 1]
    for length in sorted({*cuts, *range(first, behind + 1, 512)}):
        yield f"cut {last} {length}", changed(last, segments[last][:length])
    for number, length in ((0, 0), (0, 4096), (0, SEGMENT_BYTES - 4096), (ready, 0), (ready, 100)):
        yield f"cut {number} {length}", changed(number, segments[number][:length])
    for number in segments:
        yield f"grow {number} 4096", changed(number, segments[number] + bytes(4096))

    # A write that reached the disk only in part: zeroes from some byte on.
    for place in range(first, behind, 512):
        data = segments[last][:place] + bytes(SEGMENT_BYTES - place)
        yield f"clear {last} {place} {SEGMENT_BYTES - place}", changed(last, data)

    # A sector that was lost.
    for number in (0, last):
        for place in range(0, SEGMENT_BYTES, form.SECTOR):
            data = bytearray(segments[number])
            data[place : place + form.SECTOR] = bytes(form.SECTOR)
            yield f"clear {number} {place} {form.SECTOR}", changed(number, data)

    # Blocks in each other's place, and one twice.
    places = [(block.segment, block.offset) for block in blocks]
    for a, b in ((0, 1), (2, 3), (5, 6), (len(places) - 2, len(places) - 1), (1, len(places) - 1)):
        yield move("swap", segments, places[a], places[b])
    for a, b in ((0, 1), (2, 3), (len(places) - 2, len(places) - 1), (len(places) - 1, 0)):
        yield move("copy", segments, places[a], places[b])
    # Behind the end: what was written there isn't what belongs there.
    for a in (0, len(places) - 1):
        yield move("copy", segments, places[a], (last, behind))
        yield move("copy", segments, places[a], (last, behind + 2 * form.SECTOR))
        yield move("copy", segments, places[a], (ready, form.SECTOR))

    # Files.
    for number in segments:
        rest = {key: data for key, data in segments.items() if key != number}
        yield f"remove {number}", rest
    yield "exchange 0 1", {**segments, 0: segments[1], 1: segments[0]}
    for number in (0, last, ready):
        yield f"splice {number} {last}", changed(number, older[last])
    yield "splice 0 0", changed(0, older[0])


def move(what, segments, source, target):
    """Copies or swaps a sector."""
    data = {number: bytearray(segment) for number, segment in segments.items()}
    from_source = segments[source[0]][source[1] : source[1] + form.SECTOR]
    from_target = segments[target[0]][target[1] : target[1] + form.SECTOR]
    data[target[0]][target[1] : target[1] + form.SECTOR] = from_source
    if what == "swap":
        data[source[0]][source[1] : source[1] + form.SECTOR] = from_target
    name = f"{what} {source[0]} {source[1]} {target[0]} {target[1]}"
    return name, {number: bytes(segment) for number, segment in data.items()}


def damage_lines(segments, journal, older):
    """Returns the table: a damage and its verdict each; runs of flips share a line."""
    by_byte = {}
    others = []
    for name, damaged in damages(segments, journal, older):
        result = form.verdict(damaged)
        if name.startswith("flip"):
            _, segment, byte, bit = name.split()
            by_byte.setdefault((int(segment), int(byte)), {})[int(bit)] = result
        else:
            others.append(f"{name}: {result}")
    runs = []
    for (segment, byte), results in by_byte.items():
        assert len(set(results.values())) == 1, (segment, byte, results)
        kind = (segment, "all" if len(results) == 8 else "one", next(iter(results.values())))
        run = runs[-1] if runs else None
        if run and run["kind"] == kind and byte > run["last"]:
            step = byte - run["last"]
            if run["step"] in (None, step):
                run.update(last=byte, step=step)
                continue
        runs.append({"kind": kind, "first": byte, "last": byte, "step": None})
    lines = []
    for run in runs:
        segment, bits, result = run["kind"]
        step = run["step"] or 1
        lines.append(f"flip {segment} {run['first']} {run['last']} {step} {bits}: {result}")
    return lines + others


# ---- Files --------------------------------------------------------------------------------------


def store(directory, segments):
    """Writes segments without the zeroes at their end."""
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.glob("*.seg"):
        file.unlink()
    for number, data in segments.items():
        (directory / f"{number:016x}.seg").write_bytes(bytes(data).rstrip(b"\0"))


def main(arguments):
    """Writes everything."""
    here = pathlib.Path(__file__).resolve().parent
    target = pathlib.Path(arguments[0]) if arguments else here / "journal"
    target.mkdir(parents=True, exist_ok=True)

    shop = all_types()
    segments = {number: bytes(data) for number, data in shop.writer.segments.items()}
    journal = form.read_journal(segments)
    assert journal.verdict == f"fine {shop.writer.sequence}", journal.verdict
    assert len(segments) == 2 and journal.epoch == 2
    store(target / "all-types", segments)
    lines = [json.dumps(line, separators=(",", ":")) for line in shop.dump()]
    (target / "all-types.jsonl").write_text("\n".join(lines) + "\n")

    shop, older = corpus(), corpus(has_restart=False)
    segments = {number: bytes(data) for number, data in shop.writer.segments.items()}
    # One that is ready and wasn't begun.
    segments[len(segments)] = bytes(SEGMENT_BYTES)
    past = {number: bytes(data) for number, data in older.writer.segments.items()}
    journal = form.read_journal(segments)
    assert journal.verdict == f"fine {shop.writer.sequence}", journal.verdict
    store(target / "corpus", segments)
    store(target / "corpus-older", past)
    lines = damage_lines(segments, journal, past)
    (target / "corpus.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} lines of damages, {len(journal.blocks)} blocks")


if __name__ == "__main__":
    main(sys.argv[1:])
