# SPDX-License-Identifier: Apache-2.0
"""The hand-written codec against Google's: random messages of every type, in both directions."""

import codec_schema as schema
import pytest
from codec_tool import Refused
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from hypothesis import event, given
from hypothesis import strategies as st

INT64 = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, 1, -1, 127, 128, 16383, 16384, 2**63 - 1, -(2**63)]),
)
UINT64 = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 127, 128, 2**63, 2**64 - 1]))
UINT32 = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 127, 128, 2**32 - 1]))
TEXT = st.one_of(st.text(max_size=40), st.text(min_size=120, max_size=140))
BYTES = st.one_of(st.binary(max_size=40), st.binary(min_size=16, max_size=16))


def scalar(field):
    """Returns a strategy for one value of a field that isn't a message."""
    kinds = {
        field.TYPE_INT64: INT64,
        field.TYPE_UINT64: UINT64,
        field.TYPE_UINT32: UINT32,
        field.TYPE_BOOL: st.booleans(),
        field.TYPE_STRING: TEXT,
        field.TYPE_BYTES: BYTES,
        # Numbers that no enum knows are kept too.
        field.TYPE_ENUM: st.one_of(st.integers(0, 50), st.integers(-(2**31), 2**31 - 1)),
    }
    return kinds[field.type]  # KeyError: a type that the codec doesn't have yet


def value(field):
    """Returns a strategy for a field's value, a list when it is repeated."""
    one = message(field.message_type.full_name) if field.message_type else scalar(field)
    return st.lists(one, max_size=4) if field.is_repeated else one


def message(name):
    """Returns a strategy for messages of the type `name`, any of the fields set."""
    kind = schema.message_class(name)
    fields = {field.name: value(field) for field in kind.DESCRIPTOR.fields}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: kind(**values))


def canonical(parsed):
    """Returns the one form that our codec writes: known fields in order."""
    parsed.DiscardUnknownFields()
    return parsed.SerializeToString(deterministic=True)


@pytest.mark.parametrize("name", schema.MESSAGES)
@given(data=st.data())
def test_random_messages_survive(codec, name, data):
    sent = data.draw(message(name))
    encoded = sent.SerializeToString(deterministic=True)
    answer = codec.recode(name, encoded)
    assert answer == encoded  # their bytes, read and written by us
    assert type(sent).FromString(answer) == sent  # our bytes, read by them


@pytest.mark.parametrize(("name", "field"), schema.FIELDS)
@given(data=st.data())
def test_each_field_alone_survives(codec, name, field, data):
    kind = schema.message_class(name)
    descriptor = kind.DESCRIPTOR.fields_by_name[field]
    sent = kind(**{field: data.draw(value(descriptor))})
    encoded = sent.SerializeToString(deterministic=True)
    assert codec.recode(name, encoded) == encoded


@pytest.mark.parametrize(("name", "field"), schema.FIELDS)
def test_each_field_is_known(codec, name, field):
    """A codec that skipped the field as unknown would answer without it."""
    kind = schema.message_class(name)
    descriptor = kind.DESCRIPTOR.fields_by_name[field]
    samples = {
        descriptor.TYPE_STRING: "text",
        descriptor.TYPE_BYTES: b"bytes",
        descriptor.TYPE_MESSAGE: None,
    }
    sample = samples.get(descriptor.type, 5)
    if descriptor.type == descriptor.TYPE_MESSAGE:
        sample = schema.message_class(descriptor.message_type.full_name)()
    sent = kind(**{field: [sample, sample] if descriptor.is_repeated else sample})
    encoded = sent.SerializeToString(deterministic=True)
    assert len(encoded) > 0
    assert codec.recode(name, encoded) == encoded


def varint(number, padding=0):
    """Returns a varint, `padding` bytes longer than it needs to be."""
    number &= 2**64 - 1
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F)
    groups += [0] * padding
    return bytes(group | 0x80 for group in groups[:-1]) + bytes(groups[-1:])


@st.composite
def loose_message(draw, name, depth=0):
    """Draws bytes as a careless or later client makes them: fields in any order and number,
    unknown ones, known numbers with other wire types, lengths and integers padded."""
    kind = schema.message_class(name).DESCRIPTOR
    numbers = [field.number for field in kind.fields]
    encoded = b""
    for _ in range(draw(st.integers(0, 6))):
        number = draw(st.one_of(st.sampled_from(numbers), st.integers(1, 2**29 - 1)))
        field = kind.fields_by_number.get(number)
        natural = 0 if field is None or field.type in VARINT_TYPES else 2
        wire_type = draw(st.sampled_from([natural] * 8 + [0, 1, 2, 5]))
        tag = varint(number << 3 | wire_type)
        encoded += varint(number << 3 | wire_type, draw(st.integers(0, 5 - len(tag))))
        if wire_type == 0:
            value = varint(draw(st.one_of(UINT64, INT64)))
            padding = draw(st.sampled_from([0, 0, 0, 10 - len(value)]))
            encoded += varint(int_of(value), padding)
        elif wire_type in (1, 5):
            size = 8 if wire_type == 1 else 4
            encoded += draw(st.binary(min_size=size, max_size=size))
        else:
            if field is not None and field.message_type and depth < 4:
                body = draw(loose_message(field.message_type.full_name, depth + 1))
            else:
                body = draw(st.one_of(TEXT.map(str.encode), st.binary(max_size=8)))
            length = varint(len(body))
            encoded += varint(len(body), draw(st.integers(0, 5 - len(length)))) + body
    return encoded


