# SPDX-License-Identifier: Apache-2.0
"""Requests at random, made from the descriptors: a call that is added is drawn without a word here.

A field's name says what a good value is, its type what may be wrong with it. A request is good all
through, wrong here and there, or anything at all; so some go deep and some stop at the door.
"""

import importlib
import pkgutil
import struct
from dataclasses import dataclass

import stockade.v1
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies as st

# Stand for brands of their own in each example.
OWN, OTHER = "own", "other"
SKUS = ("tea", "coffee", "x" * 64)
WAREHOUSES = ("north", "south")
DEALERS = ("dealer-1", "dealer-2")
# The first comes up most, so that calls meet.
IDS = tuple(bytes((at,)) * 16 for at in range(1, 5))
MEETING = (IDS[0],) * 4 + IDS

# How wrong a request is.
GOOD, HERE_AND_THERE, ANYTHING = range(3)

INTS = (0, 1, -1, 2, 999, 1_000, 1_001, 10**9, 10**9 + 1, 10**12, 10**12 + 1)
LENGTHS_TOO_LONG = (201, 501, 1_001)
# No list makes more of a message: it is to be judged, and not refused for its length.
LIST_BYTES_MAX = 256 << 10

BOUNDS = {
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
}

GOOD_TEXTS = {
    "brand": (OWN, OWN, OWN, OWN, OTHER),
    "sku": SKUS[:2],
    "warehouse": WAREHOUSES,
    "from_warehouse": WAREHOUSES,
    "to_warehouse": WAREHOUSES,
    "dealer": DEALERS,
}
GOOD_INTS = {
    "quantity": (1, 2, 3, 10),
    "on_hand": (10, 1_000, 10**6),
    "delta": (5, -1, 1_000),
    # Short ones too, so that some expire while the rest goes on.
    "ttl_ms": (0, 1_000, 60_000, 600_000),
    "page_size": (0, 1, 7, 1_000),
    "expected_version": (1, 2, 3),
}
BAD_TEXTS = ("", "x" * 64, "x" * 65, "te\x00a", "te\na", "thé", "☺😈", " ", "\x7f", "y" * 500)
BAD_IDS = (b"", b"\x01", b"\x01" * 15, b"\x01" * 17, bytes(16), b"\xff" * 16, b"\x01" * 500)


@dataclass(frozen=True)
class Method:
    """A unary call."""

    path: str
    request: type
    answer: type


def methods():
    """All unary calls of all services in the stubs, in the order of their names."""
    found = []
    for name in sorted(each.name for each in pkgutil.iter_modules(stockade.v1.__path__)):
        if not name.endswith("_pb2"):
            continue
        module = importlib.import_module(f"stockade.v1.{name}")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                if method.client_streaming or method.server_streaming:
                    continue
                found.append(
                    Method(
                        f"/{service.full_name}/{method.name}",
                        message_factory.GetMessageClass(method.input_type),
                        message_factory.GetMessageClass(method.output_type),
                    )
                )
    return found


METHODS = methods()


def scalars(field, how):
    """Values of a field that is no message."""
    good, bad = good_and_bad(field)
    if how == GOOD:
        return good
    return st.one_of(good, good, bad) if how == HERE_AND_THERE else st.one_of(good, bad)


def names_ids(field):
    return not {"id", "ids"}.isdisjoint(field.name.split("_"))


def good_and_bad(field):
    kind = field.type
    if kind == FieldDescriptor.TYPE_STRING:
        good = st.sampled_from(GOOD_TEXTS.get(field.name, ("", "note")))
        wild = st.text(st.characters(exclude_categories=("Cs",)), max_size=70)
        return good, st.one_of(st.sampled_from(BAD_TEXTS), wild)
    if kind == FieldDescriptor.TYPE_BYTES:
        good = st.sampled_from(MEETING if names_ids(field) else (b"",))
        return good, st.one_of(st.sampled_from(BAD_IDS), st.binary(max_size=40))
    if kind == FieldDescriptor.TYPE_ENUM:
        known = [each.number for each in field.enum_type.values]
        return st.sampled_from((0, 1, 2, *known)), st.sampled_from((99, 2**31 - 1, -1))
    if kind == FieldDescriptor.TYPE_BOOL:
        return st.booleans(), st.booleans()
    low, high = BOUNDS[kind]
    edges = [each for each in INTS if low <= each <= high] + [low, high]
    good = st.sampled_from(GOOD_INTS.get(field.name, (0,)))
    return good, st.one_of(st.sampled_from(edges), st.integers(low, high))


