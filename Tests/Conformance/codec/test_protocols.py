# SPDX-License-Identifier: Apache-2.0
"""The published .proto files: complete in the codec, documented, and linted."""

import pathlib
import re
import subprocess
import sys

import codec_schema as schema
import grpc


def test_the_codec_has_every_message_and_no_other(catalogue):
    known = {name for (name,) in catalogue["message"]}
    assert known == {*schema.MESSAGES, "google.rpc.Status"}


def test_the_method_table_has_every_call_and_no_other(catalogue):
    paths = [path for (path,) in catalogue["method"]]
    assert sorted(paths) == sorted(schema.METHODS)


def test_the_codec_has_every_enum_value_and_no_other(catalogue):
    known = {}
    for name, number, value in catalogue["enum"]:
        known.setdefault(name, {})[int(number)] = value
    assert known == schema.enums()


def test_every_field_says_unit_range_and_privacy_class():
    pattern = re.compile(r"\S.*\. Unit: .+\. Range: .+\. Privacy: (open|business|personal)\.$")
    comments = dict(schema.field_comments())
    fields = {
        f"{message.name}.{field.name}"
        for file in schema.FILES
        for message in file.message_type
        for field in message.field
    }
    assert set(comments) == fields
    assert [name for name, comment in comments.items() if not pattern.match(comment)] == []


def test_reasons_have_the_status_that_the_proto_says(catalogue):
    statuses = {name: int(status) for name, status, _ in catalogue["reason"]}
    for name, number, comment in schema.reason_comments():
        if number == 0:
            continue
        said = re.match(r"\[(\w+)\] \S", comment)
        assert said, f"{name}: the comment doesn't begin with its status"
        assert statuses[name] == grpc.StatusCode[said.group(1)].value[0], name


def test_the_partners_guide_explains_every_reason():
    guide = (schema.PROTOCOLS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \| .+ \| .+ \|$", guide, re.MULTILINE)
    explained = {name: status for name, status in rows}
    said = {
        name: re.match(r"\[(\w+)\]", comment).group(1)
        for name, number, comment in schema.reason_comments()
        if number
    }
    assert len(rows) == len(explained)
    assert explained == said


def test_buf_lint_passes():
    buf = pathlib.Path(sys.executable).with_name("buf")
    result = subprocess.run(
        [buf, "lint"], cwd=schema.PROTOCOLS, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_golden_messages_are_what_their_script_makes(tmp_path):
    golden = schema.PROTOCOLS / "golden"
    subprocess.run(
        [sys.executable, golden / "make_golden.py", tmp_path],
        check=True, capture_output=True, timeout=120,
    )
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {
        file.name: file.read_bytes() for file in golden.iterdir() if file.suffix in (".bin", ".txt")
    }
    assert kept == made