def int_of(encoded):
    """Returns the number that a varint stands for."""
    return sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(encoded))


VARINT_TYPES = {
    schema.message_class("stockade.v1.Line").DESCRIPTOR.fields_by_name["quantity"].type,
    schema.message_class("stockade.v1.Line").DESCRIPTOR.fields_by_name["line_number"].type,
    schema.message_class("stockade.v1.Stock").DESCRIPTOR.fields_by_name["version"].type,
    schema.message_class("stockade.v1.LineResult").DESCRIPTOR.fields_by_name["reason"].type,
    schema.message_class("stockade.v1.BatchReserveResult").DESCRIPTOR.fields_by_name["replayed"].type,
}


def agree(codec, name, data):
    """Both read the same from `data`, or both refuse it."""
    kind = schema.message_class(name)
    try:
        theirs = canonical(kind.FromString(data))
    except DecodeError:
        theirs = None
    try:
        ours = codec.recode(name, data)
    except Refused as refusal:
        event(refusal.code)
        assert 0 <= refusal.offset <= len(data)
        # Stricter than Google's on purpose: no groups, and no bits beyond a varint's 64.
        assert theirs is None or refusal.code in ("group", "varintTooLong")
        return
    event("read")
    assert theirs is not None, "we read what they refuse"
    assert ours == theirs


@pytest.mark.parametrize("name", schema.MESSAGES)
@given(data=st.data())
def test_loose_messages_mean_the_same(codec, name, data):
    agree(codec, name, data.draw(loose_message(name)))


@pytest.mark.parametrize("name", schema.MESSAGES)
@given(data=st.data())
def test_damaged_messages_are_refused_alike(codec, name, data):
    encoded = bytearray(data.draw(message(name)).SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(encoded)))
        match data.draw(st.sampled_from(["cut", "insert", "change"])):
            case "cut":
                del encoded[place:]
            case "insert":
                encoded.insert(place, data.draw(st.integers(0, 255)))
            case "change" if place < len(encoded):
                encoded[place] = data.draw(st.integers(0, 255))
    agree(codec, name, bytes(encoded))


@pytest.mark.parametrize("name", schema.MESSAGES)
@given(data=st.binary(max_size=64))
def test_noise_is_refused_alike(codec, name, data):
    agree(codec, name, data)


KEYS = ["line", "sku", "warehouse", "requested", "available", "on_hand", "state", "applied"]


@given(
    reason=st.sampled_from([name for name, number, _ in schema.reason_comments() if number]),
    text=st.one_of(TEXT, st.text(min_size=1000, max_size=1100)),
    metadata=st.dictionaries(
        st.sampled_from(KEYS), st.one_of(INT64.map(str), st.text(max_size=64)), max_size=8
    ),
)
def test_error_details_read_as_they_were_meant(codec, catalogue, reason, text, metadata):
    info = error_details_pb2.ErrorInfo(reason=reason, domain="stockade.v1", metadata=metadata)
    code = next(int(status) for name, status, _ in catalogue["reason"] if name == reason)
    sent = status_pb2.Status(code=code, message=text)
    sent.details.add().Pack(info)
    answer = codec.recode("google.rpc.Status", sent.SerializeToString())
    assert answer == sent.SerializeToString()
    received = status_pb2.Status.FromString(answer)
    unpacked = error_details_pb2.ErrorInfo()
    assert received.code == code
    assert received.message == text
    assert received.details[0].Unpack(unpacked)
    assert unpacked == info


def test_lists_of_any_length(codec):
    kind = schema.message_class("stockade.v1.ReserveRequest")
    for count in (0, 1, 499, 500, 501, 10_000):
        request = kind(brand="acme")
        for number in range(count):
            request.lines.add(sku=f"SKU-{number}", warehouse="w", quantity=number + 1)
        encoded = request.SerializeToString()
        assert codec.recode("stockade.v1.ReserveRequest", encoded) == encoded


def test_nested_lengths_of_every_size(codec):
    kind = schema.message_class("stockade.v1.ReserveResponse")
    # Around each length at which the length itself takes a byte more, and between.
    for length in (0, 1, 125, 126, 127, 128, 8_191, 8_192, 16_383, 16_384, 2_097_151, 2_097_152):
        reply = kind()
        reply.reservation.dealer = "d" * length
        encoded = reply.SerializeToString()
        assert codec.recode("stockade.v1.ReserveResponse", encoded) == encoded
