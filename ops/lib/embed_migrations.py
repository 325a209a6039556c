# SPDX-License-Identifier: Apache-2.0
"""Writes the migrations of Protocols/postgres/ into Sources/Projection, as Swift.

The binary brings its schema along and needs no files. Run this after a change of a .sql file:

  python3 ops/lib/embed_migrations.py          writes the Swift file
  python3 ops/lib/embed_migrations.py --check  only says whether it is up to date; exit 1 if it isn't
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "Protocols/postgres"
TARGET = ROOT / "Sources/Projection/Schema/EmbeddedMigrations.swift"

HEAD = """\
// SPDX-License-Identifier: Apache-2.0
// Made by ops/lib/embed_migrations.py from Protocols/postgres; change those and run it again.

/// The migrations that this binary brings along, in order: those of Protocols/postgres.
enum EmbeddedMigrations {
    static let all = [
"""


def literal(text):
    """A Swift string that keeps every line as it is, wherever it stands."""
    if '"""###' in text or "\\###" in text:
        sys.exit("embed_migrations.py: a text ends Swift's literal; write it otherwise")
    lines = "".join(f"{' ' * 16}{line}".rstrip() + "\n" for line in text.split("\n"))
    return f'###"""\n{lines}{" " * 16}"""###'


def entry(version, name, up, down):
    checksum = hashlib.sha256(up.encode()).hexdigest()
    return f"""\
        SchemaMigration(
            version: {version}, name: "{name}",
            checksum: "{checksum}",
            up: {literal(up)},
            down: {literal(down)})"""


def generated():
    entries = []
    for file in sorted(MIGRATIONS.glob("*.up.sql")):
        found = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.up\.sql", file.name)
        if not found or int(found[1]) != len(entries) + 1:
            sys.exit(f"embed_migrations.py: {file.name} isn't number {len(entries) + 1}")
        down = file.with_name(file.name.replace(".up.sql", ".down.sql"))
        texts = (each.read_text(encoding="utf-8") for each in (file, down))
        entries.append(entry(len(entries) + 1, found[2], *texts))
    # As swift format has it: a comma behind the last one, unless it is the only one.
    last = ",\n" if len(entries) > 1 else "\n"
    return HEAD + ",\n".join(entries) + last + "    ]\n}\n"


def main():
    text = generated()
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            sys.exit(f"{TARGET.relative_to(ROOT)} is old: run python3 ops/lib/embed_migrations.py")
        return
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