@st.composite
def message_of(draw, kind, how):
    """A message of the class `kind`."""
    made = kind()
    for field in kind.DESCRIPTOR.fields:
        is_message = field.type == FieldDescriptor.TYPE_MESSAGE
        inner = (
            message_of(message_factory.GetMessageClass(field.message_type), how)
            if is_message
            else scalars(field, how)
        )
        if field.is_repeated:
            fill_list(draw, getattr(made, field.name), field.name, inner, how)
        elif is_message:
            if how == GOOD or draw(st.integers(0, 9)) > 0:
                getattr(made, field.name).CopyFrom(draw(inner))
        elif not field.has_presence or draw(st.integers(0, 3)) == 0:
            setattr(made, field.name, draw(inner))
    return made


def fill_list(draw, entries, name, inner, how):
    most = 2 if how == GOOD and name.endswith("_ids") else 4
    least = 1 if how == GOOD and draw(st.integers(0, 2)) else 0
    for entry in draw(st.lists(inner, min_size=least, max_size=most)):
        entries.append(entry)
    if how == ANYTHING and len(entries) == 1 and draw(st.integers(0, 9)) == 0:
        many = draw(st.sampled_from(LENGTHS_TOO_LONG))
        if many * size_of(entries[0]) <= LIST_BYTES_MAX:
            entries.extend([entries[0]] * many)


def size_of(entry):
    if hasattr(entry, "ByteSize"):
        return entry.ByteSize()
    return len(entry) if isinstance(entry, (str, bytes)) else 10


@st.composite
def calls(draw, only=None):
    """A method and a request for it, its brands not filled in yet."""
    method = draw(st.sampled_from(only or METHODS))
    how = draw(st.sampled_from((GOOD, GOOD, GOOD, HERE_AND_THERE, HERE_AND_THERE, ANYTHING)))
    return method, draw(message_of(method.request, how))


def with_brands(message, brands):
    """The message with the example's own brands in place of OWN and OTHER."""
    filled = type(message)()
    filled.CopyFrom(message)
    for each in parts_of(filled):
        if "brand" in each.DESCRIPTOR.fields_by_name and each.brand in brands:
            each.brand = brands[each.brand]
    return filled


def parts_of(message):
    """The message and every message in it."""
    yield message
    for field, value in message.ListFields():
        if field.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        for each in value if field.is_repeated else (value,):
            yield from parts_of(each)


@dataclass(frozen=True)
class Cut:
    """A change of bytes that a message is given on its way; places are fractions of its length."""

    kind: str
    at: float
    size: int
    mask: int
    what: bytes

    def apply(self, body):
        at = int(self.at * (len(body) + 1))
        flipped = bytes(each ^ self.mask for each in body[at : at + 1])
        return {
            "flip": body[:at] + flipped + body[at + 1 :],
            "put": body[:at] + self.what + body[at + len(self.what) :],
            "insert": body[:at] + self.what + body[at:],
            "remove": body[:at] + body[at + self.size :],
            "truncate": body[:at],
            "repeat": body[:at] + body[at : at + self.size] * 3 + body[at + self.size :],
        }[self.kind]


def cuts(least=0):
    one = st.builds(
        Cut,
        kind=st.sampled_from(
            ("flip", "flip", "flip", "put", "insert", "remove", "truncate", "repeat")
        ),
        at=st.floats(0, 1, exclude_max=True),
        size=st.integers(1, 12),
        mask=st.sampled_from((1, 2, 4, 0x80, 0xFF)),
        what=st.one_of(st.binary(min_size=1, max_size=6), st.sampled_from((b"\xff" * 10, b"\x00"))),
    )
    return st.lists(one, min_size=least, max_size=2)


def cut(body, changes):
    for each in changes:
        body = each.apply(body)
    return body


@dataclass(frozen=True)
class Framed:
    """A gRPC message as it is put on the stream: its flag, and how far its length lies."""

    flag: int
    lie: int
    body: bytes

    def serialized(self):
        length = min(max(len(self.body) + self.lie, 0), 2**32 - 1)
        return struct.pack(">BI", self.flag, length) + self.body


def framings(bodies):
    """What a client puts on one stream: messages, well framed or not, and what follows them."""
    one = st.builds(
        Framed,
        flag=st.sampled_from((0,) * 9 + (1, 2, 0xFF)),
        lie=st.sampled_from((0,) * 9 + (1, -1, 7, -5, 2**20, 2**31, 2**32)),
        body=bodies,
    )
    several = st.one_of(st.lists(one, min_size=1, max_size=1), st.lists(one, max_size=3))
    return st.tuples(several, st.sampled_from((b"", b"", b"", b"\x00", bytes(5))))
